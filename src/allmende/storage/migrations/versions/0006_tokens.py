"""Tokens with an id, a name, scopes and an end, kept as argon2id."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table anew. Tokens that were made before go on, known by their digest as they were."""
    moment = sa.DateTime(timezone=True)
    before = sa.table(
        "tokens", sa.column("digest", sa.Text), sa.column("account", sa.Text), sa.column("added_at", moment)
    )
    earlier = op.get_bind().execute(sa.select(before)).all()
    op.drop_table("tokens")
    tokens = op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    )
    rows = [
        {
            "id": digest[:16],
            "account": account,
            "name": "made before tokens had names",
            "scopes": ["decide", "read", "submit"],
            "hash": f"sha256:{digest}",
            "made_at": added_at,
        }
        for digest, account, added_at in earlier
    ]
    if rows:
        op.get_bind().execute(sa.insert(tokens), rows)
