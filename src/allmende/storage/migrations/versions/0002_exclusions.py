"""Which testcases of a report were declared as knowingly left as they are."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "exclusions",
        sa.Column("report", sa.Uuid, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("testcase", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expires", sa.Date, nullable=False),
    )
