"""The run of Tempest against a fake cloud, with a fake Tempest in the place of its environment."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.clouds.journal import Journal, Place
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.named import remove_named
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.means import Means
from allmende.collect.tempest import TempestWish
from allmende.collect.visit import Visit
from allmende.config import Directories
from allmende.errors import CloudRefusedError
from allmende.facts.tempest import TempestOutcome, TempestRun
from allmende.outcome import Outcome, Unavailable
from allmende.programs.environment import shipped
from allmende.standards.load import load_standards
from allmende.standards.tempest_list import load_tempest_list
from allmende.testing.judge import judge
from allmende.testing.openstack import FakeOpenStack
from allmende.testing.tempest import FakeTempest

NOW = datetime(2026, 5, 28, 21, tzinfo=UTC)  # when the fake Tempest reports
TAG = "0123456789ab"
TESTS = load_tempest_list().tests
FLAVORS = tuple(test.name for test in TESTS if "FlavorsV2" in test.class_name)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(load_standards(), NOW) as cloud:
        yield cloud


@pytest.fixture
def places(tmp_path: Path) -> Directories:
    return Directories(state=tmp_path / "state", cache=tmp_path / "cache")


@pytest.fixture
def tempest(places: Directories) -> FakeTempest:
    return FakeTempest(shipped("tempest").path(places.cache), TESTS)


class Visits:
    """Visits of one fake cloud, each by a run with a journal."""

    def __init__(self, fake: FakeOpenStack, places: Directories, folder: Path) -> None:
        self.fake = fake
        self.places = places
        self.folder = folder
        self.said: list[str] = []

    @asynccontextmanager
    async def visit(self, wish: TempestWish, name: str = "fake") -> AsyncIterator[tuple[Visit, Leases]]:
        files = [self.fake.write_clouds_yaml(self.folder)]
        async with await open_cloud(
            name, environ={}, limits=Limits(attempts=1, per_second=1000), config_files=files
        ) as cloud:
            place = Place(auth_url=cloud.auth_url, project="p", region=cloud.region)
            journal = Journal.begun(self.places.state / "leases", TAG, place)
            leases = Leases(cloud, journal, lambda: datetime.now(UTC))  # noqa: TID251 -- leases are given back in real time
            try:
                yield self._visit(cloud, leases, wish), leases
            finally:
                journal.close()

    async def run(self, wish: TempestWish | None = None, name: str = "fake") -> TempestRun | Unavailable:
        async with self.visit(wish or TempestWish(), name) as (visit, leases):
            fact = await visit.observation(TempestRun)
            assert leases.leftovers == []
        assert isinstance(fact, TempestRun | Unavailable)
        return fact

    def _visit(self, cloud: OpenStackCloud, leases: Leases, wish: TempestWish) -> Visit:
        def tell(_fact: object, words: str) -> None:
            self.said.append(words)

        means = Means(leases=leases, cache=self.places.cache, state=self.places.state, wishes=(wish,))
        return Visit(cloud, NOW, means, tell=tell)


@pytest.fixture
def visits(fake: FakeOpenStack, places: Directories, tmp_path: Path) -> Visits:
    return Visits(fake, places, tmp_path)


async def test_everything_is_run_judged_and_nothing_is_left(visits: Visits, tempest: FakeTempest) -> None:
    before = visits.fake.resources()
    run = await visits.run()
    assert isinstance(run, TempestRun)
    assert (len(run.results), run.missing, run.left_behind) == (len(TESTS), (), ())
    finding = judge("scs-0128-tempest", run)
    assert finding.outcome is Outcome.PASS
    assert "257 passed, 0 failed, 1 skipped" in finding.notes[0]
    assert visits.said[-2].startswith(f"{len(TESTS)} of {len(TESTS)}")
    assert visits.fake.resources() == before


async def test_a_failure_fails_with_its_reason(visits: Visits, tempest: FakeTempest) -> None:
    tempest.behave({FLAVORS[0]: "fail"})
    run = await visits.run()
    assert isinstance(run, TempestRun)
    finding = judge("scs-0128-tempest", run)
    assert finding.outcome is Outcome.FAIL
    assert "lib.Gone: No such thing" in finding.evidence[0].seen


async def test_an_interrupted_run_ends_tempest_gives_everything_back_and_is_resumed(
    visits: Visits, tempest: FakeTempest
) -> None:
    before = visits.fake.resources()
    tempest.behave({FLAVORS[1]: "hang"})
    async with visits.visit(TempestWish()) as (visit, leases):
        observation = visit.observation(TempestRun)
        while not (tempest.pids and any("1 of " in line for line in visits.said)):
            await asyncio.sleep(0.05)  # until it hangs, and what went before is noted
        observation.cancel()
        await visit.end()
        assert leases.leftovers == []
    assert visits.fake.resources() == before
    tempest.behave({})
    run = await visits.run(TempestWish(resume=True))
    assert isinstance(run, TempestRun)
    assert run.missing == ()
    assert f"{FLAVORS[0]}[" not in str(tempest.calls[-1]["tests"])
    assert FLAVORS[1] in str(tempest.calls[-1]["tests"])


async def test_only_what_is_asked_for_runs_and_that_is_no_pass(visits: Visits, tempest: FakeTempest) -> None:
    run = await visits.run(TempestWish(only=("*FlavorsV2*",)))
    assert isinstance(run, TempestRun)
    assert {result.test: result.outcome for result in run.results} == dict.fromkeys(FLAVORS, TempestOutcome.PASS)
    assert judge("scs-0128-tempest", run).outcome is Outcome.DNF


async def test_an_application_credential_is_not_enough_and_nothing_is_created(
    visits: Visits, tempest: FakeTempest
) -> None:
    before = visits.fake.resources()
    run = await visits.run(name="credential")
    assert isinstance(run, Unavailable)
    assert "another program cannot log in with that" in run.reason
    assert "user's name and password" in run.reason
    assert visits.fake.resources() == before
    assert tempest.calls == []


async def test_a_tempest_that_does_not_start_is_a_reason_and_leaves_nothing(
    visits: Visits, tempest: FakeTempest
) -> None:
    before = visits.fake.resources()
    tempest.behave({}, refuses=True)
    run = await visits.run()
    assert isinstance(run, Unavailable)
    assert "No module named tempest" in run.reason
    assert visits.fake.resources() == before


async def test_without_a_public_image_it_says_what_is_missing(visits: Visits, tempest: FakeTempest) -> None:
    visits.fake.state.images.clear()
    run = await visits.run()
    assert isinstance(run, Unavailable)
    assert "needs a public image" in run.reason


async def test_what_bears_the_prefix_is_removed_and_nothing_else(visits: Visits) -> None:
    async with visits.visit(TempestWish()) as (visit, _leases):
        cloud = visit.cloud
        ours, theirs = "allmende-1-tempest-net", "allmende-1-tempestuous"
        for name in (ours, theirs):
            await cloud.request("network", "POST", "/networks", json={"network": {"name": name}})
        volume = {"volume": {"name": "allmende-1-tempest-volume", "size": 1}}
        await cloud.request("block-storage", "POST", "/volumes", json=volume)
        for _ in range(50):
            try:
                await remove_named(cloud, "allmende-1-tempest")
            except CloudRefusedError:
                await asyncio.sleep(0.1)
            else:
                break
        networks = {row["name"] for row in await cloud.items("network", "/networks", "networks")}
        assert theirs in networks
        assert ours not in networks
        assert await cloud.items("block-storage", "/volumes", "volumes") == []
        with pytest.raises(ValueError, match="everything would be removed"):
            await remove_named(cloud, "")
