"""Facts of the previews, from a fake cloud over HTTP: what is read, and what is tried and removed again."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from allmende.clouds.journal import Journal, Place
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.means import Account, Means
from allmende.collect.visit import Visit
from allmende.facts.domain_manager import DomainManager
from allmende.facts.fact import Fact
from allmende.facts.networks import (
    DnsZones,
    NetworkExtensions,
    PortName,
    ProviderNetworks,
    ProviderNetworkTrial,
    SharingTrial,
    SubnetPools,
)
from allmende.facts.tls import TlsServers
from allmende.facts.zones import AvailabilityZones, Zone
from allmende.outcome import Unavailable
from allmende.testing.fake.provision import Provision
from allmende.testing.openstack import FakeOpenStack

F = TypeVar("F", bound=Fact)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ONCE = Limits(attempts=1, per_second=1000)
STATIC = (AvailabilityZones, ProviderNetworks, SubnetPools, NetworkExtensions, DnsZones)
WRITTEN = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack() as cloud:
        yield cloud


@pytest.fixture
def provision(fake: FakeOpenStack) -> Provision:
    return fake.state.provision


@pytest_asyncio.fixture
async def visit(fake: FakeOpenStack, tmp_path: Path) -> AsyncIterator[Visit]:
    files = [fake.write_clouds_yaml(tmp_path)]
    async with AsyncExitStack() as stack:
        doors: list[OpenStackCloud] = [
            await stack.enter_async_context(await open_cloud(name, environ={}, limits=ONCE, config_files=files))
            for name in ("fake", "manager")
        ]
        leases = []
        for number, door in enumerate(doors):
            place = Place(auth_url=door.auth_url, project="", region=door.region)
            journal = Journal.begun(tmp_path / "leases", f"run{number}", place)
            stack.callback(journal.close)
            leases.append(Leases(door, journal, lambda: NOW))
        yield Visit(doors[0], NOW, Means(leases=leases[0], manager=Account(cloud=doors[1], leases=leases[1])))


async def observed(visit: Visit, fact: type[F]) -> F:
    value = await visit.observation(fact)
    assert isinstance(value, fact), value
    return value


async def unavailable(visit: Visit, fact: type[Fact]) -> str:
    value = await visit.observation(fact)
    assert isinstance(value, Unavailable), value
    return value.reason


async def test_zones_are_listed_by_service_each_once(visit: Visit, provision: Provision) -> None:
    provision.compute_zones = {"east": True, "west": False}
    provision.storage_zones = {"nova": True}
    provision.network_zones = {"east": True}
    assert await observed(visit, AvailabilityZones) == AvailabilityZones(
        compute=(Zone(name="east"), Zone(name="west", is_available=False)),
        storage=(Zone(name="nova"),),
        network=(Zone(name="east"),),
    )


async def test_a_network_api_without_zones_is_one_without_zones(visit: Visit, provision: Provision) -> None:
    provision.network_zones = None
    assert (await observed(visit, AvailabilityZones)).network == ()


async def test_provider_networks_are_those_of_other_projects(visit: Visit) -> None:
    async with visit.leases.held() as holding:
        await holding.create("network", "own", {})
        found = await observed(visit, ProviderNetworks)
    assert [(network.name, network.is_external, network.is_default) for network in found.items] == [
        ("public", True, True)
    ]


async def test_pools_extensions_and_dns_zones_come_as_they_are(visit: Visit, provision: Provision) -> None:
    provision.dns_zones = ["example.org."]
    (pool,) = (await observed(visit, SubnetPools)).items
    assert (pool.ip_version, pool.is_shared, pool.is_default) == (6, True, True)
    assert (pool.shortest_prefix, pool.longest_prefix) == (64, 128)
    assert (await observed(visit, NetworkExtensions)).aliases == provision.extensions
    assert (await observed(visit, DnsZones)).names == ("example.org.",)


async def test_what_only_reads_takes_seven_requests_and_writes_nothing(fake: FakeOpenStack, visit: Visit) -> None:
    await visit.cloud.catalog()
    fake.calls.clear()
    for fact in STATIC:
        await observed(visit, fact)
    assert len(fake.calls) == 7
    assert not [call for call in fake.calls if call.startswith(WRITTEN)]


@pytest.mark.parametrize("fact", STATIC)
async def test_a_service_that_fails_leaves_a_fact_unknown_with_the_reason(
    fake: FakeOpenStack, visit: Visit, fact: type[Fact]
) -> None:
    await visit.cloud.catalog()
    for service in ("compute", "network", "dns"):
        fake.fail(service)
    assert "answered 503" in await unavailable(visit, fact)


async def test_without_a_dns_service_its_zones_are_unknown(fake: FakeOpenStack, visit: Visit) -> None:
    fake.remove_service("dns")
    assert "lists no service `dns`" in await unavailable(visit, DnsZones)


async def test_a_member_is_refused_a_providers_network_and_sharing(fake: FakeOpenStack, visit: Visit) -> None:
    assert (await observed(visit, ProviderNetworkTrial)).trial.is_forbidden
    assert (await observed(visit, SharingTrial)).trial.is_forbidden
    assert [network.fields["name"] for network in fake.state.resources.of("network")] == ["public"]


async def test_a_member_who_may_is_seen_to_and_nothing_is_left(
    fake: FakeOpenStack, visit: Visit, provision: Provision
) -> None:
    provision.members_may = {"provider", "share"}
    trial = (await observed(visit, ProviderNetworkTrial)).trial
    assert (trial.succeeded, trial.status) == (False, 400)
    assert (await observed(visit, SharingTrial)).trial.succeeded
    assert [network.fields["name"] for network in fake.state.resources.of("network")] == ["public"]


async def test_a_port_has_its_name_and_goes_again(fake: FakeOpenStack, visit: Visit) -> None:
    port = await observed(visit, PortName)
    assert port.given == port.wanted == "allmende-run0-named"
    assert port.addresses == (("10.98.76.2", "allmende-run0-named.cloud.example"),)
    assert not fake.state.resources.of("port")
    assert not fake.state.resources.of("subnet", name="allmende-run0-names")


async def test_without_the_default_domain_changed_ports_are_named_by_their_addresses(
    visit: Visit, provision: Provision
) -> None:
    provision.dns_domain = None
    assert (await observed(visit, PortName)).addresses == (("10.98.76.2", "host-10-98-76-2.openstacklocal"),)


async def test_an_api_without_names_is_not_asked_for_one(
    fake: FakeOpenStack, visit: Visit, provision: Provision
) -> None:
    provision.extensions -= {"dns-integration", "dns-domain-ports"}
    assert (await observed(visit, PortName)).addresses == ()
    assert not [call for call in fake.calls if call.startswith("POST /network")]


async def test_a_run_that_only_reads_tries_nothing(fake: FakeOpenStack, visit: Visit) -> None:
    reading = Visit(visit.cloud, NOW)
    for fact in (ProviderNetworkTrial, SharingTrial, PortName):
        assert "which this run does not create" in await unavailable(reading, fact)
    assert "--domain-manager" in await unavailable(reading, DomainManager)
    assert not [call for call in fake.calls if call.startswith(WRITTEN) and "auth/tokens" not in call]


async def test_a_good_manager_manages_the_own_domain_only_and_everything_goes_again(
    visit: Visit, provision: Provision
) -> None:
    before = {kind: set(rows) for kind, rows in provision.identities.items()}
    manager = await observed(visit, DomainManager)
    assert (manager.user, manager.domain) == ("carol", "village")
    assert [trial.what for trial in manager.within if not trial.succeeded] == []
    assert [trial.what for trial in (*manager.beyond, *manager.powers) if trial.succeeded] == []
    assert "create a user in another domain" in {trial.what for trial in manager.beyond}
    assert {kind: set(rows) for kind, rows in provision.identities.items()} == before


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("look", "see a project of another domain in the list"),
        ("reach", "create a user in another domain"),
        ("admin", "grant the role admin in the domain"),
        ("role", "create a role"),
    ],
)
async def test_what_a_manager_may_too_much_is_seen_and_everything_goes_again(
    visit: Visit, provision: Provision, fault: str, seen: str
) -> None:
    before = {kind: set(rows) for kind, rows in provision.identities.items()}
    provision.managers_may = {fault}
    manager = await observed(visit, DomainManager)
    assert seen in {trial.what for trial in (*manager.beyond, *manager.powers) if trial.succeeded}
    assert {kind: set(rows) for kind, rows in provision.identities.items()} == before


async def test_what_a_manager_may_too_little_is_seen(visit: Visit, provision: Provision) -> None:
    provision.managers_may_not = {"groups"}
    manager = await observed(visit, DomainManager)
    assert [trial.what for trial in manager.within if not trial.succeeded] == ["create a group"]


async def test_a_managers_token_for_a_project_shows_nothing_and_nothing_is_made(
    fake: FakeOpenStack, visit: Visit
) -> None:
    of_a_project = Visit(visit.cloud, NOW, Means(manager=Account(cloud=visit.cloud, leases=visit.leases)))
    assert "`domain_name:` under `auth:`" in await unavailable(of_a_project, DomainManager)
    assert not [call for call in fake.calls if call.startswith(WRITTEN) and "auth/tokens" not in call]


async def test_an_identity_service_that_fails_is_no_refusal(fake: FakeOpenStack, visit: Visit) -> None:
    await visit.manager.cloud.member()
    await visit.cloud.member()
    fake.fail("identity")
    assert "answered 503" in await unavailable(visit, DomainManager)


async def test_without_https_nobody_is_scanned_and_nothing_installed(visit: Visit) -> None:
    assert await observed(visit, TlsServers) == TlsServers(items=())
