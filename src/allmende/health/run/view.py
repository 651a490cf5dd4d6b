"""What is shown of clouds: all of them on one page, one of them, and one thing of it over time."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from allmende.health.model.samples import Iteration, State
from allmende.health.model.standing import Standing
from allmende.health.model.tally import Grain, Of, Series, Tally, Thing
from allmende.health.rules.changes import COMPARED, Change, change, daily, usual_p95
from allmende.health.rules.objectives import PERIOD, budget_left
from allmende.health.rules.standing import failing_since, state_now
from allmende.health.rules.statistics import Counted, Figures, by_stretch, figures
from allmende.health.rules.tallies import SPANS, start, together
from allmende.health.run.record import known
from allmende.health.run.scenarios import scenario_called
from allmende.health.store import samples, standings, tallies
from allmende.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How far back is looked, and in which stretches: what is drawn of a cloud, its steps, and one thing alone."""

    span: timedelta
    drawn: Grain
    steps: Grain
    alone: Grain


_READINGS: Mapping[str, _Reading] = {
    "6h": _Reading(span=timedelta(hours=6), drawn=Grain.FIVE_MINUTES, steps=Grain.HOUR, alone=Grain.FIVE_MINUTES),
    "24h": _Reading(span=timedelta(hours=24), drawn=Grain.HOUR, steps=Grain.HOUR, alone=Grain.FIVE_MINUTES),
    "7d": _Reading(span=timedelta(days=7), drawn=Grain.HOUR, steps=Grain.DAY, alone=Grain.HOUR),
    "30d": _Reading(span=timedelta(days=30), drawn=Grain.DAY, steps=Grain.DAY, alone=Grain.HOUR),
    "90d": _Reading(span=timedelta(days=90), drawn=Grain.DAY, steps=Grain.DAY, alone=Grain.DAY),
    "3y": _Reading(span=timedelta(days=3 * 365), drawn=Grain.THIRTY_DAYS, steps=Grain.THIRTY_DAYS, alone=Grain.DAY),
}
PERIODS = tuple(_READINGS)
"""The periods that a reader can choose, by the words of their links."""
USUAL_PERIOD = "24h"
SHOWN_DAYS = 90

_MOST_FAILED = 20
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when until when is looked at, in stretches of which grain; `name` is one of `PERIODS`."""

    name: str
    grain: Grain
    since: datetime
    until: datetime

    @property
    def stretches(self) -> tuple[datetime, ...]:
        """When the stretches begin, oldest first."""
        span = SPANS[self.grain]
        return tuple(self.since + number * span for number in range((self.until - self.since) // span + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudLine:
    """A cloud in few words: how it stands, the last 24 hours, the usual, and the last 90 days by day.

    `requests` are all that were sent; `usual_p95` is what 95 in 100 took at most in the four weeks before.
    """

    name: str
    state: State | None
    newest: Standing
    today: Figures
    requests: Figures
    usual_p95: float | None
    quarter: Figures
    days: tuple[tuple[datetime, Tally | None], ...]
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One service, API or step in a period: its figures, the usual, how it went by stretch, and what changed."""

    service: str
    what: str
    figures: Figures
    usual_p95: float | None
    stretches: tuple[tuple[datetime, Tally | None], ...]
    change: Change | None = None
    budget: float | None = None
    """Of a service: which part of what may fail in 30 days is left; less than 0 when more failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudView:
    """A cloud in a period. `failed` are the newest iterations that failed, with the steps that did not work.

    `steps` may be counted from a little earlier, in longer stretches: from `steps_since` on.
    """

    name: str
    state: State | None
    failing_since: datetime | None
    standings: tuple[Standing, ...]
    period: Period
    scenarios: tuple[Line, ...]
    services: tuple[Line, ...]
    apis: tuple[Line, ...]
    steps: tuple[Line, ...]
    steps_since: datetime
    failed: tuple[Iteration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The clouds on the same scenario in a period: each step with what it took and how often it worked on each cloud.

    `whole` are the figures of whole iterations; `steps` in the scenario's order, each with a cell per cloud.
    """

    scenario: str
    clouds: tuple[str, ...]
    whole: tuple[Figures, ...]
    steps: tuple[tuple[str, tuple[Figures, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingView:
    """One step or kind of request of a cloud over time, from all vantage points together."""

    cloud: str
    thing: Thing
    line: Line
    period: Period
    vantages: tuple[str, ...]
    failed: tuple[Iteration, ...]


def period_called(name: str, now: datetime) -> Period:
    """Return the period until now with this name, or the usual one where there is none."""
    chosen = name if name in _READINGS else USUAL_PERIOD
    return _period(chosen, _READINGS[chosen].drawn, now)


def point_period(name: str, now: datetime) -> Period:
    """Return the same in as many stretches as a picture of one thing can show."""
    chosen = name if name in _READINGS else USUAL_PERIOD
    return _period(chosen, _READINGS[chosen].alone, now)


def _period(name: str, grain: Grain, now: datetime) -> Period:
    return Period(name=name, grain=grain, since=start(now - _READINGS[name].span, grain), until=now)


def overview(database: Database, now: datetime) -> tuple[CloudLine, ...]:
    """Return every cloud of which something was measured, by name."""
    quarter = start(now - (SHOWN_DAYS - 1) * _DAY, Grain.DAY)
    with database.reading() as connection:
        seen = standings.everything(connection)
        days = (
            *tallies.since(connection, Grain.DAY, quarter, of=(Of.ITERATIONS,), counts_only=True),
            *tallies.since(connection, Grain.DAY, now - COMPARED - _DAY, of=(Of.REQUESTS,)),
        )
        hours = (
            *tallies.since(connection, Grain.HOUR, now - _DAY, of=(Of.ITERATIONS,), counts_only=True),
            *tallies.since(connection, Grain.HOUR, now - _DAY, of=(Of.REQUESTS,)),
        )
    of_days, of_hours = _by_cloud(days), _by_cloud(hours)
    found: dict[str, list[Standing]] = {}
    for standing in seen:
        found.setdefault(standing.cloud, []).append(standing)
    return tuple(
        _cloud_line(name, each, of_days.get(name, ()), of_hours.get(name, ()), now) for name, each in found.items()
    )


def state(database: Database, cloud: str | None) -> Hashable:
    """Return what changes whenever something new is known of a cloud, or of any."""
    with database.reading() as connection:
        seen = standings.everything(connection, cloud)
    return tuple((standing.cloud, standing.iteration) for standing in seen)


def in_brief(database: Database, now: datetime) -> Mapping[str, tuple[State | None, Figures]]:
    """Return how each cloud stands, and the figures of its iterations of the last 24 hours."""
    with database.reading() as connection:
        seen = standings.everything(connection)
        hours = _by_cloud(tallies.since(connection, Grain.HOUR, now - _DAY, of=(Of.ITERATIONS,), counts_only=True))
    return {
        name: (
            state_now([standing for standing in seen if standing.cloud == name], now),
            figures(together(tally for _, _, tally in hours.get(name, ()))),
        )
        for name in {standing.cloud for standing in seen}
    }


def cloud_view(database: Database, cloud: str, period: Period) -> CloudView:
    """Return what was seen of a cloud in a period; UnknownNameError when nothing ever was."""
    now = period.until
    drawn = (Of.SCENARIO, Of.SERVICE, Of.API)
    of_steps = _period(period.name, _READINGS[period.name].steps, now)
    with database.reading() as connection:
        known(connection, cloud)
        seen = standings.everything(connection, cloud)
        found = tallies.since(connection, period.grain, period.since, of=drawn, cloud=cloud)
        steps = tallies.since(connection, of_steps.grain, of_steps.since, of=(Of.STEP,), cloud=cloud)
        before = tallies.since(connection, Grain.DAY, now - COMPARED - 7 * _DAY, of=(*drawn, Of.STEP), cloud=cloud)
        failed = samples.failed(connection, cloud, period.since, _MOST_FAILED)
    lines = {of: _lines(of, found, before, period) for of in drawn}
    return CloudView(
        name=cloud,
        state=state_now(seen, now),
        failing_since=failing_since(seen, now),
        standings=seen,
        period=period,
        scenarios=lines[Of.SCENARIO],
        services=lines[Of.SERVICE],
        apis=lines[Of.API],
        steps=_lines(Of.STEP, steps, before, of_steps),
        steps_since=of_steps.since,
        failed=failed,
    )


def thing_view(database: Database, cloud: str, thing: Thing, period: Period) -> ThingView:
    """Return one step or kind of request in a period; its figures are of nothing when it was not tried."""
    long_before = period.until - COMPARED - 7 * _DAY
    with database.reading() as connection:
        known(connection, cloud)
        found = tallies.since(connection, period.grain, period.since, cloud=cloud, thing=thing)
        before = tallies.since(connection, Grain.DAY, long_before, cloud=cloud, thing=thing)
        failed = samples.failed(connection, cloud, period.since, 5 * _MOST_FAILED) if thing.of is Of.STEP else ()
    return ThingView(
        cloud=cloud,
        thing=thing,
        line=_line(thing.service, thing.what, found, before, period),
        period=period,
        vantages=tuple(sorted({series.vantage for series, _, _ in found})),
        failed=tuple(each for each in (_only(thing, iteration) for iteration in failed) if each.samples)[:_MOST_FAILED],
    )


def comparison(database: Database, scenario: str, period: Period) -> Comparison:
    """Return how the clouds did on a scenario; UnknownNameError when there is none of this name."""
    names = [step.name for step in scenario_called(scenario).scenario.steps]
    with database.reading() as connection:
        kinds = (Of.SCENARIO, Of.STEP)
        found = tallies.since(connection, period.grain, period.since, of=kinds, whats=[scenario, *names])
    of_cloud: dict[str, dict[tuple[Of, str], list[Tally]]] = {}
    for series, _, tally in found:
        of_cloud.setdefault(series.cloud, {}).setdefault((series.of, series.what), []).append(tally)
    clouds = tuple(cloud for cloud in sorted(of_cloud) if (Of.SCENARIO, scenario) in of_cloud[cloud])

    def row(of: Of, what: str) -> tuple[Figures, ...]:
        return tuple(figures(together(of_cloud[cloud].get((of, what), ()))) for cloud in clouds)

    return Comparison(
        scenario=scenario,
        clouds=clouds,
        whole=row(Of.SCENARIO, scenario),
        steps=tuple((name, row(Of.STEP, name)) for name in names),
    )


def comparison_period(name: str, now: datetime) -> Period:
    """Return the period in the stretches in which steps are counted."""
    chosen = name if name in _READINGS else USUAL_PERIOD
    return _period(chosen, _READINGS[chosen].steps, now)


def table(database: Database, cloud: str, period: Period) -> tuple[tuple[datetime, Of, str, str, Figures], ...]:
    """Return the figures of all that was tried on a cloud, by stretches; UnknownNameError when nothing ever was."""
    with database.reading() as connection:
        known(connection, cloud)
        kinds = (Of.SCENARIO, Of.SERVICE, Of.API, Of.STEP)
        found = tallies.since(connection, period.grain, period.since, of=kinds, cloud=cloud)
    of_thing: dict[tuple[Of, str, str], list[tuple[Series, datetime, Tally]]] = {}
    for each in found:
        of_thing.setdefault((each[0].of, each[0].service, each[0].what), []).append(each)
    return tuple(
        (at, *thing, figures(tally))
        for thing, counted in sorted(of_thing.items())
        for at, tally in by_stretch(counted).items()
    )


def services_by_day(database: Database, cloud: str, since: datetime) -> Mapping[str, Mapping[datetime, Tally]]:
    """Return how often each service of a cloud worked, by the beginnings of days, since the day of the moment."""
    with database.reading() as connection:
        found = tallies.since(connection, Grain.DAY, since, of=(Of.SERVICE,), cloud=cloud, counts_only=True)
    services: dict[str, list[tuple[Series, datetime, Tally]]] = {}
    for each in found:
        services.setdefault(each[0].service, []).append(each)
    return {service: by_stretch(counted) for service, counted in services.items()}


def totals(database: Database) -> tuple[tuple[tuple[Series, Tally], ...], tuple[Standing, ...]]:
    """Return the tallies of all time, and what was seen last of every cloud."""
    with database.reading() as connection:
        found = tallies.since(connection, Grain.EVER, _EPOCH)
        return tuple((series, tally) for series, _, tally in found), standings.everything(connection)


def _only(thing: Thing, iteration: Iteration) -> Iteration:
    of_it = tuple(step for step in iteration.samples if (step.service, step.what) == (thing.service, thing.what))
    return replace(iteration, samples=of_it, left=())


def _by_cloud(counted: Counted) -> Mapping[str, Counted]:
    found: dict[str, list[tuple[Series, datetime, Tally]]] = {}
    for each in counted:
        found.setdefault(each[0].cloud, []).append(each)
    return found


def _cloud_line(name: str, seen: list[Standing], days: Counted, hours: Counted, now: datetime) -> CloudLine:
    iterations = [each for each in days if each[0].of is Of.ITERATIONS]
    requests = by_stretch(each for each in days if each[0].of is Of.REQUESTS)
    of_day, today = by_stretch(iterations), start(now, Grain.DAY)
    shown = (today - number * _DAY for number in reversed(range(SHOWN_DAYS)))
    return CloudLine(
        name=name,
        state=state_now(seen, now),
        newest=max(seen, key=lambda standing: standing.at),
        today=figures(together(tally for series, _, tally in hours if series.of is Of.ITERATIONS)),
        requests=figures(together(tally for series, _, tally in hours if series.of is Of.REQUESTS)),
        usual_p95=usual_p95(daily(requests), today),
        quarter=figures(together(of_day.values())),
        days=tuple((day, of_day.get(day)) for day in shown),
        failing_since=failing_since(seen, now),
    )


def _lines(of: Of, found: Counted, before: Counted, period: Period) -> tuple[Line, ...]:
    things: dict[tuple[str, str], list[tuple[Series, datetime, Tally]]] = {}
    earlier: dict[tuple[str, str], list[tuple[Series, datetime, Tally]]] = {}
    for into, counted in ((things, found), (earlier, before)):
        for each in counted:
            if each[0].of is of:
                into.setdefault((each[0].service, each[0].what), []).append(each)
    return tuple(_line(*thing, counted, earlier.get(thing, ()), period) for thing, counted in sorted(things.items()))


def _line(service: str, what: str, found: Counted, before: Counted, period: Period) -> Line:
    of_stretch, of_day = by_stretch(found), by_stretch(before)
    days, today = daily(of_day), start(period.until, Grain.DAY)
    return Line(
        service=service,
        what=what,
        figures=figures(together(of_stretch.values())),
        usual_p95=usual_p95(days, today),
        stretches=tuple((at, of_stretch.get(at)) for at in period.stretches),
        change=change(days, today),
        budget=budget_left(together(tally for day, tally in of_day.items() if day > period.until - PERIOD)),
    )
