"""What Tempest needs to know of a cloud, and the network that it needs in a project."""

from allmende.clouds.lease import Holding
from allmende.clouds.login import Login
from allmende.clouds.named import NAMES
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.routing import connected, external_network
from allmende.collect.visit import UnobservedError, Visit
from allmende.errors import CloudNotFoundError
from allmende.facts.openstack import Catalog, Flavors, Images
from allmende.programs.tempest.settings import Account, Surroundings, guests

CIDR = "10.181.0.0/24"


async def surroundings(visit: Visit, login: Login, prefix: str) -> Surroundings:
    """Observe what Tempest is configured by; UnobservedError where the cloud shows nothing that a server is made of."""
    chosen = guests((await visit.fact(Images)).items, (await visit.fact(Flavors)).items)
    if chosen is None:
        raise UnobservedError(
            "Tempest needs a public image and a public flavor with a disk that the image fits on, and the "
            "cloud shows no such pair."
        )
    catalog, outside = await visit.fact(Catalog), await external_network(visit.cloud)
    return Surroundings(
        auth_url=login.auth_url,
        region=login.region,
        domain_id=login.project_domain_id,
        interface=login.interface,
        ca_file=login.ca_file,
        verifies=login.verifies,
        service_types=frozenset(entry.type for entry in catalog.items),
        guests=chosen,
        public_network=(outside.id, outside.name) if outside else None,
        network_extensions=await _network_extensions(visit.cloud),
        prefix=prefix,
    )


async def prepared(
    cloud: OpenStackCloud, holding: Holding, public_network: tuple[str, str] | None, prefix: str
) -> Account:
    """Make the network that servers get, lease the names that begin with `prefix`, and return the account."""
    login = await cloud.login()
    network = await holding.create("network", "network", {})
    subnet = await holding.create("subnet", "subnet", {"network_id": network, "ip_version": 4, "cidr": CIDR})
    if public_network:
        gateway = {"external_gateway_info": {"network_id": public_network[0]}}
        router = await holding.create("router", "router", gateway)
        await connected(cloud, holding, "interface", router, subnet)

    async def named(_name: str) -> str:
        return prefix

    await holding.obtain(NAMES.name, "names", named, identifier=prefix)  # the last, so that it goes before its network
    return Account(
        user=login.user,
        user_id=login.user_id,
        user_domain=login.user_domain,
        password=login.password,
        project=login.project,
        project_domain=login.project_domain,
        network=holding.name("network"),
    )


async def _network_extensions(cloud: OpenStackCloud) -> tuple[str, ...]:
    try:
        rows = await cloud.items("network", "/extensions", "extensions")
    except CloudNotFoundError:
        return ()
    return tuple(sorted(str(row["alias"]) for row in rows))
