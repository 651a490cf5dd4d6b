"""Let alarms of the health monitor become incidents, as the status page of their cloud wants it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from allmende.operations.model.status import (
    Automatic,
    Impact,
    ImpactType,
    Incident,
    Noticed,
    StatusPage,
    Update,
)
from allmende.operations.rules.defaults import IMPACT_TYPES, SEVERITIES
from allmende.operations.rules.saying import said
from allmende.operations.rules.stated import is_active, phase_at
from allmende.operations.run.pages import component_of
from allmende.operations.store import incidents, pages
from allmende.printable import printable
from allmende.storage.database import Database

_FAILS = next(iter(IMPACT_TYPES))
_LIMITED = SEVERITIES[1].value


def noticed(database: Database, alarms: Iterable[Noticed], now: datetime) -> None:
    """Begin and end incidents as alarms did. Where somebody tells of the component already, none begins."""
    found = list(alarms)
    with database.writing() as connection:
        for cloud in sorted({each.cloud for each in found}):
            page = pages.page_of(connection, cloud, locked=True)
            for each in found:
                if page is not None and each.cloud == cloud:
                    _noticed(connection, page, each, now)


def _noticed(connection: Connection, page: StatusPage, seen: Noticed, now: datetime) -> None:
    known = incidents.of_alarm(connection, seen.alarm)
    if known is not None:
        if seen.ended_at is not None and known.ended_at is None and known.withdrawn_at is None:
            incidents.put(connection, _ended(connection, known, seen.ended_at, now))
    elif page.automatic is not Automatic.OFF and seen.ended_at is None:
        component = component_of(connection, page.cloud, seen.service).id
        told = [each for each in incidents.between(connection, page.cloud, now) if is_active(each, now)]
        of_it = [each for each in told if component in {impact.component for impact in each.affects}]
        if any(each.is_public or (each.alarm is not None and each.withdrawn_at is None) for each in of_it):
            return
        seen_lines = "\n".join(map(printable, seen.evidence))
        made = Incident(
            id=uuid4(),
            cloud=page.cloud,
            name=f"{seen.service} fails",
            description=printable(seen.said),
            affects=(Impact(type=_fails(connection, page.cloud), component=component, severity=_LIMITED),),
            began_at=seen.began_at,
            published_at=now if page.automatic is Automatic.PUBLISHED else None,
            alarm=seen.alarm,
            measured_from=seen.began_at,
            updates=(
                Update(order=0, name="Seen by the health monitor", description=seen_lines, created_at=now, said_at=now),
            ),
        )
        newest = pages.phases_of(connection, page.cloud)[-1]
        incidents.put(
            connection,
            said(
                replace(made, phase=phase_at(made, newest, now)), None, pages.severities_of(connection, page.cloud), now
            ),
        )


def _ended(connection: Connection, incident: Incident, at: datetime, now: datetime) -> Incident:
    order = incident.updates[-1].order + 1 if incident.updates else 0
    name = "The health monitor sees no failure any more"
    word = Update(order=order, name=name, description="", created_at=at, said_at=now)
    over = replace(incident, ended_at=max(at, incident.began_at), updates=(*incident.updates, word))
    newest = pages.phases_of(connection, incident.cloud)[-1]
    over = replace(over, phase=phase_at(over, newest, now))
    return said(over, incident, pages.severities_of(connection, incident.cloud), now)


def _fails(connection: Connection, cloud: str) -> UUID:
    known = pages.impact_types_of(connection, cloud)
    for impact_type in known:
        if impact_type.name == _FAILS:
            return impact_type.id
    made = ImpactType(id=uuid4(), cloud=cloud, name=_FAILS, description=IMPACT_TYPES[_FAILS])
    pages.put_impact_type(connection, made)
    return made.id
