"""Alarms of the health monitor, what is told of them, and mutes; more of an event."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the tables, and the column."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "health_alarms",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("newest", sa.JSON, nullable=False),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("reminders", sa.Integer, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
    )
    op.create_index("ix_health_alarms_cause", "health_alarms", ["cloud", "trouble", "what", "ended_at"])
    op.create_table(
        "health_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("alarm", sa.JSON, nullable=False),
        sa.Column("passed_on", sa.Boolean, nullable=False),
    )
    op.create_index("ix_health_messages_passed_on", "health_messages", ["passed_on"])
    op.create_table(
        "health_mutes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cloud", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
    )
    op.add_column("events", sa.Column("more", sa.JSON, nullable=True))
