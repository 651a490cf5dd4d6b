"""Integrators, what they refer to, and their certificates."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)

    def of(table: str, key: str, name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text, sa.ForeignKey(f"{table}.{key}"), nullable=False, index=table != "accounts")

    op.create_table(
        "integrators",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
    )
    op.create_table(
        "integrator_references",
        sa.Column("id", sa.Uuid, primary_key=True),
        of("integrators", "id", "integrator"),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=True),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=True),
        sa.Column("shown", sa.Text, nullable=False),
        of("accounts", "name", "account"),
        sa.Column("recorded_at", moment, nullable=False),
    )
    op.create_table(
        "integrator_certificates",
        sa.Column("id", sa.Uuid, primary_key=True),
        of("integrators", "id", "integrator"),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("credential", sa.Text, nullable=False),
    )
    op.create_table(
        "integrator_acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("certificate", sa.Uuid, sa.ForeignKey("integrator_certificates.id"), nullable=False, index=True),
        sa.Column("at", moment, nullable=False),
        of("accounts", "name", "account"),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
