"""Whatever fails is repaired by the planned changes or stays open with words that help: over every example there is.

The facts that the changes make are judged by the same checks as a cloud is.
"""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from allmende.facts.fact import Fact
from allmende.facts.openstack import DefaultSecurityGroupRules, Member, SecurityGroupRule, VolumeTypes
from allmende.outcome import Outcome, Unavailable
from allmende.repair.model import Claim, Facts, Failing, Plan, PropertyWish, Wishes
from allmende.repair.rules.foresee import foreseen
from allmende.repair.rules.plan import RULES, plan
from allmende.repair.rules.writing import RULES_PATH
from allmende.standards.load import load_standards
from allmende.testing.judge import published_checks

from . import flavor_examples, image_examples, preview_examples, service_examples
from .examples import Example
from .work_examples import MEMBER

STANDARDS = load_standards()
FAILURES = [
    example
    for found in (
        flavor_examples.examples(STANDARDS),
        image_examples.examples(STANDARDS),
        preview_examples.examples(),
        service_examples.examples(STANDARDS),
    )
    for example in found
    if example.outcome is Outcome.FAIL
]
# What a person would say who knows everything about every image.
KNOWN: Mapping[str, str] = {
    "architecture": "x86_64",
    "min_disk": "10",
    "min_ram": "512",
    "os_version": "12",
    "os_distro": "debian",
    "os_purpose": "custom",
    "hw_disk_bus": "scsi",
    "image_build_date": "2026-11-01",
    "image_original_user": "debian",
    "image_description": "An image",
    "replace_frequency": "monthly",
    "provided_until": "none",
    "uuid_validity": "none",
}
# Testcases under `RULES` that no request settles, and those of which some failures need a person.
NEVER = frozenset({"scs-0102-prop-hash_algo"})
NOT_ALWAYS = ("scs-0103-flavor-*", "scs-0102-image-recency")


def facts_of(example: Example) -> Facts:
    """The example's facts; rules have ids, as clouds give them, and what may be unavailable and is not given, is."""
    facts: dict[type[Fact], Fact | Unavailable] = {type(fact): fact for fact in example.facts if isinstance(fact, Fact)}
    for kind in published_checks()[example.testcase].optional:
        facts.setdefault(kind, Unavailable(reason="not looked at"))
    rules = facts.get(DefaultSecurityGroupRules)
    if isinstance(rules, DefaultSecurityGroupRules):
        items = tuple(replace(rule, id=f"rule-{number}") for number, rule in enumerate(rules.items))
        facts[DefaultSecurityGroupRules] = replace(rules, items=items)
    return facts


def everything_is_known(example: Example) -> Wishes:
    testcase = STANDARDS.testcases[example.testcase]
    sources = testcase.parameters.get("sources", ("private",))
    source = sources if isinstance(sources, str) else sources[0]
    types = facts_of(example).get(VolumeTypes)
    aspect = str(testcase.parameters.get("aspect", ""))
    return Wishes(
        overwrite=True,
        properties=tuple(
            PropertyWish(image="*", key=key, value=value) for key, value in {**KNOWN, "image_source": source}.items()
        ),
        claims=(Claim(type=types.items[0].id, aspect=aspect),) if isinstance(types, VolumeTypes) and aspect else (),
        disk_type="ssd",
    )


def planned(example: Example, wishes: Wishes) -> Plan:
    check = published_checks()[example.testcase]
    facts = facts_of(example)
    return plan(facts, [Failing(check=check, finding=check.judge(facts))], wishes)


REPAIRABLE = sorted(id_ for id_ in published_checks() if any(fnmatchcase(id_, pattern) for pattern in RULES))


def failures(testcase: str) -> list[Example]:
    return [example for example in FAILURES if example.testcase == testcase]


@pytest.mark.parametrize("testcase", REPAIRABLE)
def test_the_planned_changes_let_the_testcase_pass_or_a_person_is_told_why_not(testcase: str) -> None:
    repaired = 0
    for example in failures(testcase):
        repair = planned(example, everything_is_known(example))
        after = foreseen(facts_of(example), repair.changes)
        outcome = published_checks()[testcase].judge(after).outcome
        assert (outcome is Outcome.PASS) == (testcase in repair.foreseen), example
        repaired += outcome is Outcome.PASS
        if outcome is not Outcome.PASS:
            assert repair.open, f"nothing is said of what the changes do not settle: {example}"
            assert testcase in NEVER or any(fnmatchcase(testcase, pattern) for pattern in NOT_ALWAYS), example
    assert bool(repaired) == (testcase not in NEVER)


@pytest.mark.parametrize("testcase", sorted(published_checks()))
def test_without_being_told_nothing_is_overwritten_and_nothing_is_passed_over(testcase: str) -> None:
    for example in failures(testcase):
        repair = planned(example, Wishes())
        assert not any(change.overwrites for change in repair.changes), example
        assert all(change.overwrites for change in repair.left_alone), example
        assert all(point.asks or point.steps for point in repair.open), example
        assert repair.open or repair.left_alone or testcase in repair.foreseen, example


@pytest.mark.parametrize("testcase", REPAIRABLE)
def test_every_change_is_written_as_requests_as_commands_and_as_the_way_back(testcase: str) -> None:
    for example in failures(testcase):
        for change in planned(example, everything_is_known(example)).changes:
            assert change.edits
            assert change.requests
            assert all(command.startswith("openstack ") for command in (*change.commands, *change.undo))
            assert testcase in change.testcases


@pytest.mark.parametrize("testcase", REPAIRABLE)
def test_no_flavor_no_image_and_no_volume_type_is_ever_deleted(testcase: str) -> None:
    for example in failures(testcase):
        for change in planned(example, everything_is_known(example)).changes:
            deleting = [request.path for request in change.requests if request.method == "DELETE"]
            assert all("/os-extra_specs/" in path or path.startswith(RULES_PATH) for path in deleting), deleting


def test_a_rule_whose_id_is_not_told_is_not_deleted() -> None:
    rules = DefaultSecurityGroupRules(
        items=(*service_examples.RULES, SecurityGroupRule(direction="ingress", ethertype="IPv4"))
    )
    check = published_checks()["scs-0115-default-rules"]
    facts: dict[type[Fact], Fact | Unavailable] = {type(rules): rules, Member: MEMBER}
    repair = plan(facts, [Failing(check=check, finding=check.judge(facts))], Wishes(overwrite=True))
    assert [point.says for point in repair.open] == ["The cloud does not tell the ids of its default rules."]
    assert not repair.changes
