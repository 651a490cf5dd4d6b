"""Passwords, sessions, invitations and identities, by which people sign in."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)

    def of_account(*, is_key: bool = False) -> sa.Column[str]:
        account = sa.ForeignKey("accounts.name")
        return sa.Column("account", sa.Text, account, primary_key=is_key, nullable=False, index=not is_key or None)

    op.create_table(
        "passwords",
        of_account(is_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_at", moment, nullable=True),
    )
    op.create_table(
        "sessions",
        sa.Column("key", sa.Text, primary_key=True),
        of_account(),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("key", sa.Text, primary_key=True),
        of_account(),
        sa.Column("ends_at", moment, nullable=False),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("sub", sa.Text, primary_key=True),
        of_account(),
    )
