"""Which testcases must run again, and which results were news."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult, Subject
from allmende.registry.rules.due import Due, Why, due
from allmende.registry.rules.scores import subject_score
from allmende.standards.load import load_standards
from allmende.standards.model import Target

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
STANDARDS = load_standards()
SCOPE = STANDARDS.scope("iaas")
VERSION = SCOPE.version("v5.1")
WEEKLY = "scs-0115-default-rules"
MANUAL = "key-manager-docs-check"


def found(odd: Mapping[str, Outcome], age: timedelta = timedelta(), within: timedelta = timedelta()) -> dict[str, Due]:
    outcomes = dict.fromkeys(VERSION.testcases(), Outcome.PASS) | dict(odd)
    current = [
        CurrentResult(testcase=id_, outcome=outcome, checked_at=NOW - age, report=UUID(int=1), last_passed=None)
        for id_, outcome in outcomes.items()
        if outcome is not Outcome.MISS
    ]
    score = subject_score(Subject(id="cloud", name="Cloud"), SCOPE, current, {}, STANDARDS, NOW)
    return {each.testcase: each for each in due([score], NOW, within)}


def test_what_is_missing_or_not_determined_is_due_now_and_a_failure_is_not() -> None:
    assert found({}) == {}
    odd = {WEEKLY: Outcome.FAIL, MANUAL: Outcome.MISS, "scs-0100-syntax-check": Outcome.DNF}
    now_due = found(odd)
    assert {id_: (each.why, each.by, each.automated) for id_, each in now_due.items()} == {
        MANUAL: (Why.MISSING, NOW, False),
        "scs-0100-syntax-check": (Why.NOT_DETERMINED, NOW, True),
    }
    assert (now_due["scs-0100-syntax-check"].versions, now_due["scs-0100-syntax-check"].target) == (
        ("v5.1",),
        Target.MAIN,
    )


def test_a_result_is_due_from_so_many_days_before_it_expires() -> None:
    expires = datetime(2026, 11, 30, tzinfo=UTC)
    checked = timedelta(days=7)  # last Monday: counts until the end of this week
    assert WEEKLY not in found({}, checked, timedelta(days=6))
    each = found({}, checked, timedelta(days=7))[WEEKLY]
    assert (each.why, each.by) == (Why.EXPIRES, expires)


def test_the_most_urgent_comes_first() -> None:
    everything = list(found({WEEKLY: Outcome.MISS}, timedelta(days=7), timedelta(days=400)).values())
    assert everything[0].testcase == WEEKLY
    assert [each.by for each in everything] == sorted(each.by for each in everything)
