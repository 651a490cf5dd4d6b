"""What an error says of a cloud, in which order steps are done, and what guest is started."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.clouds.calls import Call
from allmende.errors import (
    CloudAuthError,
    CloudError,
    CloudFailedError,
    CloudNotFoundError,
    CloudProtocolError,
    CloudRefusedError,
    CloudTimeoutError,
    CloudUnreachableError,
)
from allmende.health.model.samples import Ending, Iteration, Kind, Sample, State
from allmende.health.model.scenario import Scenario, Step
from allmende.health.rules.choice import guest_choice
from allmende.health.rules.judging import MOST_LAG_S, blinded, ending_of, ending_of_call, resource, state_of
from allmende.health.rules.plan import waits_for, waves
from allmende.health.run.scenarios import SCENARIOS

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CloudFailedError("it failed", status=503), Ending.ERROR),
        (CloudProtocolError("HTML"), Ending.ERROR),
        (CloudTimeoutError("too slow"), Ending.TIMEOUT),
        (CloudUnreachableError("nobody there"), Ending.UNREACHABLE),
        (CloudRefusedError("a conflict", status=409), Ending.REFUSED),
        (CloudNotFoundError("not there", status=404), Ending.REFUSED),
        (CloudAuthError("not for you", status=403), Ending.REFUSED),
        (CloudAuthError("expired", status=401), Ending.BLIND),
        (CloudAuthError("refused credential"), Ending.BLIND),
        (CloudRefusedError("Quota exceeded for instances", status=403), Ending.BLIND),
        (CloudRefusedError("VolumeLimitExceeded: exceeds allowed limit", status=413), Ending.BLIND),
        (CloudRefusedError("slow down", status=429), Ending.BLIND),
    ],
)
def test_an_error_says_something_of_the_cloud_or_of_the_monitor(error: CloudError, expected: Ending) -> None:
    assert ending_of(error) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Ending.OK),
        (204, Ending.OK),
        (404, Ending.REFUSED),
        (409, Ending.REFUSED),
        (401, Ending.BLIND),
        (429, Ending.BLIND),
        (500, Ending.ERROR),
        (503, Ending.ERROR),
        (None, Ending.TIMEOUT),
    ],
)
def test_a_request_ends_as_its_status_says(status: int | None, expected: Ending) -> None:
    error = CloudTimeoutError("too slow") if status is None else None
    call = Call(service="compute", method="GET", path="/", status=status, seconds=1, request_id="", error=error)
    assert ending_of_call(call) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/servers", "/servers"),
        ("/servers/6a8e5e1c-0b5f-4d3c-9c55-1f2e3d4c5b6a/action", "/servers/{id}/action"),
        ("/lbaas/loadbalancers/6a8e5e1c0b5f4d3c9c551f2e3d4c5b6a", "/lbaas/loadbalancers/{id}"),
        ("/os-keypairs/allmende-0123456789ab-key", "/os-keypairs/{id}"),
        ("/images?limit=20&marker=x", "/images"),
        ("https://cloud.example.org/image/v2/images?x=1", "/image/v2/images"),
        ("", "/"),
    ],
)
def test_a_resource_is_the_path_without_what_is_different_each_time(path: str, expected: str) -> None:
    assert resource(path) == expected


def step(ending: Ending) -> Sample:
    return Sample(
        kind=Kind.STEP, at=NOON, service="compute", what="a step", step="a step", ending=ending, seconds=1, said="why"
    )


def iteration(*endings: Ending, lag: float = 0.0) -> Iteration:
    return Iteration(
        id=UUID(int=1),
        cloud="c",
        region="r",
        vantage="here",
        scenario="api",
        began_at=NOON,
        seconds=1,
        samples=tuple(map(step, endings)),
        overhead=0.1,
        lag=lag,
    )


@pytest.mark.parametrize(
    ("endings", "expected"),
    [
        ((Ending.OK, Ending.OK), State.WORKS),
        ((Ending.OK, Ending.SKIPPED), State.WORKS),
        ((Ending.OK, Ending.ERROR), State.FAILS),
        ((Ending.OK, Ending.TIMEOUT), State.FAILS),
        ((Ending.BLIND, Ending.ERROR), State.FAILS),
        ((Ending.OK, Ending.BLIND), State.BLIND),
        ((Ending.SKIPPED,), State.BLIND),
        ((), State.BLIND),
    ],
)
def test_a_cloud_works_only_where_something_was_seen_to_work(endings: tuple[Ending, ...], expected: State) -> None:
    assert state_of(iteration(*endings)) is expected


def test_a_monitor_that_was_too_busy_blames_nobody() -> None:
    assert state_of(iteration(Ending.TIMEOUT, lag=MOST_LAG_S + 1)) is State.BLIND
    assert state_of(iteration(Ending.OK, lag=MOST_LAG_S + 1)) is State.WORKS


def test_without_a_network_the_monitor_is_blind() -> None:
    seen = blinded(iteration(Ending.UNREACHABLE, Ending.TIMEOUT, Ending.OK), "This machine has no way.")
    assert [sample.ending for sample in seen.samples] == [Ending.BLIND, Ending.BLIND, Ending.OK]
    assert seen.samples[0].said == "This machine has no way."
    assert state_of(seen) is State.BLIND


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=3)), max_size=10))
def test_steps_come_after_what_they_wait_for(drawn: list[tuple[int, list[int]]]) -> None:
    steps = tuple(
        Step(name=str(n), service="s", needs=tuple({str(before) for before in needs if before < n}))
        for n, needs in dict(drawn).items()
    )
    known = {each.name for each in steps}
    steps = tuple(replace(each, needs=tuple(need for need in each.needs if need in known)) for each in steps)
    scenario = Scenario(name="x", summary="", steps=steps, creates=False, seconds=1)
    order = [{each.name for each in wave} for wave in waves(scenario)]
    assert sum(map(len, order)) == len(steps)
    for number, wave in enumerate(order):
        before = set().union(*order[:number])
        assert all(before.issuperset(waits_for(each)) for each in steps if each.name in wave)


@pytest.mark.parametrize(
    "steps",
    [
        (Step(name="a", service="s", needs=("b",)),),
        (Step(name="a", service="s", needs=("b",)), Step(name="b", service="s", after=("a",))),
        (Step(name="a", service="s"), Step(name="a", service="s")),
    ],
)
def test_a_scenario_that_cannot_be_done_is_told_of(steps: tuple[Step, ...]) -> None:
    with pytest.raises(ValueError, match="x "):
        waves(Scenario(name="x", summary="", steps=steps, creates=False, seconds=1))


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_that_ships_can_be_done(name: str) -> None:
    playable = SCENARIOS[name]
    assert waves(playable.scenario)
    assert playable.deeds.keys() == {each.name for each in playable.scenario.steps}
    assert all(each.seconds <= playable.scenario.seconds for each in playable.scenario.steps)


def image(name: str, size: int, **other: Any) -> Mapping[str, Any]:
    return {"id": f"id-{name}", "name": name, "status": "active", "size": size, **other}


def flavor(name: str, vcpus: int, ram: int, disk: int) -> Mapping[str, Any]:
    return {"id": f"id-{name}", "name": name, "vcpus": vcpus, "ram": ram, "disk": disk}


SMALL, LARGE, DISKLESS = flavor("small", 1, 512, 5), flavor("large", 4, 8192, 50), flavor("diskless", 1, 256, 0)
DEBIAN, CIRROS = image("Debian 12", 900 * 2**20, min_disk=3), image("cirros-0.6", 20 * 2**20)


@pytest.mark.parametrize(
    ("images", "flavors", "expected"),
    [
        ([DEBIAN, CIRROS], [LARGE, SMALL], ("cirros-0.6", "small", None)),
        ([DEBIAN], [LARGE, SMALL], ("Debian 12", "small", None)),
        ([DEBIAN], [DISKLESS], ("Debian 12", "diskless", 3)),
        ([CIRROS], [DISKLESS, SMALL], ("cirros-0.6", "small", None)),
        ([image("Windows Server", 10)], [SMALL], None),
        ([image("ubuntu node", 10, os_purpose="k8snode")], [SMALL], None),
        ([{**CIRROS, "status": "queued"}], [SMALL], None),
        ([image("debian", 10, min_ram=4096)], [SMALL], None),
        ([], [SMALL], None),
    ],
)
def test_the_smallest_guest_is_chosen(
    images: list[Mapping[str, Any]], flavors: list[Mapping[str, Any]], expected: tuple[str, str, int | None] | None
) -> None:
    found = guest_choice(images, flavors)
    assert (found and (found.image_name, found.flavor_name, found.volume_gib)) == expected
