"""What many samples say together."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.health.model.samples import Ending, Kind, Sample
from allmende.health.rules.statistics import figures, percentile

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def sample(ending: Ending, kind: Kind = Kind.STEP, seconds: float = 1.0) -> Sample:
    return Sample(kind=kind, at=NOON, service="s", what="w", step="w", ending=ending, seconds=seconds)


@given(st.lists(st.floats(0, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(sorted(values), percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100
    assert sum(value < found for value in values) <= len(values) * percent / 100


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 95) is None


@pytest.mark.parametrize(
    ("ending", "kind", "expected"),
    [
        (Ending.OK, Kind.STEP, (1, 0)),
        (Ending.ERROR, Kind.STEP, (1, 1)),
        (Ending.TIMEOUT, Kind.CALL, (1, 1)),
        (Ending.UNREACHABLE, Kind.CALL, (1, 1)),
        (Ending.REFUSED, Kind.STEP, (1, 1)),
        (Ending.REFUSED, Kind.CALL, (1, 0)),
        (Ending.BLIND, Kind.STEP, (0, 0)),
        (Ending.SKIPPED, Kind.STEP, (0, 0)),
    ],
)
def test_only_what_was_seen_counts(ending: Ending, kind: Kind, expected: tuple[int, int]) -> None:
    found = figures([sample(ending, kind)])
    assert (found.tried, found.failed) == expected
    assert found.failing == (None if not expected[0] else expected[1] / expected[0])


def test_times_are_of_what_worked() -> None:
    found = figures([sample(Ending.OK, seconds=1), sample(Ending.OK, seconds=3), sample(Ending.TIMEOUT, seconds=60)])
    assert (found.p50, found.p95, found.p99) == (1, 3, 3)
