"""What a run will do, decided before anything is sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.checks.catalog import Check, catalogue
from allmende.errors import UnknownNameError, UsageError
from allmende.facts.openstack import Flavors
from allmende.runner.plan import Plan, Reach, Reason, newest_effective, plan
from allmende.standards.load import load_standards
from allmende.standards.model import Scope, Standards, Target, Validity

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load_standards()


@pytest.fixture(scope="module")
def checks(standards: Standards) -> Mapping[str, Check]:
    return catalogue(standards)


@pytest.fixture(scope="module")
def iaas(standards: Standards) -> Scope:
    return standards.scope("iaas")


def planned(standards: Standards, checks: Mapping[str, Check], *only: str, version: str = "v5.1") -> Plan:
    iaas = standards.scope("iaas")
    return plan(standards, checks, iaas, iaas.version(version), only)


def test_every_testcase_of_the_version_is_judged_or_named_as_not_attempted(
    standards: Standards, checks: Mapping[str, Check], iaas: Scope
) -> None:
    for version in iaas.versions:
        whole = plan(standards, checks, iaas, version)
        seen = [step.testcase.id for step in whole.steps] + [entry.testcase.id for entry in whole.not_attempted]
        assert sorted(seen) == sorted(version.testcases())
        assert whole.is_whole


def test_active_and_manual_testcases_say_why_they_are_not_attempted(
    standards: Standards, checks: Mapping[str, Check]
) -> None:
    iaas = standards.scope("iaas")
    reading = plan(standards, checks, iaas, iaas.version("v5.1"), reach=Reach(active=False))
    reasons = {entry.testcase.id: entry.reason for entry in reading.not_attempted}
    assert reasons["scs-0117-test-backup"] is Reason.ACTIVE
    assert reasons["domain-manager-check"] is Reason.MANUAL


def test_what_needs_a_domain_managers_account_is_only_attempted_with_one(
    standards: Standards, checks: Mapping[str, Check], iaas: Scope
) -> None:
    version = iaas.version("next")
    without = plan(standards, checks, iaas, version, ["scs-0302-*"])
    assert without.steps == ()
    assert {entry.reason for entry in without.not_attempted} == {Reason.ACCOUNT}
    given = plan(standards, checks, iaas, version, ["scs-0302-*"], Reach(manager=True))
    assert len(given.steps) == 3
    reading = plan(standards, checks, iaas, version, ["scs-0302-*"], Reach(active=False, manager=True))
    assert {entry.reason for entry in reading.not_attempted} == {Reason.ACTIVE}


def test_a_testcase_without_a_check_is_never_silently_dropped(
    standards: Standards, checks: Mapping[str, Check]
) -> None:
    fewer = {id_: check for id_, check in checks.items() if id_ != "scs-0115-default-rules"}
    reasons = {entry.testcase.id: entry.reason for entry in planned(standards, fewer).not_attempted}
    assert reasons["scs-0115-default-rules"] is Reason.UNWRITTEN


def test_patterns_pick_testcases_and_only_the_facts_they_need(
    standards: Standards, checks: Mapping[str, Check]
) -> None:
    picked = planned(standards, checks, "scs-0103-*", "scs-0100-syntax-check")
    assert picked.facts == {Flavors}
    assert not picked.is_whole
    assert {step.testcase.standard for step in picked.steps} == {"scs-0103-v1", "scs-0100-v3"}
    assert {step.target for step in picked.steps} == {Target.MAIN, Target.RECOMMENDED}


@pytest.mark.parametrize(
    ("pattern", "suggestion"),
    [
        ("scs-0103", r"`scs-0103\*`"),
        ("scs-0115-default-rule", "`scs-0115-default-rule*`"),
        ("scs-0115-defaultrules", "`scs-0115-default-rules`"),
        ("zzz", "allmende standards show"),
    ],
)
def test_a_pattern_that_matches_nothing_is_an_error_with_a_suggestion(
    standards: Standards, checks: Mapping[str, Check], pattern: str, suggestion: str
) -> None:
    with pytest.raises(UnknownNameError, match="No testcase of this version matches") as caught:
        planned(standards, checks, "scs-0103-*", pattern)
    assert suggestion.replace("\\", "") in caught.value.hint


@given(st.sampled_from(["scs-0102-*", "*flavor*", "*", "scs-0123-s?ift-s3", "[!s]*"]))
def test_what_is_picked_is_in_the_order_of_the_version_without_repetition(pattern: str) -> None:
    standards = load_standards()
    picked = planned(standards, catalogue(standards), pattern, pattern)
    order = list(picked.version.testcases())
    positions = [order.index(step.testcase.id) for step in picked.steps]
    assert positions == sorted(set(positions))


def test_the_newest_effective_version_is_meant_if_none_is_named(iaas: Scope) -> None:
    assert newest_effective(iaas, TODAY).name == "v5.1"
    assert newest_effective(iaas, date(2024, 3, 1)).name == "v4"


def test_a_version_that_is_only_tolerated_is_better_than_none(iaas: Scope) -> None:
    entry = replace(iaas.timeline[0], since=date(2026, 1, 1), validity={"v4": Validity.WARN})
    assert newest_effective(replace(iaas, timeline=(entry,)), TODAY).name == "v4"


def test_before_the_first_version_there_is_nothing_to_measure_against(iaas: Scope) -> None:
    with pytest.raises(UsageError, match="No version of SCS-compatible IaaS is effective"):
        newest_effective(iaas, date(2020, 1, 1))
