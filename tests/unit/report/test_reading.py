"""A report read beside the standards: nothing is lost, nothing is better than it was reported."""

from datetime import timedelta

from allmende.outcome import Outcome
from allmende.report.reading import reading
from allmende.standards.model import Target

from .examples import FAILS, NOON, NOT_ATTEMPTED, PASSES, STANDARDS, UNLISTED, V5_1, every_outcome, report, result


def test_every_testcase_of_the_version_is_there_once_and_what_else_was_reported_too() -> None:
    lines = every_outcome().lines
    assert {line.id for line in lines} == {*V5_1.testcases(), UNLISTED}
    assert len(lines) == len({line.id for line in lines})
    assert [line.target for line in lines if line.id == UNLISTED] == [None]


def test_the_groups_hold_every_line_and_mandatory_ones_come_first() -> None:
    read = every_outcome()
    assert sum(len(group.lines) for group in read.groups) == len(read.lines)
    assert read.groups[0].target is Target.MAIN
    assert read.groups[-1].target is None


def test_the_verdict_is_that_of_the_mandatory_testcases() -> None:
    assert every_outcome().verdict is Outcome.FAIL
    mandatory = [result(id_, Outcome.PASS) for id_ in V5_1.testcases(Target.MAIN)]
    assert reading(report(*mandatory), STANDARDS, V5_1).verdict is Outcome.PASS
    assert reading(report(*mandatory[1:]), STANDARDS, V5_1).verdict is Outcome.MISS
    assert reading(report(*mandatory), STANDARDS, None).verdict is Outcome.MISS


def test_a_result_that_no_longer_counts_is_missing_and_says_so() -> None:
    old = result(PASSES, Outcome.PASS).model_copy(update={"checked_at": NOON - timedelta(days=60)})
    (line,) = [line for line in reading(report(old), STANDARDS, V5_1).lines if line.id == PASSES]
    assert line.outcome is Outcome.MISS
    assert line.summary == "The result of 2026-09-24 (PASS) no longer counted when the report was made."


def test_of_two_results_at_one_time_the_worse_is_shown_also_with_a_wrong_clock() -> None:
    late = [
        result(FAILS, outcome).model_copy(update={"checked_at": NOON + timedelta(hours=1)})
        for outcome in (Outcome.FAIL, Outcome.PASS)
    ]
    (line,) = [line for line in reading(report(*late), STANDARDS, V5_1).lines if line.id == FAILS]
    assert line.outcome is Outcome.FAIL


def test_what_was_not_attempted_says_why() -> None:
    lines = {line.id: line.summary for line in every_outcome().lines}
    assert lines[NOT_ATTEMPTED] == "Not attempted: the report has no result."
    assert "Not attempted: a person judges it." in lines.values()
