"""Decide what a status page says of a component at a moment and on a day, and whether that is what was measured."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from allmende.operations.model.status import Day, Impact, Incident, PhaseReference, Phases, Severity, Statement

MAINTENANCE = 25
"""An incident whose impacts are all of at most this severity is maintenance."""
DISTURBED = 0.005
"""A day is disturbed when a larger part of its iterations failed, and not only one or two."""

MISTAKEN = timedelta(days=1)
"""What is withdrawn so soon after its first word was a mistake, and no incident."""

_FEWEST_FAILED = 3


class Verdict(StrEnum):
    """How what was said of a component on a day compares with what was measured."""

    AGREES = "agrees"
    HUSHED = "hushed"
    """Failures were measured, and nothing was said."""
    UNSEEN = "unseen"
    """An incident was said, and no failure was measured."""
    MAINTENANCE = "maintenance"
    """Failures were measured, and maintenance was said; it counts neither way."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A day of a component: the worst impact that was said in time (None for none), and what was measured."""

    day: date
    stated: Impact | None
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


def is_maintenance(told: Incident | Statement) -> bool:
    """Tell whether it only interrupts on purpose."""
    return bool(told.affects) and all(impact.severity <= MAINTENANCE for impact in told.affects)


def is_active(told: Incident | Statement, at: datetime) -> bool:
    """Tell whether it goes on at that moment."""
    return told.began_at <= at and (told.ended_at is None or told.ended_at > at)


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


def impact_at(component: UUID, incidents: Iterable[Incident], at: datetime) -> Impact | None:
    """Return the worst impact that public incidents have on a component then; None for none."""
    return _worst({component}, (each for each in incidents if each.is_public and is_active(each, at)))


def named(severity: int, severities: Sequence[Severity]) -> str:
    """Return the name of a severity, or its number where none fits."""
    fitting = [each for each in severities if each.value >= severity]
    return min(fitting, key=lambda each: each.value).name if fitting else str(severity)


def compared(
    components: Collection[UUID],
    incidents: Sequence[Incident],
    measured: Mapping[date, Day],
    days: Sequence[date],
    now: datetime,
) -> tuple[Compared, ...]:
    """Return the days of a service that is these components, in their order.

    Of each day counts what was public at the end of the day after; what is said later does not mend it.
    """
    return tuple(_compared(components, incidents, measured.get(day), day, now) for day in days)


def conduct(incidents: Iterable[Incident], days: Iterable[Compared], now: datetime) -> Conduct:
    """Return the figures of what was said; drafts and announced maintenance do not count as incidents."""
    told = [each for each in incidents if _counts(each)]
    over = [each for each in told if each.ended_at is not None and each.ended_at <= now]
    judged = [day for day in days if day.verdict not in (Verdict.NOT_MEASURED, Verdict.MAINTENANCE)]
    waits = [first_word(each)[1].total_seconds() for each in told]
    return Conduct(
        incidents=len(told),
        first_word=timedelta(seconds=median(waits)) if waits else None,
        over=len(over),
        post_mortems=sum(each.post_mortem is not None for each in over),
        compared=len(judged),
        agreeing=sum(day.verdict is Verdict.AGREES for day in judged),
    )


def first_word(incident: Incident) -> tuple[datetime, timedelta]:
    """Return when everybody could first read that a public incident has begun, and how long after its beginning.

    It began when it was measured, or at the earliest moment that was ever said since. One that was announced and has
    not begun did not let anybody wait.
    """
    begun = [each for each in incident.statements if each.began_at <= each.said_at]
    if not begun:
        return incident.statements[0].said_at, timedelta(0)
    beginnings = [each.began_at for each in begun]
    began = min(beginnings if incident.measured_from is None else [*beginnings, incident.measured_from])
    announced = [each for each in incident.statements if each.said_at <= began and is_active(each, began)]
    first = (announced or begun)[0].said_at
    return first, max(first - began, timedelta(0))


def _counts(incident: Incident) -> bool:
    """Tell whether it was ever an incident, or maintenance of which nobody was told before; not what was a mistake."""
    told = incident.statements
    if not told or (told[-1].is_withdrawn and told[-1].said_at - told[0].said_at <= MISTAKEN):
        return False
    is_announced = told[0].said_at <= told[0].began_at
    return not (is_announced and all(map(is_maintenance, told)))


def _compared(
    components: Collection[UUID], incidents: Iterable[Incident], measured: Day | None, day: date, now: datetime
) -> Compared:
    since = datetime.combine(day, time(), UTC)
    until, late = since + timedelta(days=1), since + timedelta(days=2)
    in_time = (_public_before(each, late) for each in incidents)
    stated = _worst(
        components,
        (
            told
            for told in in_time
            if told is not None
            and not told.is_withdrawn
            and told.began_at < min(until, now)
            and (told.ended_at is None or told.ended_at > since)
        ),
    )
    return Compared(day=day, stated=stated, measured=measured, verdict=_verdict(stated, measured))


def _verdict(stated: Impact | None, measured: Day | None) -> Verdict:
    if measured is None or not measured.tried:
        return Verdict.NOT_MEASURED
    is_planned = stated is not None and stated.severity <= MAINTENANCE
    if measured.failed >= _FEWEST_FAILED and measured.failed > DISTURBED * measured.tried:
        return Verdict.MAINTENANCE if is_planned else Verdict.AGREES if stated else Verdict.HUSHED
    return Verdict.UNSEEN if stated and not is_planned and not measured.failed else Verdict.AGREES


def _public_before(incident: Incident, moment: datetime) -> Statement | None:
    return next((each for each in reversed(incident.statements) if each.said_at < moment), None)


def _worst(components: Collection[UUID], told: Iterable[Incident | Statement]) -> Impact | None:
    impacts = (impact for each in told for impact in each.affects if impact.component in components)
    return max(impacts, key=lambda impact: impact.severity, default=None)
