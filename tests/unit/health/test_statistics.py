"""How samples are counted, and what many of them say together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.health.model.samples import Ending, Iteration, Kind, Sample
from allmende.health.model.tally import Grain, Of, Tally
from allmende.health.rules.changes import Day, change, daily
from allmende.health.rules.judging import MOST_LAG_S, state_of
from allmende.health.rules.statistics import figures
from allmende.health.rules.tallies import SHORTEST_S, SLOT_GROWTH, counted, grain_for, percentile, slot, start, together

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
TODAY = start(NOON, Grain.DAY)
DAY = timedelta(days=1)
ITERATION = Iteration(
    id=UUID(int=1),
    cloud="mycloud",
    region="RegionOne",
    vantage="here",
    scenario="instance",
    began_at=NOON,
    seconds=40.0,
    samples=(),
    overhead=0.4,
    lag=0.0,
)


def sample(ending: Ending, kind: Kind = Kind.STEP, seconds: float = 1.0, service: str = "s") -> Sample:
    return Sample(kind=kind, at=NOON, service=service, what="w", step="w", ending=ending, seconds=seconds)


def lasted(*seconds: float) -> Tally:
    return together(Tally(tried=1, seconds=each, durations={slot(each): 1}) for each in seconds)


def counts(*samples: Sample, lag: float = 0.0) -> dict[Of, Tally]:
    iteration = replace(ITERATION, samples=samples, lag=lag)
    found = counted(iteration, state_of(iteration))
    return {series.of: tally for series, tally in found.items()}


@given(st.lists(st.floats(SHORTEST_S, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_right_within_half_a_slot(values: list[float], percent: int) -> None:
    exact = sorted(values)[ceil(len(values) * percent / 100) - 1]
    found = percentile(lasted(*values).durations, percent)
    assert found is not None
    assert abs(found / exact - 1) <= (SLOT_GROWTH - 1) / 2 + 0.001


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 95) is None


@pytest.mark.parametrize(
    ("ending", "kind", "expected"),
    [
        (Ending.OK, Kind.STEP, (1, 0, 0)),
        (Ending.ERROR, Kind.STEP, (1, 1, 0)),
        (Ending.TIMEOUT, Kind.CALL, (1, 1, 0)),
        (Ending.UNREACHABLE, Kind.CALL, (1, 1, 0)),
        (Ending.REFUSED, Kind.STEP, (1, 1, 0)),
        (Ending.REFUSED, Kind.CALL, (1, 0, 0)),
        (Ending.BLIND, Kind.STEP, (0, 0, 1)),
    ],
)
def test_only_what_was_seen_counts(ending: Ending, kind: Kind, expected: tuple[int, int, int]) -> None:
    found = figures(counts(sample(ending, kind))[Of.STEP if kind is Kind.STEP else Of.CALL])
    assert (found.tried, found.failed, found.blind) == expected
    assert found.failing == (None if not expected[0] else expected[1] / expected[0])


def test_what_was_skipped_counts_for_nothing() -> None:
    assert Of.STEP not in counts(sample(Ending.SKIPPED))


def test_times_are_of_what_worked() -> None:
    found = counts(sample(Ending.OK, seconds=1), sample(Ending.OK, seconds=3), sample(Ending.TIMEOUT, seconds=60))
    assert found[Of.STEP].seconds == 4
    assert sum(found[Of.STEP].durations.values()) == 2


def test_a_service_works_when_all_of_its_steps_do() -> None:
    found = counted(
        replace(
            ITERATION,
            samples=(sample(Ending.OK), sample(Ending.ERROR), sample(Ending.OK, service="other")),
        ),
        state_of(replace(ITERATION, samples=(sample(Ending.ERROR),))),
    )
    services = {series.service: tally for series, tally in found.items() if series.of is Of.SERVICE}
    assert (services["s"].tried, services["s"].failed) == (1, 1)
    assert (services["other"].tried, services["other"].failed) == (1, 0)


def test_nothing_counts_that_a_monitor_saw_which_was_too_busy() -> None:
    found = counts(sample(Ending.OK), sample(Ending.TIMEOUT), lag=MOST_LAG_S + 1)
    assert found[Of.STEP] == Tally(blind=2)
    assert found[Of.SCENARIO] == Tally(blind=1)
    assert Of.SERVICE not in found


def test_stretches_are_as_fine_as_can_be_shown() -> None:
    assert grain_for(timedelta(hours=6), 180) is Grain.FIVE_MINUTES
    assert grain_for(timedelta(days=7), 180) is Grain.HOUR
    assert grain_for(timedelta(days=1000), 180) is Grain.THIRTY_DAYS
    assert start(NOON + timedelta(minutes=7, seconds=3), Grain.FIVE_MINUTES) == NOON + timedelta(minutes=5)
    assert start(NOON, Grain.DAY).hour == 0


def days(usual: float, since: dict[int, float]) -> Mapping[datetime, Day]:
    """Each day had 20 tries that took `usual` seconds, or as many as `since` says of so many days ago."""
    return daily({TODAY - ago * DAY: lasted(*[since.get(ago, usual)] * 20) for ago in range(35)})


def test_a_change_is_told_with_the_day_since_when() -> None:
    found = change(days(2.0, {0: 6.0, 1: 5.0, 2: 5.0}), TODAY)
    assert found is not None
    assert found.since == TODAY - 2 * DAY
    assert found.is_slower
    assert found.before == pytest.approx(2.0, rel=0.03)


def test_a_change_to_the_better_is_one_too() -> None:
    found = change(days(4.0, {0: 1.0}), TODAY)
    assert found is not None
    assert not found.is_slower


@pytest.mark.parametrize("since", [{}, {0: 2.5}, {1: 9.0}, {1: 9.0, 2: 9.0}])
def test_what_is_over_or_small_is_no_change(since: dict[int, float]) -> None:
    assert change(days(2.0, since), TODAY) is None


def test_what_takes_milliseconds_more_is_no_change() -> None:
    assert change(days(0.01, {0: 0.05}), TODAY) is None


def test_of_little_nothing_is_said() -> None:
    few = {TODAY - ago * DAY: lasted(9.0 if ago == 0 else 2.0) for ago in range(10)}
    assert change(daily(few), TODAY) is None
