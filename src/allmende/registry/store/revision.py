"""The number of the state of the record, which grows with every change of what is shown, and where the change was."""

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from allmende.registry.store.tables import revision, subjects


def number(connection: Connection) -> int:
    """Return the number of the state that this connection sees."""
    return int(connection.execute(select(revision.c.number)).scalar_one())


def of_subject(connection: Connection, subject: str) -> int | None:
    """Return the number of the state in which this subject was changed last; None when there is no such subject."""
    return connection.execute(select(subjects.c.revision).where(subjects.c.id == subject)).scalar()


def of_subjects(connection: Connection) -> Mapping[str, int]:
    """Return for every subject the number of the state in which it was changed last."""
    return {row.id: row.revision for row in connection.execute(select(subjects.c.id, subjects.c.revision))}


def advance(connection: Connection, subject: str | None = None) -> None:
    """Give the state that this transaction leaves, in which the subject is changed, if any, a number of its own.

    The row is locked until the end of the transaction, so numbers grow in the order of the changes.
    """
    changed = update(revision).values(number=revision.c.number + 1).returning(revision.c.number)
    number_ = connection.execute(changed).scalar_one()
    if subject is not None:
        connection.execute(update(subjects).where(subjects.c.id == subject).values(revision=number_))
