"""States, times and counts as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.web.words import STATES, count, iso_day, iso_minute, relative

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=-59), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-3, minutes=-50), "3 hours ago"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=-400), "1 year ago"),
        (timedelta(days=13), "in 13 days"),
        (timedelta(days=61), "in 2 months"),
    ],
)
def test_relative_words_use_the_largest_whole_unit(distance: timedelta, words: str) -> None:
    assert relative(NOW + distance, NOW) == words


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=9999)))
def test_past_and_future_of_the_same_distance_use_the_same_words(distance: timedelta) -> None:
    assert relative(NOW - distance, NOW).removesuffix(" ago") == relative(NOW + distance, NOW).removeprefix("in ")


def test_dates_are_iso_in_utc_wherever_they_come_from() -> None:
    zurich = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert (iso_day(zurich), iso_minute(zurich)) == ("2026-11-22", "2026-11-22 23:30 UTC")


def test_counts_agree_with_their_nouns() -> None:
    assert [count(n, "report") for n in (0, 1, 2)] == ["0 reports", "1 report", "2 reports"]
    assert count(2, "entry", "entries") == "2 entries"


def test_each_outcome_has_its_own_symbol_and_word() -> None:
    assert STATES.keys() == set(Outcome)
    assert len({state.symbol for state in STATES.values()}) == len({state.word for state in STATES.values()}) == 4
