"""The rows of subjects."""

from sqlalchemy import Connection, RowMapping, insert, select, update

from allmende.registry.model.record import Subject
from allmende.registry.store import revision
from allmende.registry.store.tables import subjects


def put(connection: Connection, subject: Subject) -> None:
    """Store a subject, or the new face of one that is there."""
    row = {
        "id": subject.id,
        "name": subject.name,
        "operator": subject.operator,
        "description": subject.description,
        "group_title": subject.group,
        "url": subject.url,
        "health_url": subject.health_url,
        "country": subject.country,
    }
    if connection.execute(update(subjects).where(subjects.c.id == subject.id).values(row)).rowcount == 0:
        connection.execute(insert(subjects).values(row))
    revision.advance(connection, subject.id)


def find(connection: Connection, id_: str) -> Subject | None:
    """Return the subject with this id; None when there is none."""
    row = connection.execute(select(subjects).where(subjects.c.id == id_)).mappings().one_or_none()
    return None if row is None else _subject(row)


def everyone(connection: Connection) -> tuple[Subject, ...]:
    """Return all subjects by their ids."""
    return tuple(map(_subject, connection.execute(select(subjects).order_by(subjects.c.id)).mappings()))


def _subject(row: RowMapping) -> Subject:
    return Subject(
        id=row["id"],
        name=row["name"],
        operator=row["operator"],
        description=row["description"],
        group=row["group_title"],
        url=row["url"],
        health_url=row["health_url"],
        country=row["country"],
    )
