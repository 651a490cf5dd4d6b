"""Decide how samples are counted: what an iteration adds to which series, and how tallies are put together.

How long things took is counted in slots that grow by a twentieth, as in a logarithmic histogram: a percentile is wrong
by a fortieth at most, however many tallies it is of.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log

from allmende.health.model.samples import FAULTS, Ending, Iteration, Kind, Sample, State
from allmende.health.model.tally import Grain, Of, Series, Tally
from allmende.health.rules.judging import MOST_LAG_S

SLOT_GROWTH = 1.05
SHORTEST_S = 0.0001
"""What took less is counted as this long."""

SPANS: Mapping[Grain, timedelta] = {
    Grain.FIVE_MINUTES: timedelta(minutes=5),
    Grain.HOUR: timedelta(hours=1),
    Grain.DAY: timedelta(days=1),
    Grain.THIRTY_DAYS: timedelta(days=30),
}
"""How long the stretches are; those of all time have no length."""

KEPT: Mapping[Grain, timedelta] = {
    Grain.FIVE_MINUTES: timedelta(days=90),
    Grain.HOUR: timedelta(days=3 * 365),
}
"""How long tallies are kept; those of longer stretches are few, and are kept for ever."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def slot(seconds: float) -> int:
    """Return the slot of a duration."""
    return round(log(max(seconds, SHORTEST_S), SLOT_GROWTH))


def duration(slot_: int) -> float:
    """Return how many seconds a slot stands for."""
    return float(SLOT_GROWTH**slot_)


def percentile(durations: Mapping[int, int], percent: int) -> float | None:
    """Return how many seconds so many in a hundred did not exceed (nearest rank); None of nothing."""
    wanted = max(1, ceil(sum(durations.values()) * percent / 100))
    for found in sorted(durations):
        wanted -= durations[found]
        if wanted <= 0:
            return duration(found)
    return None


def together(tallies: Iterable[Tally]) -> Tally:
    """Return what these tallies say as one."""
    durations: Counter[int] = Counter()
    tried = failed = blind = 0
    seconds = 0.0
    for each in tallies:
        tried, failed, blind, seconds = (
            tried + each.tried,
            failed + each.failed,
            blind + each.blind,
            seconds + each.seconds,
        )
        for found, number in each.durations.items():
            durations[found] += number
    return Tally(tried=tried, failed=failed, blind=blind, seconds=seconds, durations=dict(durations))


def start(moment: datetime, grain: Grain) -> datetime:
    """Return when the stretch began that the moment is in."""
    span = SPANS.get(grain)
    return _EPOCH if span is None else _EPOCH + floor((moment - _EPOCH) / span) * span


def grain_for(span: timedelta, most: int) -> Grain:
    """Return the finest stretches of which there are at most so many in so long a time, or the longest."""
    return next((grain for grain, length in SPANS.items() if span / length <= most), Grain.THIRTY_DAYS)


def counted(iteration: Iteration, state: State) -> Mapping[Series, Tally]:
    """Return what an iteration adds to which series.

    What was skipped counts for nothing. That a request is refused is an answer; that a step is, is a fault. What a
    monitor saw that was too busy itself counts as not seen.
    """
    unseen = state is State.BLIND and iteration.lag > MOST_LAG_S
    found: dict[Series, list[Tally]] = {}
    for (of, service, what), tally in _all(iteration, state, unseen=unseen):
        series = Series(
            cloud=iteration.cloud,
            region=iteration.region,
            vantage=iteration.vantage,
            of=of,
            service=service,
            what=what,
        )
        found.setdefault(series, []).append(tally)
    return {series: together(tallies) for series, tallies in found.items()}


def _all(iteration: Iteration, state: State, *, unseen: bool) -> Iterator[tuple[tuple[Of, str, str], Tally]]:
    for sample in iteration.samples:
        if sample.ending is Ending.SKIPPED:
            continue
        one = Tally(blind=1) if unseen else _of_sample(sample)
        yield (Of.STEP if sample.kind is Kind.STEP else Of.CALL, sample.service, sample.what), one
        if sample.kind is Kind.CALL:
            yield (Of.API, sample.service, ""), one
            yield (Of.REQUESTS, "", ""), one
    whole = Tally(blind=1)
    if state is not State.BLIND:
        whole = _worked(iteration.seconds) if state is State.WORKS else Tally(tried=1, failed=1)
        for service, worked in _services(iteration).items():
            yield (Of.SERVICE, service, ""), Tally(tried=1, failed=0 if worked else 1)
    yield (Of.SCENARIO, "", iteration.scenario), whole
    yield (Of.ITERATIONS, "", ""), whole


def _services(iteration: Iteration) -> Mapping[str, bool]:
    """Return for each service of which a step was seen whether all of them worked."""
    seen: dict[str, bool] = {}
    for step in iteration.steps:
        if step.ending is Ending.OK or step.ending in FAULTS:
            seen[step.service] = seen.get(step.service, True) and step.ending is Ending.OK
    return seen


def _of_sample(sample: Sample) -> Tally:
    if sample.ending is Ending.OK:
        return _worked(sample.seconds)
    if sample.ending is Ending.BLIND:
        return Tally(blind=1)
    is_answer = sample.kind is Kind.CALL and sample.ending is Ending.REFUSED
    return Tally(tried=1, failed=0 if is_answer else 1)


def _worked(seconds: float) -> Tally:
    return Tally(tried=1, seconds=seconds, durations={slot(seconds): 1})
