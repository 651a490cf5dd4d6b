"""Run the migrations on the connection, and in the transaction, of the caller."""  # noqa: INP001 -- alembic runs this file by its path

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
