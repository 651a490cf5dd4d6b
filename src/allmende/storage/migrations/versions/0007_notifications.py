"""What happened, who wants to be told of it, and what was told."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=True),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, index=True),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subscription", sa.Uuid, sa.ForeignKey("subscriptions.id"), nullable=False, index=True),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
