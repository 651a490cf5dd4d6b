"""Status pages: components, impact types, severities, phases, incidents and their updates."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "operations_pages",
        sa.Column("cloud", sa.Text, primary_key=True),
        sa.Column("automatic", sa.Text, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
    )
    op.create_table(
        "operations_components",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
    )
    op.create_index("ix_operations_components_cloud", "operations_components", ["cloud"])
    op.create_table(
        "operations_impact_types",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
    )
    op.create_index("ix_operations_impact_types_cloud", "operations_impact_types", ["cloud"])
    op.create_table(
        "operations_severities",
        sa.Column("cloud", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.create_table(
        "operations_phases",
        sa.Column("cloud", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True),
        sa.Column("names", sa.JSON, nullable=False),
    )
    op.create_table(
        "operations_incidents",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("affects", sa.JSON, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("phase", sa.JSON, nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("alarm", sa.Uuid, nullable=True),
        sa.Column("measured_from", moment, nullable=True),
        sa.Column("post_mortem", sa.JSON, nullable=True),
        sa.Column("statements", sa.JSON, nullable=False),
    )
    op.create_index("ix_operations_incidents_cloud", "operations_incidents", ["cloud", "began_at"])
    op.create_index("ix_operations_incidents_alarm", "operations_incidents", ["alarm"], unique=True)
    op.create_table(
        "operations_updates",
        sa.Column("incident", sa.Uuid, sa.ForeignKey("operations_incidents.id"), primary_key=True),
        sa.Column("order", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("said_at", moment, nullable=False),
    )
