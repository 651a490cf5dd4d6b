"""The number of the state of the record: it grows with every change of what the public table is made of."""

from sqlalchemy import Connection, select, update

from allmende.registry.store.tables import revision


def number(connection: Connection) -> int:
    """Return the number of the state that this connection sees."""
    return int(connection.execute(select(revision.c.number)).scalar_one())


def advance(connection: Connection) -> None:
    """Give the state that this transaction leaves a number of its own.

    The row is locked until the end of the transaction, so numbers grow in the order of the changes.
    """
    connection.execute(update(revision).values(number=revision.c.number + 1))
