"""When an alarm begins, is said to go on, and ends; and when a service misses its objective."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.health.model.alarm import Alarm, Cause, Mute, Sighting, Trouble, Word
from allmende.health.model.samples import Ending
from allmende.health.model.tally import Grain, Tally
from allmende.health.rules import alarms
from allmende.health.rules.judging import MOST_LAG_S, state_of
from allmende.health.rules.objectives import WINDOWS, budget_left, burning
from allmende.health.rules.runbooks import RUNBOOKS, runbook_of
from allmende.health.rules.tallies import start
from allmende.testing.health import iteration

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CAUSE = Cause(cloud="mycloud", trouble=Trouble.FAILS, what="compute")


def seen(at: datetime, source: str = "instance from here") -> Sighting:
    return Sighting(at=at, source=source, said="start a guest: No valid host was found.")


def alarm() -> Alarm:
    return alarms.begun(UUID(int=1), CAUSE, seen(NOON))


def mute(since: datetime, until: datetime, service: str = "") -> Mute:
    return Mute(id=UUID(int=2), cloud="mycloud", service=service, since=since, until=until, reason="work", made_by="me")


def test_the_first_error_is_told_then_few_reminders_then_the_end() -> None:
    now, found, words = NOON, alarm(), []
    for _ in range(60 * 12):
        word = alarms.word_for(found, now, ())
        if word is not None:
            words.append((word, now - NOON))
            found = alarms.told(found, word, now)
        now += 5 * MINUTE
        found = alarms.went_on(found, seen(now))
    assert words[:4] == [
        (Word.BEGINS, timedelta()),
        (Word.GOES_ON, HOUR),
        (Word.GOES_ON, 7 * HOUR),
        (Word.GOES_ON, 31 * HOUR),
    ]
    assert found.times == 721
    once = alarms.saw_nothing_wrong(found, "instance from here", now + 5 * MINUTE)
    assert alarms.word_for(once, now, ()) is None
    twice = alarms.saw_nothing_wrong(once, "instance from here", now + 10 * MINUTE)
    assert alarms.word_for(twice, now, ()) is Word.ENDS


def test_an_alarm_ends_when_all_who_blamed_saw_that_all_is_well() -> None:
    both = alarms.went_on(alarm(), seen(NOON, "api from there"))
    for _ in range(3):
        both = alarms.saw_nothing_wrong(both, "api from there", NOON + MINUTE)
        both = alarms.saw_nothing_wrong(both, "api from elsewhere", NOON + MINUTE)
    assert both.ended_at is None
    again = alarms.saw_nothing_wrong(both, "instance from here", NOON + MINUTE)
    again = alarms.went_on(again, seen(NOON + 2 * MINUTE))
    assert alarms.saw_nothing_wrong(again, "instance from here", NOON + 3 * MINUTE).ended_at is None


def test_what_is_told_of_late_ends_nothing() -> None:
    found = alarms.went_on(alarm(), seen(NOON + HOUR))
    for _ in range(2):
        found = alarms.saw_nothing_wrong(found, "instance from here", NOON + MINUTE)
    assert found.ended_at is None


def test_nobody_is_told_while_it_is_muted_but_of_what_outlasts_the_mute() -> None:
    muted = (mute(NOON - HOUR, NOON + HOUR),)
    assert alarms.word_for(alarm(), NOON, muted) is None
    assert alarms.word_for(alarm(), NOON, (mute(NOON - HOUR, NOON + HOUR, "network"),)) is Word.BEGINS
    assert alarms.word_for(alarm(), NOON, (mute(NOON - HOUR, NOON + HOUR, "compute"),)) is None
    assert alarms.word_for(alarm(), NOON + HOUR, muted) is Word.BEGINS
    over = replace(alarm(), ended_at=NOON)
    assert alarms.word_for(over, NOON, muted) is None
    assert alarms.word_for(replace(over, told_at=NOON), NOON, muted) is Word.ENDS


def test_an_iteration_says_what_fails_and_what_does_not() -> None:
    failing = iteration("mycloud", NOON, failing=["start a guest"])
    said = {(cause.trouble, cause.what): sighting for cause, sighting in alarms.seen_by(failing, state_of(failing))}
    wrong = {cause for cause, sighting in said.items() if sighting is not None}
    assert wrong == {(Trouble.FAILS, "compute")}
    assert (Trouble.FAILS, "network") in said
    sighting = said[Trouble.FAILS, "compute"]
    assert sighting is not None
    assert sighting.said == "start a guest: No valid host was found."
    assert sighting.samples[0].request_id == "req-0815"


def test_a_blind_monitor_says_nothing_of_the_cloud() -> None:
    blind = iteration("mycloud", NOON, failing=["start a guest"], ending=Ending.BLIND)
    late = replace(iteration("mycloud", NOON, failing=["start a guest"]), lag=MOST_LAG_S + 1)
    for each in (blind, late):
        said = dict(alarms.seen_by(each, state_of(each)))
        assert {cause.trouble for cause in said} == {Trouble.SILENT, Trouble.BLIND}
        assert [cause.trouble for cause, sighting in said.items() if sighting is not None] == [Trouble.BLIND]


@pytest.mark.parametrize("word", Word)
def test_what_is_told_says_what_it_is_about_and_since_when(word: Word) -> None:
    said = alarms.sentence(alarm(), word)
    assert "mycloud: compute fails" in said
    assert ("2026-11-27 12:00 UTC" in said) == (word is not Word.BEGINS)


def test_every_cause_has_a_runbook() -> None:
    for trouble in Trouble:
        for what in ("compute", "accelerator", ""):
            name = runbook_of(Cause(cloud="c", trouble=trouble, what=what)).partition("#")[2]
            assert RUNBOOKS[name]


def tallied(grain: Grain, step: timedelta, number: int, failed: int) -> dict[Grain, dict[datetime, Tally]]:
    """One iteration a stretch, of which the newest failed."""
    return {
        grain: {
            start(NOON - place * step, grain): Tally(tried=1, failed=1 if place < failed else 0)
            for place in range(number)
        }
    }


def test_a_service_misses_its_objective_when_it_fails_much_faster_than_it_may() -> None:
    assert burning({}, NOON) is None
    assert burning(tallied(Grain.FIVE_MINUTES, 5 * MINUTE, 72, 2), NOON) is None, "twice is no trend"
    assert burning(tallied(Grain.FIVE_MINUTES, 5 * MINUTE, 72, 3), NOON) == WINDOWS[0]
    assert burning(tallied(Grain.HOUR, HOUR, 72, 3), NOON) == WINDOWS[2]


def test_what_is_over_burns_no_more() -> None:
    old = {
        start(NOON - place * 5 * MINUTE, Grain.FIVE_MINUTES): Tally(tried=1, failed=place >= 20) for place in range(30)
    }
    assert burning({Grain.FIVE_MINUTES: old}, NOON) is None


def test_of_the_budget_is_left_what_did_not_fail() -> None:
    assert budget_left(Tally(tried=1000, failed=0)) == 1
    assert budget_left(Tally(tried=1000, failed=5)) == pytest.approx(0)
    assert budget_left(Tally()) is None
