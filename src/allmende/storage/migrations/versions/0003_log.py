"""The transparency log, and the verdicts that stand."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables. What is in the record already is appended when the registry starts."""
    op.create_table(
        "log_entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("report", sa.Uuid, sa.ForeignKey("reports.id"), nullable=True, unique=True),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    size = op.create_table("log_size", sa.Column("size", sa.Integer, nullable=False))
    op.bulk_insert(size, [{"size": 0}])
    op.create_table(
        "standing_verdicts",
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
        sa.Column("scope", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
