"""Iterations of the health monitor, and their samples."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "health_iterations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("overhead", sa.Float, nullable=False),
        sa.Column("lag", sa.Float, nullable=False),
        sa.Column("left", sa.JSON, nullable=False),
    )
    op.create_index("ix_health_iterations_cloud", "health_iterations", ["cloud", "began_at"])
    op.create_index("ix_health_iterations_began_at", "health_iterations", ["began_at"])
    op.create_table(
        "health_samples",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("iteration", sa.Uuid, sa.ForeignKey("health_iterations.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("ix_health_samples_iteration", "health_samples", ["iteration"])
