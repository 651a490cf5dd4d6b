"""The country in which a subject stands."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column; of those that are known already, no country is."""
    op.add_column("subjects", sa.Column("country", sa.Text, nullable=False, server_default=""))
