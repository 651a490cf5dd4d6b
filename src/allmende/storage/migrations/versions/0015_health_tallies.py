"""What the samples of the health monitor say together, by stretches of time, and what was seen last."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "health_series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.UniqueConstraint("cloud", "of", "service", "what", "region", "vantage", name="uq_health_series"),
    )
    op.create_table(
        "health_tallies",
        sa.Column("series", sa.Integer, sa.ForeignKey("health_series.id"), primary_key=True),
        sa.Column("grain", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("tried", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("blind", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("durations", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "health_standings",
        sa.Column("cloud", sa.Text, primary_key=True),
        sa.Column("scenario", sa.Text, primary_key=True),
        sa.Column("vantage", sa.Text, primary_key=True),
        sa.Column("iteration", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_health_iterations_state", "health_iterations", ["cloud", "state", "began_at"])
