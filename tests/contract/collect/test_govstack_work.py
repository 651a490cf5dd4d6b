"""What is tried for GovStack: on a cloud that works, on one that does not, and on one that cannot be seen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from allmende.checks.catalog import catalogue
from allmende.clouds.journal import Journal, Place
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.means import Means
from allmende.collect.visit import Visit
from allmende.facts.govstack import StackWork
from allmende.outcome import Outcome
from allmende.runner.execute import execute
from allmende.runner.plan import newest_effective, plan
from allmende.runner.run import Run
from allmende.standards.load import load_standards
from allmende.testing.guest import healthy_guest
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
STANDARDS = load_standards()
SCOPE = STANDARDS.scope("govstack-cloud-infrastructure")
SECRETS = ("canary-token", "canary-secret", "canary-password")


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(STANDARDS, NOW) as cloud:
        cloud.prints(healthy_guest)
        cloud.state.provision.compute_zones = {"east": True, "west": True}
        yield cloud


@asynccontextmanager
async def leased(fake: FakeOpenStack, folder: Path) -> AsyncIterator[tuple[OpenStackCloud, Leases]]:
    files, limits = [fake.write_clouds_yaml(folder)], Limits(attempts=1, per_second=1000.0)
    async with await open_cloud("fake", environ={}, limits=limits, config_files=files) as cloud:
        place = Place(auth_url=cloud.auth_url, project="demo", region=cloud.region)
        journal = Journal.begun(folder / "leases", "0123456789ab", place)
        # A clock that is past every patience, so that what no answer came for is looked for once.
        yield cloud, Leases(cloud, journal, lambda: NOW + timedelta(seconds=next(_TICKS)))
        journal.close()


_TICKS = iter(range(0, 10**9, 60))


@pytest_asyncio.fixture
async def cloud(fake: FakeOpenStack, tmp_path: Path) -> AsyncIterator[tuple[OpenStackCloud, Leases]]:
    async with leased(fake, tmp_path) as both:
        yield both


async def run(both: tuple[OpenStackCloud, Leases], *only: str) -> Run:
    version = newest_effective(SCOPE, NOW.date())
    planned = plan(STANDARDS, catalogue(STANDARDS), SCOPE, version, only)
    return await execute(planned, both[0], lambda: NOW, lambda _standing: None, means=Means(leases=both[1]))


async def finding(both: tuple[OpenStackCloud, Leases], testcase: str) -> tuple[Outcome, str]:
    (judgement,) = (await run(both, testcase)).judgements
    words = [judgement.finding.summary, *judgement.finding.notes]
    return judgement.finding.outcome, "\n".join(words)


async def test_a_clean_cloud_passes_everything_and_nothing_is_left(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]
) -> None:
    done = await run(cloud)
    assert {j.testcase.id: j.finding.summary for j in done.judgements if j.finding.outcome is not Outcome.PASS} == {}
    assert len(done.judgements) == len(SCOPE.versions[0].testcases()) == 15
    assert fake.resources() == []
    assert done.left_behind == ()
    everything = repr(done.judgements)
    assert not [secret for secret in SECRETS if secret in everything]


async def test_work_that_is_shared_is_done_once(fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]) -> None:
    await run(cloud)
    started = [call for call in fake.calls if call.startswith("POST /compute") and call.endswith("/servers")]
    backups = [call for call in fake.calls if call.startswith("POST ") and call.endswith("/backups")]
    assert len(started) == len(backups) == 1


async def test_the_token_of_the_run_is_never_revoked(fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]) -> None:
    await cloud[0].member()
    own = set(fake.state.tokens)
    assert (await finding(cloud, "govstack-token-revocation"))[0] is Outcome.PASS
    assert fake.state.tokens == own


Break = Callable[[FakeOpenStack], None]


def longer_tokens(fake: FakeOpenStack) -> None:
    fake.state.token_lifetime = timedelta(hours=25)


def mighty_readers(service: str) -> Break:
    return lambda fake: fake.state.readers_write.add(service)


def no_role(fake: FakeOpenStack) -> None:
    words = "Could not find role: reader."
    fake.refuse("POST", "/users/{user}/application_credentials", status=404, message=words)


def one_zone(fake: FakeOpenStack) -> None:
    fake.state.provision.compute_zones = {"nova": True}


DEFECTS: list[tuple[str, str, Break]] = [
    ("govstack-token-lifetime", "valid for 25 hours", longer_tokens),
    ("govstack-token-revocation", "revoke it", lambda fake: fake.refuse("DELETE", "/auth/tokens")),
    ("govstack-reader-role", "be refused a network as reader: it was created", mighty_readers("network")),
    ("govstack-reader-role", "be refused a volume as reader: it was created", mighty_readers("block-storage")),
    ("govstack-reader-role", "There is no role reader", no_role),
    ("govstack-server-groups", "the policy affinity", lambda fake: fake.refuse("POST", "/os-server-groups")),
    ("govstack-availability-zones", "1 compute zone takes orders", one_zone),
    ("govstack-image-upload", "describe an image", lambda fake: fake.refuse("POST", "/images")),
    ("govstack-image-upload", "upload 1 MiB to it", lambda fake: fake.refuse("PUT", "/images/{image}/file")),
    ("govstack-image-upload", "download it", lambda fake: fake.refuse("GET", "/images/{image}/file")),
    ("govstack-security-groups", "let one network in", lambda fake: fake.refuse("POST", "/security-group-rules")),
    ("govstack-floating-address", "allocate an address", lambda fake: fake.refuse("POST", "/floatingips")),
    ("govstack-floating-address", "attach it", lambda fake: fake.refuse("PUT", "/floatingips/{id}", status=400)),
    ("govstack-volume-snapshot", "became error", lambda fake: fake.goes_wrong("snapshot")),
    ("govstack-volume-backup", "became error", lambda fake: fake.goes_wrong("backup", words="no space")),
    ("govstack-load-balancer", "became ERROR", lambda fake: fake.goes_wrong("loadbalancer")),
    ("govstack-load-balancer", "is of type load-balancer", lambda fake: fake.remove_service("load-balancer")),
    ("govstack-infrastructure-as-code", "no network", lambda fake: fake.goes_wrong("stack", words="no network")),
    ("govstack-infrastructure-as-code", "apply a template", lambda fake: fake.refuse("POST", "/stacks")),
    ("govstack-key-manager", "is of type key-manager", lambda fake: fake.remove_service("key-manager")),
]


@pytest.mark.parametrize(("testcase", "says", "break_"), DEFECTS)
async def test_a_defect_fails(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases], testcase: str, says: str, break_: Break
) -> None:
    break_(fake)
    outcome, words = await finding(cloud, testcase)
    assert outcome is Outcome.FAIL, words
    assert says in words
    assert fake.resources() == []


def closed(fake: FakeOpenStack) -> None:
    for row in fake.state.resources:
        row.fields["router:external"] = False


BLINDNESS: list[tuple[str, str, Break]] = [
    ("govstack-reader-role", "Forbidden", lambda fake: fake.refuse(
        "POST", "/users/{user}/application_credentials", message="Forbidden")),
    ("govstack-reader-role", "answered 503", lambda fake: fake.fail("compute")),
    ("govstack-server-groups", "compute.server_groups (0 free)", lambda fake: fake.quota("server_group", 0)),
    ("govstack-server-groups", "answered 503", lambda fake: fake.fail("compute")),
    ("govstack-image-upload", "answered 503", lambda fake: fake.fail("image")),
    ("govstack-availability-zones", "answered 503", lambda fake: fake.fail("compute")),
    ("govstack-user-data", "answered 503", lambda fake: fake.fail("image")),
    ("govstack-security-groups", "network.security_group (0 free)", lambda fake: fake.quota("security_group", 0)),
    ("govstack-security-groups", "answered 503", lambda fake: fake.fail("network")),
    ("govstack-floating-address", "network.floatingip (0 free)", lambda fake: fake.quota("floatingip", 0)),
    ("govstack-floating-address", "no network to the outside", closed),
    ("govstack-floating-address", "create a port", lambda fake: fake.refuse("POST", "/ports")),
    ("govstack-volume-snapshot", "block-storage.snapshots (0 free)", lambda fake: fake.quota("snapshot", 0)),
    ("govstack-volume-snapshot", "create a volume", lambda fake: fake.refuse("POST", "/volumes")),
    ("govstack-volume-snapshot", "answered 503", lambda fake: fake.fail("block-storage")),
    ("govstack-volume-backup", "block-storage.backups (0 free)", lambda fake: fake.quota("backup", 0)),
    ("govstack-load-balancer", "Quota has been met", lambda fake: fake.quota("loadbalancer", 0)),
    ("govstack-load-balancer", "create a network", lambda fake: fake.refuse("POST", "/networks")),
    ("govstack-load-balancer", "answered 503", lambda fake: fake.fail("load-balancer")),
    ("govstack-infrastructure-as-code", "OpenTofu", lambda fake: fake.remove_service("orchestration")),
    ("govstack-infrastructure-as-code", "answered 503", lambda fake: fake.fail("orchestration")),
    ("govstack-key-manager", "answered 503", lambda fake: fake.fail("key-manager")),
]  # fmt: skip


@pytest.mark.parametrize(("testcase", "says", "break_"), BLINDNESS)
async def test_what_could_not_be_seen_is_not_determined(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases], testcase: str, says: str, break_: Break
) -> None:
    break_(fake)
    outcome, words = await finding(cloud, testcase)
    assert outcome is Outcome.DNF, words
    assert says in words
    assert fake.resources() == []


async def test_a_token_that_is_still_taken_after_its_revocation_fails(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]
) -> None:
    fake.state.revocation_works = False
    outcome, words = await finding(cloud, "govstack-token-revocation")
    assert outcome is Outcome.FAIL
    assert "wait until it is refused: not within 10 s" in words


async def test_no_token_is_not_determined(fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]) -> None:
    await cloud[0].member()
    fake.fail("identity")
    for testcase in ("govstack-token-lifetime", "govstack-token-revocation"):
        outcome, words = await finding(cloud, testcase)
        assert outcome is Outcome.DNF, words
        assert "get a token of its own" in words


async def test_a_secret_that_the_list_does_not_show_is_not_found(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]
) -> None:
    fake.state.unlisted.add("secret")
    outcome, words = await finding(cloud, "govstack-key-manager")
    assert outcome is Outcome.FAIL
    assert "find it in the list: the list does not show it" in words
    assert fake.resources() == []


async def test_a_guest_that_ignores_its_user_data_is_removed_all_the_same(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]
) -> None:
    fake.goes_wrong("server", words="No valid host was found.")
    outcome, words = await finding(cloud, "govstack-user-data")
    assert outcome is Outcome.DNF
    assert "No valid host was found" in words
    assert fake.resources() == []


async def test_a_stack_whose_creation_was_interrupted_is_found_by_its_name_and_deleted(
    fake: FakeOpenStack, cloud: tuple[OpenStackCloud, Leases]
) -> None:
    fake.stuck("stack")
    visit = Visit(cloud[0], NOW, Means(leases=cloud[1]))
    task = visit.observation(StackWork)
    while not fake.resources():
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert fake.resources() == []
    assert cloud[1].leftovers == []
