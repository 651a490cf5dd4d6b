"""What a person who watches a cloud is told: each change once, with since when, and nothing where nothing changed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.report.document import Result
from allmende.runner.transitions import Transition, Turn, Watch, in_words, json_line, transitions, watched

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEP = timedelta(minutes=5)

Reported = Literal[Outcome.PASS, Outcome.FAIL, Outcome.DNF]
PASS: Reported = Outcome.PASS
FAIL: Reported = Outcome.FAIL
DNF: Reported = Outcome.DNF

outcomes = st.sampled_from([PASS, FAIL, DNF])


def run(number: int, **said: Reported) -> list[Result]:
    at = NOON + number * STEP
    return [Result(testcase=t, outcome=o, summary=f"{t} is {o}.", checked_at=at) for t, o in said.items()]


def seen(*outcomes: Reported | None) -> list[Transition]:
    """What changed for one testcase over runs with these outcomes; None is a run without it."""
    return list(transitions(run(n, a=o) if o else run(n, b=PASS) for n, o in enumerate(outcomes)))


def turns(*outcomes: Reported | None) -> list[tuple[Turn, Outcome]]:
    return [(t.turn, t.outcome) for t in seen(*outcomes) if t.testcase == "a"]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((PASS, PASS, PASS), [(Turn.NEW, PASS)]),
        ((PASS, FAIL, FAIL), [(Turn.NEW, PASS), (Turn.BROKEN, FAIL)]),
        ((FAIL, PASS), [(Turn.NEW, FAIL), (Turn.MENDED, PASS)]),
        ((FAIL, DNF, FAIL), [(Turn.NEW, FAIL), (Turn.LOST, DNF), (Turn.FOUND, FAIL)]),
        ((FAIL, DNF, PASS), [(Turn.NEW, FAIL), (Turn.LOST, DNF), (Turn.MENDED, PASS)]),
        ((PASS, DNF, FAIL), [(Turn.NEW, PASS), (Turn.LOST, DNF), (Turn.BROKEN, FAIL)]),
        ((DNF, PASS), [(Turn.NEW, DNF), (Turn.FOUND, PASS)]),
        ((PASS, None, None, FAIL), [(Turn.NEW, PASS), (Turn.BROKEN, FAIL)]),
        ((PASS, None, PASS), [(Turn.NEW, PASS)]),
    ],
)
def test_each_change_is_told_once_and_by_what_it_means(
    runs: Sequence[Reported | None], expected: list[tuple[Turn, Outcome]]
) -> None:
    assert turns(*runs) == expected


def test_a_change_says_since_when_the_old_outcome_held_and_when_it_last_passed() -> None:
    *_, broken = seen(PASS, PASS, DNF, DNF, FAIL)
    assert broken.before is not None
    assert (broken.at, broken.before.outcome, broken.before.since) == (NOON + 4 * STEP, DNF, NOON + 2 * STEP)
    assert broken.before.last_passed == NOON + STEP
    assert in_words(broken) == "12:20:00 ✕ a: broken, FAIL after 10 min of DNF; last passed 15 minutes ago"


def test_the_first_time_has_no_before() -> None:
    (first,) = seen(FAIL)
    assert in_words(first) == "12:00:00 ✕ a: first seen, FAIL"
    assert json.loads(json_line(first))["before"] is None


def test_a_change_is_one_line_of_json() -> None:
    line = json_line(seen(PASS, FAIL)[-1])
    assert "\n" not in line
    assert json.loads(line) == {
        "schema": "allmende.transition/1",
        "testcase": "a",
        "turn": "broken",
        "at": "2026-11-23T12:05:00+00:00",
        "outcome": "FAIL",
        "summary": "a is FAIL.",
        "before": {"outcome": "PASS", "since": "2026-11-23T12:00:00+00:00"},
        "last_passed": "2026-11-23T12:00:00+00:00",
    }


def test_changes_come_in_the_order_of_the_run() -> None:
    watch, _ = watched(Watch(), run(0, c=PASS, a=PASS, b=PASS))
    _, changes = watched(watch, run(1, c=FAIL, a=PASS, b=FAIL))
    assert [change.testcase for change in changes] == ["c", "b"]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), outcomes), max_size=8))
def test_what_is_told_is_enough_to_know_what_holds(runs: list[dict[str, Reported]]) -> None:
    results = [run(number, **said) for number, said in enumerate(runs)]
    told: dict[str, Outcome] = {}
    for transition in transitions(results):
        assert told.get(transition.testcase) is not transition.outcome
        assert (transition.before.outcome if transition.before else None) is told.get(transition.testcase)
        told[transition.testcase] = transition.outcome
    newest: dict[str, Outcome] = {}
    for said in runs:
        newest.update(said)
    assert told == newest


def test_a_run_after_another_gives_what_all_at_once_give() -> None:
    runs = [run(0, a=PASS), run(1, a=FAIL, b=DNF), run(2, b=PASS)]
    watch = Watch()
    told: list[Transition] = []
    for results in runs:
        watch, changes = watched(watch, results)
        told += changes
    assert told == list(transitions(runs))
    assert watch.held["a"].outcome is FAIL
