"""Tell of incidents and maintenance: begin, say more, publish, end, withdraw, and learn from them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import KeptError, UnknownNameError, UsageError
from allmende.operations.model.status import Incident, PostMortem, Update
from allmende.operations.rules.notices import Notice, notices
from allmende.operations.rules.saying import said
from allmende.operations.rules.stated import is_maintenance, phase_at
from allmende.operations.rules.wording import nameable, placed, sayable
from allmende.operations.run.pages import required
from allmende.operations.store import incidents, pages
from allmende.storage.database import Database

MOST_UPDATES = 1000


def between(
    database: Database, cloud: str, since: datetime | None, until: datetime | None, *, drafts: bool
) -> tuple[Incident, ...]:
    """Return the incidents that went on at some time between two moments, the newest first."""
    with database.reading() as connection:
        required(connection, cloud)
        found = incidents.between(connection, cloud, since, until)
    return tuple(each for each in found if _is_seen(each, drafts=drafts))


def to_tell(database: Database, now: datetime) -> Iterator[tuple[str, Notice]]:
    """Yield what subscribers are to be told now, and were perhaps told before, with the cloud that it is about."""
    with database.reading() as connection:
        for page in pages.all_pages(connection):
            told = incidents.between(connection, page.cloud)
            yield from ((page.cloud, notice) for notice in notices(told, now))


def one(database: Database, cloud: str, id_: UUID, *, drafts: bool) -> Incident:
    """Return an incident; UnknownNameError when there is none that may be seen."""
    with database.reading() as connection:
        required(connection, cloud)
        return _one(connection, cloud, id_, drafts=drafts)


def begin(database: Database, incident: Incident, now: datetime) -> Incident:
    """Store a new incident; where its phase is not said, it follows from when the incident is."""
    with database.writing() as connection:
        required(connection, incident.cloud, locked=True)
        newest = pages.phases_of(connection, incident.cloud)[-1]
        made = incident if incident.phase is not None else replace(incident, phase=phase_at(incident, newest, now))
        _check(connection, made)
        made = said(made, None, pages.severities_of(connection, incident.cloud), now)
        incidents.put(connection, made)
    return made


def change(
    database: Database, cloud: str, id_: UUID, changed: Callable[[Incident], Incident], now: datetime
) -> Incident:
    """Change an incident; one that ends without saying its phase is in the last."""
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        before = _one(connection, cloud, id_, drafts=True)
        after = changed(before)
        if after.ended_at is not None and before.ended_at is None and after.phase == before.phase:
            after = replace(after, phase=phase_at(after, pages.phases_of(connection, cloud)[-1], after.ended_at))
        _check(connection, after)
        after = said(after, before, pages.severities_of(connection, cloud), now)
        incidents.put(connection, after)
    return after


def publish(incident: Incident, now: datetime) -> Incident:
    """Return the incident as everybody may read it; since when does not change by saying so again."""
    return incident if incident.published_at is not None else replace(incident, published_at=now)


def remove(database: Database, cloud: str, id_: UUID, now: datetime) -> None:
    """Delete a draft; what was published is withdrawn, and that it was stays to be seen.

    A draft that an alarm became is withdrawn as well, so that the alarm does not become another.
    """
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        found = _one(connection, cloud, id_, drafts=True)
        if found.published_at is None and found.alarm is None:
            incidents.remove(connection, id_)
        else:
            severities = pages.severities_of(connection, cloud)
            incidents.put(connection, said(replace(found, withdrawn_at=now), found, severities, now))


def end(database: Database, cloud: str, id_: UUID, at: datetime, now: datetime) -> None:
    """Say that an incident is over; UsageError when it was before."""

    def ended(incident: Incident) -> Incident:
        if incident.ended_at is not None and incident.ended_at <= now:
            raise UsageError(
                "The incident is over already.", hint=f"It ended at {incident.ended_at:%Y-%m-%d %H:%M} UTC."
            )
        return replace(incident, ended_at=at)

    change(database, cloud, id_, ended, now)


def say(database: Database, cloud: str, id_: UUID, words: tuple[str, str], at: datetime, now: datetime) -> Update:
    """Say more of an incident: what is new, in few words and in more. Updates are in the order of being said."""
    made: list[Update] = []

    def more(incident: Incident) -> Incident:
        if len(incident.updates) >= MOST_UPDATES:
            raise UsageError(f"An incident has {MOST_UPDATES} updates at most.", hint="Begin another incident.")
        if at > now:
            raise UsageError("An update is of no later moment than now.", hint="Leave the moment out.")
        order = incident.updates[-1].order + 1 if incident.updates else 0
        name, description = words
        made.append(Update(order=order, name=name, description=description, created_at=at, said_at=now))
        return replace(incident, updates=(*incident.updates, *made))

    change(database, cloud, id_, more, now)
    return made[0]


def say_differently(database: Database, cloud: str, id_: UUID, update: Update, now: datetime) -> None:
    """Put an update of a draft in the place of the one of this order; KeptError when it is public."""

    def changed(incident: Incident) -> Incident:
        _check_draft(incident, update.order)
        rest = [each for each in incident.updates if each.order != update.order]
        return replace(incident, updates=tuple(sorted([*rest, update], key=lambda each: each.order)))

    change(database, cloud, id_, changed, now)


def unsay(database: Database, cloud: str, id_: UUID, order: int, now: datetime) -> None:
    """Remove an update of a draft; KeptError when it is public."""

    def changed(incident: Incident) -> Incident:
        _check_draft(incident, order)
        return replace(incident, updates=tuple(each for each in incident.updates if each.order != order))

    change(database, cloud, id_, changed, now)


def update_of(incident: Incident, order: int) -> Update:
    """Return the update of this order; UnknownNameError when there is none."""
    for update in incident.updates:
        if update.order == order:
            return update
    raise UnknownNameError(f"The incident has no update {order}.", hint=f"It has {len(incident.updates)} updates.")


def learn(database: Database, cloud: str, id_: UUID, post_mortem: PostMortem, now: datetime) -> None:
    """Close an incident with what was learnt; UsageError while it goes on."""

    def closed(incident: Incident) -> Incident:
        if incident.ended_at is None or incident.ended_at > now:
            raise UsageError("The incident is not over.", hint="End it first: allmende status end")
        return replace(incident, post_mortem=post_mortem)

    change(database, cloud, id_, closed, now)


def _check_draft(incident: Incident, order: int) -> None:
    """Raise KeptError where an update is public."""
    update_of(incident, order)
    if incident.published_at is not None:
        raise KeptError("What was published stays.", hint="Say what is right in a further update.")


def _is_seen(incident: Incident, *, drafts: bool) -> bool:
    return incident.is_public or (drafts and incident.withdrawn_at is None)


def _one(connection: Connection, cloud: str, id_: UUID, *, drafts: bool) -> Incident:
    found = incidents.one(connection, cloud, id_)
    if found is None or not _is_seen(found, drafts=drafts):
        raise UnknownNameError(f"There is no incident {id_}.", hint="See the incidents of the status page.")
    return found


def _check(connection: Connection, incident: Incident) -> None:
    """Raise UsageError where an incident says what cannot be."""
    nameable("An incident", incident.name)
    sayable(incident.description, *(text for each in incident.updates for text in (each.name, each.description)))
    for moment in (incident.began_at, incident.ended_at, *(each.created_at for each in incident.updates)):
        if moment is not None:
            placed(moment)
    if incident.ended_at is not None and incident.ended_at < incident.began_at:
        raise UsageError("The incident ends before it begins.", hint="Compare the two moments, and their time zones.")
    if is_maintenance(incident) and incident.ended_at is None:
        raise UsageError("Maintenance has an end.", hint="Say until when, or a severity above 25.")
    _check_impacts(connection, incident)
    if incident.phase is not None:
        lists = {each.generation: each.names for each in pages.phases_of(connection, incident.cloud)}
        if not 0 <= incident.phase.order < len(lists.get(incident.phase.generation, ())):
            raise UsageError("There is no such phase.", hint="They are listed at …/phases, by generation.")


def _check_impacts(connection: Connection, incident: Incident) -> None:
    known = {each.id for each in pages.components_of(connection, incident.cloud)}
    types = {each.id for each in pages.impact_types_of(connection, incident.cloud)}
    for impact in incident.affects:
        if impact.component not in known:
            raise UsageError(f"There is no component {impact.component}.", hint="They are listed at …/components.")
        if impact.type not in types:
            raise UsageError(f"There is no impact type {impact.type}.", hint="They are listed at …/impacttypes.")
        if not 0 <= impact.severity <= 100:
            raise UsageError(f"{impact.severity} is no severity.", hint="It is from 0 to 100.")
