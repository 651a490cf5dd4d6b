"""Decide what subscribers are told of a status page: every public word once, and what is still to be done each week."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allmende.operations.model.status import Incident
from allmende.operations.rules.stated import is_maintenance

LATEST = timedelta(days=1)
"""What was said longer ago is told to nobody any more."""
POST_MORTEM_WITHIN = timedelta(days=5)
"""So long after its end an incident may be without its post-mortem until somebody is reminded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence about an incident; `key` is the same for what says the same again."""

    at: datetime
    said: str
    incident: UUID
    key: str


def notices(told: Iterable[Incident], now: datetime) -> Iterator[Notice]:
    """Yield what is to be told of these incidents of a cloud now, and was perhaps told before."""
    for incident in told:
        if incident.is_public:
            fresh = (each for each in _words(incident) if now - LATEST <= each.at <= now)
            yield from sorted(fresh, key=lambda each: each.at)
            yield from _to_do(incident, now)


def _words(incident: Incident) -> Iterator[Notice]:
    """Yield each public word; what was said while it was a draft became public with it."""
    public = incident.published_at or incident.began_at
    yield _notice(incident, public, _announced(incident), "begins")
    for update in incident.updates:
        said = f"{incident.name}: {update.name}"
        yield _notice(incident, max(public, update.said_at), said, f"update {update.order}")
    if incident.ended_at is not None:
        yield _notice(incident, max(public, incident.ended_at), f"{incident.name}: it is over.", "ends")


def _announced(incident: Incident) -> str:
    if is_maintenance(incident) and incident.published_at is not None and incident.published_at < incident.began_at:
        return f"{incident.name}: maintenance from {incident.began_at:%Y-%m-%d %H:%M} UTC on."
    return incident.name


def _to_do(incident: Incident, now: datetime) -> Iterator[Notice]:
    week = "{}-W{}".format(*now.isocalendar()[:2])
    learnt = incident.post_mortem
    if learnt is None:
        ended = incident.ended_at
        if ended is not None and ended + POST_MORTEM_WITHIN <= now and not is_maintenance(incident):
            yield _notice(incident, now, f"{incident.name}: its post-mortem is not written yet.", f"to write {week}")
        return
    for number, action in enumerate(learnt.actions):
        if action.done is None and action.due < now.date():
            said = f"{incident.name}: «{action.what}» ({action.owner}) was due on {action.due}."
            yield _notice(incident, now, said, f"to do {number} {week}")


def _notice(incident: Incident, at: datetime, said: str, key: str) -> Notice:
    return Notice(at=at, said=said, incident=incident.id, key=f"incident {incident.id} {key}")
