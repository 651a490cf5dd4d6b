"""The queue of what is done in the background: procrastinate's tables, on PostgreSQL only."""  # noqa: INP001 -- alembic runs this file by its path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create what procrastinate brings; another release of it needs a migration of its own."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    from procrastinate.schema import SchemaManager  # only where there is PostgreSQL

    bind.connection.cursor().execute(SchemaManager.get_schema())
