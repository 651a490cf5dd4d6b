"""Which state of the record a subject was changed last in, and its newest reports without sorting all of them."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("subjects", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_reports_newest", "reports", ["subject", "finished_at"])
