"""What the addresses of the public monitor say follows from the same results, in its words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult
from allmende.registry.rules.public_monitor import ScopeStanding, scope_standing, worst_standing
from allmende.standards.load import load_standards
from allmende.standards.model import Target, Validity
from allmende.standards.verdict import PRECEDENCE, score_card

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STANDARDS = load_standards()
SCOPE = STANDARDS.scope("iaas")
MAIN = SCOPE.version("v5.1").testcases(Target.MAIN)
ALL = tuple(dict.fromkeys(testcase for version in SCOPE.versions for testcase in version.testcases()))


def standing(odd: Mapping[str, Outcome], *, with_drafts: bool = False, age: timedelta = timedelta()) -> ScopeStanding:
    """The standing of a subject that passes everything but what is odd; MISS leaves a testcase out."""
    outcomes = dict.fromkeys(ALL, Outcome.PASS) | dict(odd)
    results = [
        CurrentResult(testcase=id_, outcome=outcome, checked_at=NOW - age, report=UUID(int=1), last_passed=None)
        for id_, outcome in outcomes.items()
        if outcome is not Outcome.MISS
    ]
    return scope_standing(SCOPE, results, STANDARDS, NOW, with_drafts=with_drafts)


@pytest.mark.parametrize(
    ("outcome", "passed", "validity"),
    [
        (Outcome.PASS, "v5.1", Validity.EFFECTIVE),
        (Outcome.DNF, "v5.1", Validity.EFFECTIVE),
        (Outcome.MISS, "v5.1", Validity.EFFECTIVE),
        (Outcome.FAIL, "", Validity.DEPRECATED),
    ],
)
def test_a_version_is_passed_there_unless_it_fails(outcome: Outcome, passed: str, validity: Validity) -> None:
    found = standing({MAIN[0]: outcome})
    assert (found.outcome, found.passed_words, found.validity) == (outcome, passed, validity)
    assert [version.version.name for version in found.versions] == ["next", "v5.1"]


def test_drafts_are_looked_at_when_asked_for_and_marked() -> None:
    found = standing({}, with_drafts=True)
    assert found.passed_words == "next*, v5.1"
    assert found.winner is not None
    assert found.winner.version.name == "v5.1"
    assert [version.version.name for version in standing({}).relevant] == ["v5.1"]


def test_what_no_longer_counts_is_no_result() -> None:
    found = standing({}, age=timedelta(days=700))
    assert found.results == {}
    assert found.outcome is Outcome.MISS


def test_of_no_version_nothing_is_passed() -> None:
    long_ago = datetime(1999, 1, 1, tzinfo=UTC)
    found = scope_standing(SCOPE, [], STANDARDS, long_ago)
    assert (found.outcome, found.passed, found.winner, found.buckets()) == (Outcome.FAIL, (), None, {})


def test_a_group_stands_as_its_worst_member() -> None:
    passing, failing, undetermined = (standing({MAIN[0]: o}) for o in (Outcome.PASS, Outcome.FAIL, Outcome.DNF))
    assert worst_standing([passing, failing, None]) is failing
    assert worst_standing([passing, None, undetermined]) is None
    assert worst_standing([passing, undetermined]) is undetermined


@given(st.dictionaries(st.sampled_from(ALL), st.sampled_from(list(Outcome)), max_size=6))
def test_buckets_hold_each_testcase_once_and_decide_the_outcome(odd: dict[str, Outcome]) -> None:
    found = standing(odd)
    buckets = found.buckets()
    listed = [testcase for testcases in buckets.values() for testcase in testcases]
    assert sorted(listed) == sorted({t for version in found.relevant for t in version.version.testcases()})
    decided = next(o for o in PRECEDENCE if set(buckets.get(o, ())) & set(MAIN))
    assert decided is found.outcome is score_card(SCOPE.version("v5.1"), STANDARDS, found.results.values(), NOW).verdict
