"""The rows of incidents and their updates."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from allmende.operations.model.status import Impact, Incident, PhaseReference, PostMortem, Statement, Update
from allmende.operations.store.tables import incidents, updates

_AFFECTS = TypeAdapter(tuple[Impact, ...])
_PHASE = TypeAdapter(PhaseReference | None)
_STATEMENTS = TypeAdapter(tuple[Statement, ...])
_POST_MORTEM = TypeAdapter(PostMortem | None)
_PLAIN = (
    "id",
    "cloud",
    "name",
    "description",
    "began_at",
    "ended_at",
    "published_at",
    "withdrawn_at",
    "alarm",
    "measured_from",
)
_WORDS = ("order", "name", "description", "created_at", "said_at")


def between(
    connection: Connection, cloud: str, since: datetime | None = None, until: datetime | None = None
) -> tuple[Incident, ...]:
    """Return the incidents of a cloud that went on at some time between two moments, the newest first."""
    query = select(incidents).where(incidents.c.cloud == cloud).order_by(incidents.c.began_at.desc(), incidents.c.id)
    if since is not None:
        query = query.where(or_(incidents.c.ended_at.is_(None), incidents.c.ended_at >= since))
    if until is not None:
        query = query.where(incidents.c.began_at <= until)
    rows = connection.execute(query).mappings().all()
    said = _updates(connection, [row["id"] for row in rows])
    return tuple(_incident(row, said.get(row["id"], ())) for row in rows)


def one(connection: Connection, cloud: str, id_: UUID) -> Incident | None:
    """Return an incident of a cloud; None when there is none of this id."""
    row = (
        connection.execute(select(incidents).where(incidents.c.cloud == cloud, incidents.c.id == id_))
        .mappings()
        .first()
    )
    return None if row is None else _incident(row, _updates(connection, [id_]).get(id_, ()))


def of_alarm(connection: Connection, alarm: UUID) -> Incident | None:
    """Return the incident that an alarm became; None when it became none."""
    row = connection.execute(select(incidents).where(incidents.c.alarm == alarm)).mappings().first()
    return None if row is None else _incident(row, _updates(connection, [row["id"]]).get(row["id"], ()))


def put(connection: Connection, incident: Incident) -> None:
    """Store an incident and its updates in the place of what was known of it."""
    values = {
        **{name: getattr(incident, name) for name in _PLAIN},
        "affects": _AFFECTS.dump_python(incident.affects, mode="json"),
        "phase": _PHASE.dump_python(incident.phase, mode="json"),
        "post_mortem": _POST_MORTEM.dump_python(incident.post_mortem, mode="json"),
        "statements": _STATEMENTS.dump_python(incident.statements, mode="json"),
    }
    changed = connection.execute(update(incidents).where(incidents.c.id == incident.id).values(values))
    if not changed.rowcount:
        connection.execute(insert(incidents).values(values))
    connection.execute(delete(updates).where(updates.c.incident == incident.id))
    rows = [{"incident": incident.id, **{name: getattr(each, name) for name in _WORDS}} for each in incident.updates]
    if rows:
        connection.execute(insert(updates), rows)


def remove(connection: Connection, id_: UUID) -> None:
    """Forget an incident and its updates."""
    connection.execute(delete(updates).where(updates.c.incident == id_))
    connection.execute(delete(incidents).where(incidents.c.id == id_))


def _updates(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, tuple[Update, ...]]:
    query = select(updates).where(updates.c.incident.in_(list(ids))).order_by(updates.c.order)
    found: dict[UUID, tuple[Update, ...]] = {}
    for row in connection.execute(query).mappings():
        found[row["incident"]] = (*found.get(row["incident"], ()), Update(**{name: row[name] for name in _WORDS}))
    return found


def _incident(row: RowMapping, said: tuple[Update, ...]) -> Incident:
    return Incident(
        **{name: row[name] for name in _PLAIN},
        affects=_AFFECTS.validate_python(row["affects"]),
        phase=_PHASE.validate_python(row["phase"]),
        post_mortem=_POST_MORTEM.validate_python(row["post_mortem"]),
        statements=_STATEMENTS.validate_python(row["statements"]),
        updates=said,
    )
