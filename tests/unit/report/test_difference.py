"""What changed between two reports, and which of it is worse."""

import pytest

from allmende.outcome import Outcome
from allmende.report.difference import Direction, Sighting, difference
from allmende.report.document import ReportedEvidence

from .examples import report, result

PASS, FAIL, DNF, MISS = Outcome.PASS, Outcome.FAIL, Outcome.DNF, Outcome.MISS


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (PASS, FAIL, Direction.WORSE),
        (PASS, DNF, Direction.WORSE),
        (DNF, FAIL, Direction.WORSE),
        (FAIL, PASS, Direction.BETTER),
        (DNF, PASS, Direction.BETTER),
        (FAIL, DNF, Direction.UNCLEAR),
        (MISS, PASS, Direction.NEW),
        (MISS, FAIL, Direction.NEW),
        (PASS, MISS, Direction.GONE),
        (FAIL, MISS, Direction.GONE),
    ],
)
def test_a_change_has_a_direction(before: Outcome, after: Outcome, direction: Direction) -> None:
    old, new = ([] if outcome is MISS else [result("scs-0001-x", outcome)] for outcome in (before, after))
    (change,) = difference(report(*old), report(*new)).changes
    assert change.direction is direction


@pytest.mark.parametrize("outcome", [PASS, FAIL, DNF])
def test_the_same_outcome_is_no_change(outcome: Outcome) -> None:
    found = difference(report(result("x", outcome, "Old.")), report(result("x", outcome, "New.")))
    assert found.changes == ()
    assert found.unchanged == 1


def test_what_is_worse_comes_first() -> None:
    found = difference(
        report(result("a", FAIL), result("b", PASS), result("c", FAIL)),
        report(result("a", PASS), result("b", FAIL), result("d", PASS), result("c", FAIL)),
    )
    assert [(change.testcase, change.direction) for change in found.changes] == [
        ("b", Direction.WORSE),
        ("d", Direction.NEW),
        ("a", Direction.BETTER),
    ]
    assert found.unchanged == 1


def test_evidence_that_stayed_is_not_told_and_what_offends_now_comes_first() -> None:
    same = ReportedEvidence(subject="vCPUs", seen="2")
    was = ReportedEvidence(subject="RAM", seen="8192 MiB")
    became = ReportedEvidence(subject="RAM", seen="4096 MiB", ok=False)
    lost = ReportedEvidence(subject="disk", seen="0 GB")
    found = difference(
        report(result("x", PASS, "Good.", lost, same, was)), report(result("x", FAIL, "Bad.", same, became))
    )
    assert found.changes[0].sightings == (Sighting(before=was, after=became), Sighting(before=lost, after=None))


def test_nothing_compared_with_nothing_is_the_same() -> None:
    assert difference(report(), report()).changes == ()
