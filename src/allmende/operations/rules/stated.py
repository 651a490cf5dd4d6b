"""Decide what a status page says of a component at a moment and on a day, and whether that is what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from allmende.operations.model.status import Component, Day, Incident, PhaseReference, Phases, Severity

MAINTENANCE = 25
"""An incident whose impacts are all of at most this severity is maintenance."""
DISTURBED = 0.005
"""A day is disturbed when a larger part of its iterations failed, and not only one or two."""

_FEWEST_FAILED = 3


class Verdict(StrEnum):
    """How what was said of a component on a day compares with what was measured."""

    AGREES = "agrees"
    HUSHED = "hushed"
    """Failures were measured, and nothing was said."""
    UNSEEN = "unseen"
    """Something was said, and no failure was measured."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A day of a component: the worst severity that was said (0 for none), and what was measured."""

    day: date
    stated: int
    measured: Day | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a provider tells of incidents: of `incidents`, how long until the first public word, and post-mortems.

    `agreeing` of the `compared` days of components were as the page said. Without any, a figure is None.
    """

    incidents: int
    first_word: timedelta | None
    over: int
    post_mortems: int
    compared: int
    agreeing: int

    @property
    def agreement(self) -> float | None:
        """Which part of the days was as the page said."""
        return self.agreeing / self.compared if self.compared else None


def is_maintenance(incident: Incident) -> bool:
    """Tell whether it only interrupts on purpose."""
    return bool(incident.affects) and all(impact.severity <= MAINTENANCE for impact in incident.affects)


def is_active(incident: Incident, at: datetime) -> bool:
    """Tell whether it goes on at that moment."""
    return incident.began_at <= at and (incident.ended_at is None or incident.ended_at > at)


def phase_at(incident: Incident, phases: Phases, at: datetime) -> PhaseReference:
    """Return the phase that follows from when it is: the first before it, the last after it, else the second."""
    last = len(phases.names) - 1
    order = 0 if incident.began_at > at else min(1, last) if is_active(incident, at) else last
    return PhaseReference(generation=phases.generation, order=order)


def phase_name(incident: Incident, phases: Phases, at: datetime) -> str:
    """Return the name of its phase; one that nobody changed since it was announced is not said of what goes on."""
    if incident.phase is None or (incident.phase.order == 0 and is_active(incident, at)):
        return ""
    is_over = incident.ended_at is not None and incident.ended_at <= at
    return phases.names[-1 if is_over else incident.phase.order]


def severity_at(component: UUID, incidents: Iterable[Incident], at: datetime) -> int:
    """Return the worst severity that public incidents give a component then; 0 for none."""
    active = (each for each in incidents if each.is_public and is_active(each, at))
    impacts = (impact for each in active for impact in each.affects if impact.component == component)
    return max((impact.severity for impact in impacts), default=0)


def named(severity: int, severities: Sequence[Severity]) -> str:
    """Return the name of a severity, or its number where none fits."""
    fitting = [each for each in severities if each.value >= severity]
    return min(fitting, key=lambda each: each.value).name if fitting else str(severity)


def compared(
    component: Component,
    incidents: Sequence[Incident],
    measured: Mapping[date, Day],
    days: Sequence[date],
    now: datetime,
) -> tuple[Compared, ...]:
    """Return the days of a component, in their order; only what was public on the day, or the day after, counts."""
    return tuple(_compared(component, incidents, measured.get(day), day, now) for day in days)


def conduct(incidents: Iterable[Incident], days: Iterable[Compared]) -> Conduct:
    """Return the figures of what was said; maintenance and drafts do not count as incidents."""
    told = [each for each in incidents if each.is_public and not is_maintenance(each)]
    over = [each for each in told if each.ended_at is not None]
    judged = [day for day in days if day.verdict is not Verdict.NOT_MEASURED]
    waits = [first_word(each) for each in told]
    return Conduct(
        incidents=len(told),
        first_word=timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None,
        over=len(over),
        post_mortems=sum(each.post_mortem is not None for each in over),
        compared=len(judged),
        agreeing=sum(day.verdict is Verdict.AGREES for day in judged),
    )


def first_word(incident: Incident) -> timedelta:
    """Return how long after its beginning, as it was measured or else said, everybody could read of it."""
    if incident.published_at is None:
        raise ValueError(f"incident {incident.id} is not public")
    return max(incident.published_at - (incident.measured_from or incident.began_at), timedelta(0))


def _compared(
    component: Component, incidents: Iterable[Incident], measured: Day | None, day: date, now: datetime
) -> Compared:
    since = datetime.combine(day, time(), UTC)
    until, late = since + timedelta(days=1), since + timedelta(days=2)
    stated = max(
        (
            impact.severity
            for each in incidents
            if each.is_public and each.began_at < min(until, now) and (each.ended_at is None or each.ended_at > since)
            for impact in each.affects
            if impact.component == component.id and impact.said_at is not None and impact.said_at < late
        ),
        default=0,
    )
    if measured is None or not measured.tried:
        verdict = Verdict.NOT_MEASURED
    elif measured.failed >= _FEWEST_FAILED and measured.failed > DISTURBED * measured.tried:
        verdict = Verdict.AGREES if stated else Verdict.HUSHED
    else:
        is_unseen = stated > MAINTENANCE and not measured.failed
        verdict = Verdict.UNSEEN if is_unseen else Verdict.AGREES
    return Compared(day=day, stated=stated, measured=measured, verdict=verdict)
