"""A plan carried out over HTTP: what was planned is there afterwards, and nothing that changed meanwhile is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from allmende.checks.catalog import catalogue
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.errors import UsageError
from allmende.facts.openstack import Flavor, SecurityGroupRule
from allmende.outcome import Outcome
from allmende.repair.model import Change, Deed, Failing, Fate, Plan, PropertyWish, Wishes
from allmende.repair.rules.plan import plan
from allmende.repair.run import carry_out, refuse_another_cloud
from allmende.runner.execute import execute
from allmende.runner.plan import Reach
from allmende.runner.plan import plan as plan_run
from allmende.runner.run import Run
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
STANDARDS = load_standards()
STATIC = ("scs-010[0234]-*", "scs-0114-*", "scs-0115-*")
EVERYTHING = Wishes(overwrite=True, properties=(PropertyWish(image="*", key="min_ram", value="512"),))


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(STANDARDS, NOW) as cloud:
        yield cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    member: OpenStackCloud
    operator: OpenStackCloud

    async def look(self) -> Run:
        scope = STANDARDS.scope("iaas")
        checks = catalogue(STANDARDS)
        chosen = plan_run(STANDARDS, checks, scope, scope.version("v5.1"), STATIC, Reach(active=False))
        return await execute(chosen, self.member, lambda: NOW, lambda _: None)

    async def plan(self, wishes: Wishes = EVERYTHING) -> Plan:
        run = await self.look()
        checks = {step.testcase.id: step.check for step in run.plan.steps}
        failing = [
            Failing(check=checks[judgement.testcase.id], finding=judgement.finding)
            for judgement in run.judgements
            if judgement.finding.outcome is Outcome.FAIL
        ]
        return plan(run.facts, failing, wishes)

    async def failing(self) -> list[str]:
        return [j.testcase.id for j in (await self.look()).judgements if j.finding.outcome is not Outcome.PASS]

    async def carry_out(self, changes: tuple[Change, ...]) -> tuple[Deed, ...]:
        return await carry_out(changes, self.operator, lambda _: None)


@pytest_asyncio.fixture
async def doors(fake: FakeOpenStack, tmp_path: Path) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        files = ("fake", fake.write_clouds_yaml(tmp_path)), ("operator", fake.write_operator_yaml(tmp_path))
        member, operator = [
            await stack.enter_async_context(
                await open_cloud(name, environ={}, limits=Limits(attempts=1, per_second=1000), config_files=[file])
            )
            for name, file in files
        ]
        yield Doors(member=member, operator=operator)


def break_everything(fake: FakeOpenStack) -> None:
    """Let a testcase of each rule fail."""
    state = fake.state
    state.flavors = [flavor for flavor in state.flavors if flavor.name != "SCS-2V-8"]
    respecify(fake, "SCS-4V-16", **{"scs:cpu-type": "dedicated-core", "scs:disk0-type": "ssd"})
    first = state.images[0]
    state.images[0] = replace(
        first, min_ram_mib=0, properties={**first.properties, "architecture": "amd64", "hw_rng_model": "urandom"}
    )
    old = {**state.images[1].properties, "image_build_date": "2026-03-01", "provided_until": "2028-01-01"}
    state.images.append(replace(state.images[1], id="old", created_at=datetime(2026, 3, 2, tzinfo=UTC), properties=old))
    state.volume_types[0] = replace(state.volume_types[0], description="[scs:replicated, encrypted] LUKS")
    state.default_rules = [
        *(rule for rule in state.default_rules or () if rule.direction == "ingress"),
        SecurityGroupRule(direction="egress", ethertype="IPv4", used_in_default_group=False),
        SecurityGroupRule(direction="egress", ethertype="IPv6", used_in_other_groups=False),
        SecurityGroupRule(direction="ingress", ethertype="IPv4", remote_group="PARENT"),
        SecurityGroupRule(direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=22, port_range_max=22),
        SecurityGroupRule(direction="ingress", ethertype="IPv6", protocol="icmp"),
    ]


def respecify(fake: FakeOpenStack, name: str, **specs: str) -> None:
    fake.state.flavors = [
        replace(flavor, extra_specs={**flavor.extra_specs, **specs}) if flavor.name == name else flavor
        for flavor in fake.state.flavors
    ]


async def test_a_cloud_that_is_broken_everywhere_passes_after_the_repair(fake: FakeOpenStack, doors: Doors) -> None:
    break_everything(fake)
    assert len(await doors.failing()) >= 8
    planned = await doors.plan()
    assert not planned.open
    deeds = await doors.carry_out(planned.changes)
    assert [(deed.fate, deed.words) for deed in deeds] == [(Fate.DONE, "")] * len(planned.changes)
    assert await doors.failing() == []
    made = next(deed.made for deed in deeds if deed.change.thing.name == "SCS-2V-8")
    assert made in [flavor.id for flavor in fake.state.flavors]
    assert not (await doors.plan()).changes


async def test_without_leave_nothing_that_somebody_set_changes(fake: FakeOpenStack, doors: Doors) -> None:
    break_everything(fake)
    planned = await doors.plan(Wishes())
    before = fake.state.images[0].properties
    rules = [rule for rule in fake.state.default_rules or () if rule.direction == "ingress"]
    await doors.carry_out(planned.changes)
    assert fake.state.images[0].properties == before
    assert all(rule in (fake.state.default_rules or ()) for rule in rules)
    assert planned.left_alone
    assert "DELETE" not in {call.split()[0] for call in fake.calls}


async def test_what_changed_since_the_plan_is_skipped_with_a_word(fake: FakeOpenStack, doors: Doors) -> None:
    break_everything(fake)
    planned = await doors.plan()
    respecify(fake, "SCS-4V-16", **{"scs:cpu-type": "crowded-core"})
    fake.state.flavors.append(Flavor(id="new", name="SCS-2V-8", vcpus=1, ram_mib=1, disk_gib=1, is_public=False))
    fake.state.images = [image for image in fake.state.images if image.id != "old"]
    fake.state.volume_types[0] = replace(fake.state.volume_types[0], description="[scs:encrypted, replicated] LUKS")
    deeds = await doors.carry_out(planned.changes)
    skipped = {deed.change.thing.name: deed.words for deed in deeds if deed.fate is Fate.SKIPPED}
    assert skipped == {
        "SCS-2V-8": "there is a flavor SCS-2V-8 by now, which members cannot see",
        "SCS-4V-16": "it was changed since: scs:cpu-type is crowded-core, was dedicated-core",
        "LUKS": "it is so already",
        fake.state.images[1].name: "there is no image old any more",
    }
    assert {deed.fate for deed in deeds} == {Fate.SKIPPED, Fate.DONE}


async def test_a_change_that_is_refused_does_not_hide_the_others(fake: FakeOpenStack, doors: Doors) -> None:
    break_everything(fake)
    planned = await doors.plan()
    fake.fail("image", status=409)
    deeds = await doors.carry_out(planned.changes)
    failed = [deed for deed in deeds if deed.fate is Fate.FAILED]
    assert {deed.change.thing.kind for deed in failed} == {"image"}
    assert "answered 409" in failed[0].words
    assert {deed.fate for deed in deeds if deed not in failed} == {Fate.DONE}


async def test_a_flavor_that_was_made_without_its_properties_is_completed_by_the_next_repair(
    fake: FakeOpenStack, doors: Doors
) -> None:
    fake.state.flavors = [flavor for flavor in fake.state.flavors if flavor.name != "SCS-2V-8"]
    (change,) = (await doors.plan()).changes
    create, specs = change.requests
    broken = replace(change, requests=(create, replace(specs, path="/nowhere")))
    (deed,) = await doors.carry_out((broken,))
    assert deed.fate is Fate.FAILED
    assert deed.words.startswith("1 of 2 requests were carried out, then: ")
    assert deed.made
    await doors.carry_out((await doors.plan(Wishes())).changes)
    assert await doors.failing() == []


async def test_a_member_may_change_nothing(fake: FakeOpenStack, doors: Doors) -> None:
    break_everything(fake)
    planned = await doors.plan()
    deeds = await carry_out(planned.changes, doors.member, lambda _: None)
    assert {deed.fate for deed in deeds} == {Fate.FAILED}
    assert all("403" in deed.words for deed in deeds)


async def test_who_interrupts_gets_the_change_under_way_finished_and_the_others_named(
    fake: FakeOpenStack, doors: Doors
) -> None:
    break_everything(fake)
    planned = await doors.plan()
    fake.delay_seconds = 0.2
    fake.calls.clear()
    task = asyncio.ensure_future(doors.carry_out(planned.changes))
    while all(call.startswith("GET ") or "auth/tokens" in call for call in fake.calls):
        await asyncio.sleep(0.01)
    task.cancel()
    deeds = await task
    fates = [deed.fate for deed in deeds]
    assert len(deeds) == len(planned.changes)
    assert fates[0] is Fate.DONE
    assert fates[-1] is Fate.NOT_REACHED
    assert set(fates) == {Fate.DONE, Fate.NOT_REACHED}


async def test_a_credential_for_another_cloud_is_refused(doors: Doors, tmp_path: Path) -> None:
    await refuse_another_cloud(doors.member, doors.operator)
    with FakeOpenStack() as other:
        folder = tmp_path / "other"
        folder.mkdir()
        async with await open_cloud("fake", environ={}, config_files=[other.write_clouds_yaml(folder)]) as stranger:
            with pytest.raises(UsageError, match="`fake` is not the cloud of `fake`"):
                await refuse_another_cloud(doors.member, stranger)
