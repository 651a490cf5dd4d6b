"""Decide what of a public incident can be said differently, and note since when each thing is said."""

from dataclasses import replace
from datetime import datetime, timedelta

from allmende.errors import KeptError
from allmende.operations.model.status import Incident

SETTLED = timedelta(days=1)
"""So long after its end it can be said differently when an incident was, and what it affected."""


def said(after: Incident, before: Incident | None, now: datetime) -> Incident:
    """Return the incident as it is kept, with since when each of its impacts is public, and that it was changed.

    `before` is what was kept; None of a new one. KeptError where the past would be told differently.
    """
    if after.published_at is None:
        return after
    if before is None or before.published_at is None:
        return replace(after, affects=tuple(replace(impact, said_at=after.published_at) for impact in after.affects))
    is_settled = before.ended_at is not None and before.ended_at + SETTLED < now
    if is_settled and (_extent(before), before.ended_at) != (_extent(after), after.ended_at):
        raise KeptError("The incident ended more than a day ago.", hint="Say what is right in an update.")
    known = {impact.component: impact for impact in before.affects}
    affects = tuple(
        replace(
            impact,
            said_at=known[impact.component].said_at
            if impact.component in known and known[impact.component].severity >= impact.severity
            else now,
        )
        for impact in after.affects
    )
    is_changed = (*_words(before), _extent(before)) != (*_words(after), _extent(after))
    return replace(after, affects=affects, changed_at=now if is_changed else after.changed_at)


def _words(incident: Incident) -> tuple[str, str]:
    return incident.name, incident.description


def _extent(incident: Incident) -> object:
    return incident.began_at, frozenset((each.component, each.type, each.severity) for each in incident.affects)
