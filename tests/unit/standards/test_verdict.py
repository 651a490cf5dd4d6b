"""How long a result counts, and what a set of results is worth."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.report.document import Result
from allmende.standards.model import Lifetime, Module, Standards, Target, Testcase, Version
from allmende.standards.verdict import PRECEDENCE, expiry, score_card, verdict

FAIL, MISS, DNF, PASS = PRECEDENCE


@dataclass(frozen=True)
class Judged:
    testcase: str
    outcome: Outcome
    checked_at: datetime


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def defined(id_: str, lifetime: Lifetime = Lifetime.WEEK) -> Testcase:
    return Testcase(
        id=id_, title=id_, standard="scs-0100-v3", section="", demand="", remedy="", url="", lifetime=lifetime
    )


STANDARDS = Standards(
    documents=(),
    scopes=(),
    testcases={
        "one": defined("one"),
        "two": defined("two", Lifetime.YEAR),
        "advice": defined("advice"),
        "soon": defined("soon", Lifetime.QUARTER),
    },
)
VERSION = Version(
    name="v9",
    modules=(
        Module(id="a", name="A", url="", targets={Target.RECOMMENDED: ("advice",), Target.MAIN: ("one",)}),
        Module(id="b", name="B", url="", targets={Target.MAIN: ("two",), Target.PREVIEW: ("soon",)}),
    ),
)
NOW = at("2026-11-23T07:00")

moments = st.integers(946684800, 4102444800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("checked_at", "lifetime", "end"),
    [
        ("2026-11-23T10:30", Lifetime.DAY, "2026-11-25T00:00"),
        ("2026-12-31T23:59", Lifetime.DAY, "2027-01-02T00:00"),
        ("2026-11-23T00:00", Lifetime.WEEK, "2026-12-07T00:00"),  # a Monday
        ("2026-11-29T23:59", Lifetime.WEEK, "2026-12-07T00:00"),  # the Sunday of the same week
        ("2026-01-31T12:00", Lifetime.MONTH, "2026-03-01T00:00"),
        ("2026-11-01T12:00", Lifetime.MONTH, "2027-01-01T00:00"),
        ("2026-12-01T12:00", Lifetime.MONTH, "2027-02-01T00:00"),
        ("2026-01-01T00:00", Lifetime.QUARTER, "2026-07-01T00:00"),
        ("2026-09-30T23:59", Lifetime.QUARTER, "2027-01-01T00:00"),
        ("2026-10-01T00:00", Lifetime.QUARTER, "2027-04-01T00:00"),
        ("2026-03-15T12:00", Lifetime.YEAR, "2027-05-01T00:00"),
        ("2026-11-30T12:00", Lifetime.YEAR, "2028-01-01T00:00"),
        ("2026-12-01T00:00", Lifetime.YEAR, "2028-02-01T00:00"),
        ("2024-02-29T12:00", Lifetime.YEAR, "2025-04-01T00:00"),
    ],
)
def test_a_result_counts_until_the_following_period_has_ended(checked_at: str, lifetime: Lifetime, end: str) -> None:
    assert expiry(at(checked_at), lifetime) == at(end)


def test_the_calendar_is_that_of_utc() -> None:
    east = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=2)))  # still the 23rd in UTC
    assert expiry(east, Lifetime.DAY) == at("2026-11-25T00:00")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        expiry(datetime(2026, 11, 23), Lifetime.DAY)  # noqa: DTZ001 -- the very point


@given(moments, st.sampled_from(Lifetime))
def test_a_result_always_counts_longer_than_its_lifetime_says(checked_at: datetime, lifetime: Lifetime) -> None:
    shortest = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365 + 28}[lifetime]
    assert expiry(checked_at, lifetime) - checked_at > timedelta(days=shortest)


@given(moments, moments, st.sampled_from(Lifetime))
def test_a_newer_result_never_expires_earlier(one: datetime, other: datetime, lifetime: Lifetime) -> None:
    first, second = sorted((one, other))
    assert expiry(first, lifetime) <= expiry(second, lifetime)


@given(moments, st.sampled_from(Lifetime))
def test_expiry_is_a_midnight_and_the_same_for_the_whole_day(checked_at: datetime, lifetime: Lifetime) -> None:
    end = expiry(checked_at, lifetime)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert end == expiry(checked_at.replace(hour=23, minute=59), lifetime)


def test_nothing_attempted_is_a_miss() -> None:
    assert verdict([]) is MISS


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_the_first_of_fail_miss_dnf_pass_that_occurs_is_the_verdict(outcomes: list[Outcome]) -> None:
    expected = next(outcome for outcome in (FAIL, MISS, DNF, PASS) if outcome in outcomes)
    assert verdict(outcomes) is expected
    assert verdict(reversed(outcomes)) is expected
    assert verdict([*outcomes, *outcomes]) is expected


@given(st.lists(st.sampled_from(Outcome)), st.lists(st.sampled_from(Outcome)))
def test_the_verdict_of_two_sets_is_the_verdict_of_their_verdicts(one: list[Outcome], other: list[Outcome]) -> None:
    if one and other:
        assert verdict([*one, *other]) is verdict([verdict(one), verdict(other)])


def test_a_score_card_has_a_line_for_each_testcase_also_without_any_result() -> None:
    card = score_card(VERSION, STANDARDS, [], NOW)
    assert [(score.testcase, score.target, score.outcome) for score in card.scores] == [
        ("one", Target.MAIN, MISS),
        ("advice", Target.RECOMMENDED, MISS),
        ("two", Target.MAIN, MISS),
        ("soon", Target.PREVIEW, MISS),
    ]
    assert card.verdict is MISS


def test_only_main_testcases_decide() -> None:
    results = [
        Judged("one", PASS, NOW),
        Judged("two", PASS, NOW),
        Judged("advice", FAIL, NOW),
        Judged("soon", DNF, NOW),
    ]
    card = score_card(VERSION, STANDARDS, results, NOW)
    assert card.verdict is PASS
    assert card.verdict_under(Target.RECOMMENDED) is FAIL
    assert card.verdict_under(Target.PREVIEW) is DNF
    assert (card.count(PASS), card.count(FAIL), card.count(FAIL, Target.RECOMMENDED)) == (2, 0, 1)


def test_the_newest_result_counts_whatever_the_order() -> None:
    results = [Judged("one", PASS, NOW), Judged("one", FAIL, NOW - timedelta(hours=1))]
    for order in (results, results[::-1]):
        assert score_card(VERSION, STANDARDS, order, NOW).scores[0].outcome is PASS


def test_of_two_results_at_the_same_instant_the_worse_counts() -> None:
    results = [Judged("one", PASS, NOW), Judged("one", FAIL, NOW)]
    for order in (results, results[::-1]):
        assert score_card(VERSION, STANDARDS, order, NOW).scores[0].outcome is FAIL


def test_an_expired_result_is_a_miss_that_still_shows_what_was_last_seen() -> None:
    checked_at = at("2026-11-04T12:00")
    score = score_card(VERSION, STANDARDS, [Judged("one", PASS, checked_at)], NOW).scores[0]
    assert (score.outcome, score.last, score.checked_at, score.valid_until) == (
        MISS,
        PASS,
        checked_at,
        at("2026-11-16T00:00"),
    )


def test_a_result_counts_until_just_before_it_expires() -> None:
    results = [Judged("one", FAIL, at("2026-11-04T12:00"))]
    end = at("2026-11-16T00:00")
    before = score_card(VERSION, STANDARDS, results, end - timedelta(microseconds=1))
    assert before.verdict is FAIL
    assert score_card(VERSION, STANDARDS, results, end).verdict is MISS


def test_results_of_the_future_and_of_other_testcases_do_not_count() -> None:
    results = [Judged("one", PASS, NOW + timedelta(seconds=1)), Judged("stranger", FAIL, NOW)]
    card = score_card(VERSION, STANDARDS, results, NOW)
    assert card.verdict is MISS
    assert "stranger" not in {score.testcase for score in card.scores}


def test_the_results_of_a_report_can_be_scored_as_they_are() -> None:
    reported = Result(testcase="one", outcome=Outcome.FAIL, summary="Seen.", checked_at=NOW)
    assert score_card(VERSION, STANDARDS, [reported], NOW).verdict is FAIL


@given(
    st.lists(
        st.builds(Judged, st.sampled_from(["one", "two"]), st.sampled_from([PASS, FAIL, DNF]), moments), max_size=8
    ),
    moments,
)
def test_a_pass_needs_a_valid_pass_of_every_main_testcase(results: list[Judged], now: datetime) -> None:
    card = score_card(VERSION, STANDARDS, results, now)
    for score in card.under(Target.MAIN):
        if card.verdict is PASS:
            assert score.last is PASS
            assert score.checked_at is not None
            assert score.valid_until is not None
            assert score.checked_at <= now < score.valid_until
