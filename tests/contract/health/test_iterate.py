"""One iteration of each scenario on a cloud: what is measured, what is blamed, and that nothing is left behind."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from allmende.clouds import removal
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.health.apply import instance, loadbalancer, storage, zones
from allmende.health.apply.stage import Stage
from allmende.health.model.samples import FAULTS, Ending, Iteration, Kind, Sample, State
from allmende.health.rules.judging import state_of
from allmende.health.run.iterate import REMOVING, ROOM, Conditions, iterate
from allmende.health.run.scenarios import SCENARIOS, Playable
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
IMPATIENT = Limits(connect_seconds=2, answer_seconds=2, attempts=1, per_second=1000)


async def _is_reached(stage: Stage) -> str:
    """Nobody listens at the addresses of a fake cloud."""
    return str(stage.result(instance.ATTACH_ADDRESS))


API = SCENARIOS["api"]
INSTANCE = Playable(
    scenario=SCENARIOS["instance"].scenario, deeds={**SCENARIOS["instance"].deeds, instance.REACH: _is_reached}
)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(load_standards(), NOW) as cloud:
        cloud.prints(lambda _user_data: "guest login: ")
        cloud.remove_service("object-store")  # the fake speaks S3 only
        yield cloud


@asynccontextmanager
async def opened(fake: FakeOpenStack, folder: Path) -> AsyncIterator[OpenStackCloud]:
    files = [fake.write_clouds_yaml(folder)]
    async with await open_cloud("fake", environ={}, limits=IMPATIENT, config_files=files) as cloud:
        yield cloud


def conditions(folder: Path, told: list[Sample] | None = None) -> Conditions:
    heard = [] if told is None else told
    return Conditions(
        id=uuid4(),
        vantage="a test",
        now=lambda: datetime.now(UTC),  # noqa: TID251 -- leases wait by the clock
        journals=folder / "leases",
        told=heard.append,
    )


async def played(fake: FakeOpenStack, playable: Playable, folder: Path) -> Iteration:
    async with opened(fake, folder) as cloud:
        return await iterate(playable, cloud, conditions(folder))


def endings(iteration: Iteration) -> Mapping[str, Ending]:
    return {step.what: step.ending for step in iteration.steps}


async def test_every_service_is_asked_and_each_request_is_a_sample(fake: FakeOpenStack, tmp_path: Path) -> None:
    seen = await played(fake, API, tmp_path)
    assert state_of(seen) is State.WORKS, seen.steps
    asked = {(call.service, call.what) for call in seen.calls}
    assert {
        ("compute", "GET /flavors/detail"),
        ("image", "GET /images"),
        ("network", "GET /networks/{id}"),
        ("block-storage", "GET /volumes"),
    } <= asked
    assert all(call.request_id and call.seconds > 0 for call in seen.calls)
    assert {call.step for call in seen.calls} <= endings(seen).keys()
    assert not fake.resources()


async def test_a_guest_is_started_used_and_removed_with_all_that_is_around_it(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    seen = await played(fake, INSTANCE, tmp_path)
    assert endings(seen) == dict.fromkeys(endings(seen), Ending.OK)
    assert len(endings(seen)) == len(INSTANCE.scenario.steps)
    assert state_of(seen) is State.WORKS
    assert not fake.resources()
    assert not list((tmp_path / "leases").iterdir())
    removing = {call.what for call in seen.calls if call.step == REMOVING}
    assert {"DELETE /networks/{id}", "DELETE /os-keypairs/{id}", "DELETE /volumes/{id}"} <= removing


@pytest.mark.parametrize("name", ["secrets", "storage"])
async def test_what_a_scenario_creates_is_used_and_removed(fake: FakeOpenStack, tmp_path: Path, name: str) -> None:
    seen = await played(fake, SCENARIOS[name], tmp_path)
    of_others = {step.name for step in SCENARIOS[name].scenario.steps if step.service != "object-store"}
    assert {step for step, ending in endings(seen).items() if ending is Ending.OK} == of_others
    assert state_of(seen) is State.WORKS
    assert not fake.resources()
    assert not list((tmp_path / "leases").iterdir())


def in_a_hurry(playable: Playable, name: str) -> Playable:
    """Return the scenario with a second and a half for this step."""
    steps = tuple(replace(step, seconds=1.5) if step.name == name else step for step in playable.scenario.steps)
    return replace(playable, scenario=replace(playable.scenario, steps=steps))


def _who_is_reached(*protocols: str) -> Callable[[str], str]:
    """Return what a guest of the scenario `zones` says that reaches all others by these protocols."""

    def says(script: str) -> str:
        (secret,) = re.findall(r"echo \"allmende (\w+)", script)
        (others,) = re.findall(r"for other in ([\d. ]+);", script)
        return "\n".join(f"allmende {secret} {protocol} {other}" for protocol in protocols for other in others.split())

    return says


async def test_guests_in_every_zone_reach_each_other(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.prints(_who_is_reached("icmp", "tcp"))
    seen = await played(fake, SCENARIOS["zones"], tmp_path)
    assert endings(seen) == dict.fromkeys(endings(seen), Ending.OK)
    assert {step.said for step in seen.steps if step.what in (zones.PING, zones.REACH)} == {"all 2 pairs"}
    assert not fake.resources()


async def test_a_network_that_carries_only_pings_is_blamed(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.prints(_who_is_reached("icmp"))
    seen = await played(fake, in_a_hurry(SCENARIOS["zones"], zones.REACH), tmp_path)
    assert endings(seen)[zones.PING] is Ending.OK
    assert endings(seen)[zones.REACH] is Ending.TIMEOUT
    assert {step.service for step in seen.steps if step.ending in FAULTS} == {"network"}
    assert not fake.resources()


def _behind_a_balancer(fake: FakeOpenStack, monkeypatch: pytest.MonkeyPatch, *, least: int) -> None:
    """Let somebody answer through the load balancer of a fake cloud as long as more than so many members are left."""

    async def answers(_: str) -> bool:
        return sum(not member.is_leaving for member in fake.state.resources.of("member")) > least

    monkeypatch.setattr(loadbalancer, "ssh_answers", answers)


async def test_guests_behind_a_load_balancer_are_reached_until_none_is_left(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _behind_a_balancer(fake, monkeypatch, least=0)
    seen = await played(fake, SCENARIOS["loadbalancer"], tmp_path)
    assert endings(seen) == dict.fromkeys(endings(seen), Ending.OK)
    assert len(endings(seen)) == len(SCENARIOS["loadbalancer"].scenario.steps)
    assert not fake.resources()


async def test_a_load_balancer_that_knows_one_of_two_members_only_is_blamed(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _behind_a_balancer(fake, monkeypatch, least=1)
    impatient = in_a_hurry(SCENARIOS["loadbalancer"], loadbalancer.ALONE)
    seen = await played(fake, impatient, tmp_path)
    assert endings(seen)[loadbalancer.REACH] is Ending.OK
    assert endings(seen)[loadbalancer.ALONE] is Ending.TIMEOUT
    assert endings(seen)[loadbalancer.NONE_LEFT] is Ending.SKIPPED
    assert {step.service for step in seen.steps if step.ending in FAULTS} == {"load-balancer"}
    assert not fake.resources()


async def test_a_backup_of_which_other_bytes_come_back_is_a_fault(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.state.restores_garbage = True
    seen = await played(fake, SCENARIOS["storage"], tmp_path)
    assert endings(seen)[storage.COMPARE] is Ending.ERROR
    assert state_of(seen) is State.FAILS
    assert not fake.resources()


async def test_steps_are_done_at_the_same_time(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.delay_seconds = 0.1
    seen = await played(fake, API, tmp_path)
    assert seen.seconds < sum(step.seconds for step in seen.steps) / 2
    assert fake.most_at_once >= 4


async def test_a_service_that_fails_is_blamed_and_what_needs_it_is_not_tried(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    fake.fail("block-storage", status=503)
    seen = await played(fake, INSTANCE, tmp_path)
    found = endings(seen)
    assert found[instance.VOLUME] is Ending.ERROR
    assert {found[name] for name in (instance.VOLUME_READY, instance.ATTACH, instance.SNAPSHOT)} == {Ending.SKIPPED}
    assert found[instance.CONSOLE] is Ending.OK
    assert state_of(seen) is State.FAILS
    (failed,) = [step for step in seen.steps if step.ending is Ending.ERROR]
    assert (failed.service, failed.status, bool(failed.request_id)) == ("block-storage", 503, True)
    assert not fake.resources()


async def test_what_becomes_an_error_is_blamed_in_the_clouds_words(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.goes_wrong("server", words="No valid host was found.")
    seen = await played(fake, INSTANCE, tmp_path)
    (failed,) = [step for step in seen.steps if step.ending is Ending.ERROR]
    assert failed.what == instance.GUEST_ACTIVE
    assert "No valid host was found." in failed.said
    (asked,) = [call for call in seen.calls if call.what == "POST /servers"]
    assert failed.request_id == asked.request_id, "what the operator follows through the logs"
    assert not fake.resources()


async def test_a_step_that_takes_too_long_is_a_timeout(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("server")
    seen = await played(fake, in_a_hurry(INSTANCE, instance.GUEST_ACTIVE), tmp_path)
    assert endings(seen)[instance.GUEST_ACTIVE] is Ending.TIMEOUT
    assert state_of(seen) is State.FAILS


async def test_a_scenario_whose_time_is_over_ends_and_removes_what_it_made(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("server")
    short = replace(INSTANCE, scenario=replace(INSTANCE.scenario, seconds=2.0))
    seen = await played(fake, short, tmp_path)
    assert endings(seen)[instance.GUEST_ACTIVE] is Ending.TIMEOUT
    assert len(endings(seen)) == len(short.scenario.steps)
    assert not fake.resources()


async def test_a_service_that_a_cloud_does_not_have_is_skipped(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.remove_service("load-balancer")
    seen = await played(fake, API, tmp_path)
    (skipped,) = [step for step in seen.steps if step.service == "load-balancer"]
    assert (skipped.ending, skipped.said) == (Ending.SKIPPED, "The catalog has no load-balancer.")
    assert state_of(seen) is State.WORKS


@pytest.mark.parametrize(("what", "limit"), [("server", 0), ("volume", 0), ("gigabytes", 0)])
async def test_a_full_quota_is_foretold_before_anything_is_created(
    fake: FakeOpenStack, tmp_path: Path, what: str, limit: int
) -> None:
    fake.quota(what, limit)
    seen = await played(fake, INSTANCE, tmp_path)
    (step,) = seen.steps
    assert (step.what, step.ending, state_of(seen)) == (ROOM, Ending.BLIND, State.BLIND)
    assert "needed, 0 free" in step.said
    assert not [call for call in seen.calls if call.what.startswith("POST") and "tokens" not in call.what]


@pytest.mark.parametrize(("what", "limit"), [("server", 0), ("volume", 0), ("gigabytes", 0)])
async def test_a_full_quota_that_nobody_tells_is_no_fault_of_the_cloud(
    fake: FakeOpenStack, tmp_path: Path, what: str, limit: int
) -> None:
    fake.quota(what, limit)
    fake.refuse("GET", "/limits")
    seen = await played(fake, INSTANCE, tmp_path)
    assert Ending.BLIND in endings(seen).values()
    assert state_of(seen) is State.BLIND, [step for step in seen.steps if step.ending is not Ending.OK]
    assert not fake.resources()


async def test_a_credential_that_ends_in_the_middle_is_no_fault_of_the_cloud(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    async with opened(fake, tmp_path) as cloud:
        await cloud.member()
        fake.expire_tokens()
        fake.state.password = "changed"
        seen = await iterate(API, cloud, conditions(tmp_path))
    assert state_of(seen) is State.BLIND, [step for step in seen.steps if step.ending is not Ending.OK]


async def test_what_cannot_be_removed_is_a_fault_of_its_service(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "REMOVAL_SECONDS", 1.0)
    fake.refuse("DELETE", "/volumes/{id}", status=409, message="The volume is in use.")
    seen = await played(fake, INSTANCE, tmp_path)
    (left,) = [step for step in seen.steps if step.ending in FAULTS]
    assert (left.what, left.service, state_of(seen)) == (REMOVING, "block-storage", State.FAILS)
    assert "it was still there after 1 s" in left.said
    assert [each.partition(" ")[0] for each in seen.left] == ["volume"]


async def test_being_cancelled_leaves_nothing_behind(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("server")
    told: list[Sample] = []
    async with opened(fake, tmp_path) as cloud:
        task = asyncio.create_task(iterate(INSTANCE, cloud, conditions(tmp_path, told)))
        async with asyncio.timeout(20):
            while not any("server" in each for each in fake.resources()):
                await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert Ending.TIMEOUT not in {sample.ending for sample in told}, "that somebody ended it says nothing of the cloud"
    assert not fake.resources()
    assert not list((tmp_path / "leases").iterdir())


async def test_a_secret_that_a_cloud_says_back_is_in_no_sample(fake: FakeOpenStack, tmp_path: Path) -> None:
    secret = fake.state.password
    fake.refuse("GET", "/volumes", status=500, message=f"cannot log in with {secret}")
    seen = await played(fake, API, tmp_path)
    failed = [sample for sample in seen.samples if sample.ending is Ending.ERROR]
    assert {sample.kind for sample in failed} == set(Kind)
    assert not [sample for sample in seen.samples if secret in sample.said]


async def test_two_monitors_at_once_do_not_hinder_each_other(fake: FakeOpenStack, tmp_path: Path) -> None:
    first, second = await asyncio.gather(played(fake, INSTANCE, tmp_path), played(fake, INSTANCE, tmp_path))
    assert (state_of(first), state_of(second)) == (State.WORKS, State.WORKS)
    assert not fake.resources()
