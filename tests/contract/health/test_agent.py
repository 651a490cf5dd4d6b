"""A monitor at work: clouds side by side, again and again, until told to stop; its own troubles end nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.errors import AllmendeError, StoreError
from allmende.health.model.assignment import Assignment
from allmende.health.model.samples import Iteration, Sample, State
from allmende.health.run.agent import Agent
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Heard:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.lost: OSError | None = None
        self.begun: list[tuple[str, str]] = []
        self.ended: list[State] = []
        self.troubles: list[AllmendeError] = []

    def begin(self, cloud: str, scenario: str) -> None:
        self.begun.append((cloud, scenario))

    def sample(self, cloud: str, sample: Sample) -> None:
        assert cloud
        assert sample.seconds >= 0

    def end(self, iteration: Iteration, state: State) -> None:
        assert iteration.steps
        self.ended.append(state)

    def trouble(self, error: AllmendeError) -> None:
        self.troubles.append(error)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(load_standards(), NOW) as cloud:
        cloud.remove_service("object-store")  # the fake speaks S3 only
        yield cloud


@pytest.fixture
def opened(fake: FakeOpenStack, tmp_path: Path) -> Callable[[str | None], Awaitable[OpenStackCloud]]:
    async def opening(_: str | None) -> OpenStackCloud:
        return await open_cloud("fake", environ={}, config_files=[fake.write_clouds_yaml(tmp_path)])

    return opening


def agent(folder: Path, keep: Callable[[Iteration], Awaitable[None]], heard: Heard) -> Agent:
    return Agent(
        vantage="a test",
        now=lambda: datetime.now(UTC),  # noqa: TID251 -- leases wait by the clock
        new_id=uuid4,
        journals=folder / "leases",
        keep=keep,
        told=heard,
    )


async def test_clouds_are_tried_side_by_side_under_their_names(
    opened: Callable[[str | None], Awaitable[OpenStackCloud]], tmp_path: Path
) -> None:
    kept: list[Iteration] = []
    enough = asyncio.Event()

    async def keep(iteration: Iteration) -> None:
        kept.append(iteration)
        if len(kept) >= 6:
            enough.set()

    often = [Assignment(cloud="fake", name=name, minutes=0.005, scenarios=("api",)) for name in ("one", "two")]
    heard = Heard()
    working = asyncio.create_task(agent(tmp_path, keep, heard).all(often, opened))
    await asyncio.wait_for(enough.wait(), 60)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert {each.cloud for each in kept} == {"one", "two"}
    assert {each.vantage for each in kept} == {"a test"}
    assert set(heard.ended) == {State.WORKS}


async def test_a_guest_that_hangs_keeps_nobody_from_asking_the_services(
    fake: FakeOpenStack, opened: Callable[[str | None], Awaitable[OpenStackCloud]], tmp_path: Path
) -> None:
    fake.stuck("server")
    kept: list[str] = []
    enough = asyncio.Event()

    async def keep(iteration: Iteration) -> None:
        kept.append(iteration.scenario)
        if len(kept) >= 3:
            enough.set()

    both = [Assignment(cloud="fake", minutes=0.005, scenarios=("instance", "api"))]
    working = asyncio.create_task(agent(tmp_path, keep, Heard()).all(both, opened))
    await asyncio.wait_for(enough.wait(), 60)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert set(kept) == {"api"}
    assert not fake.resources()


async def test_that_nothing_can_be_kept_is_told_and_ends_nothing(
    opened: Callable[[str | None], Awaitable[OpenStackCloud]], tmp_path: Path
) -> None:
    full = StoreError("The database's disk is full.")

    async def keep(_: Iteration) -> None:
        raise full

    heard = Heard()
    async with await opened(None) as cloud:
        states = await agent(tmp_path, keep, heard).once(Assignment(cloud="fake", scenarios=("api",)), cloud)
    assert states == [State.WORKS]
    assert heard.troubles == [full]


async def test_when_nobody_hears_any_more_it_ends(
    opened: Callable[[str | None], Awaitable[OpenStackCloud]], tmp_path: Path
) -> None:
    async def keep(_: Iteration) -> None:
        heard.lost = BrokenPipeError()

    heard = Heard()
    assignments = [Assignment(cloud="fake", scenarios=("api",))]
    with pytest.raises(BrokenPipeError):
        await asyncio.wait_for(agent(tmp_path, keep, heard).all(assignments, opened), 60)
