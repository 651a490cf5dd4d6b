"""Which exclusions explain what is shown of a subject."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult, Subject
from allmende.registry.rules import scores
from allmende.registry.rules.exclusions import standing
from allmende.standards.exclusions import Exclusion
from allmende.standards.load import load_standards

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD, NEW = UUID(int=1), UUID(int=2)


def result(testcase: str, report: UUID, outcome: Outcome = Outcome.FAIL) -> CurrentResult:
    age = timedelta(hours=3 - report.int)
    return CurrentResult(testcase=testcase, outcome=outcome, checked_at=NOW - age, report=report, last_passed=None)


def exclusion(testcase: str, reason: str = "Later.") -> Exclusion:
    return Exclusion(testcase=testcase, reason=reason, owner="Team <t@example.org>", expires=date(2027, 1, 31))


def test_it_is_the_one_that_came_with_the_current_result() -> None:
    declared = {OLD: [exclusion("a", "old"), exclusion("b")], NEW: [exclusion("a", "new")]}
    found = standing([result("a", NEW), result("b", OLD)], declared)
    assert found == {"a": exclusion("a", "new"), "b": exclusion("b")}


def test_a_newer_report_without_it_takes_it_back() -> None:
    assert standing([result("a", NEW), result("b", OLD)], {OLD: [exclusion("a")]}) == {}


def test_for_what_was_never_reported_it_is_the_one_of_the_newest_report() -> None:
    current = [result("a", NEW), result("b", OLD)]
    assert standing(current, {NEW: [exclusion("manual")]}) == {"manual": exclusion("manual")}
    assert standing(current, {OLD: [exclusion("manual")]}) == {}
    assert standing([], {}) == {}


def test_it_changes_nothing_but_what_is_shown_beside_an_outcome() -> None:
    standards = load_standards()
    scope = standards.scope("iaas")
    testcases = scope.version("v5.1").testcases()
    current = [result(t, NEW, Outcome.FAIL if t == "scs-0115-default-rules" else Outcome.PASS) for t in testcases]

    def score(excluded: dict[str, Exclusion]) -> list[tuple[Outcome, object]]:
        subject = Subject(id="a", name="A")
        versions = scores.subject_score(subject, scope, current, {}, standards, NOW, excluded).versions
        return [(v.outcome, v.counts) for v in versions]

    assert score({t: exclusion(t) for t in testcases}) == score({})
    assert score({})[0][0] is not Outcome.PASS
