"""The way from a network of our own to the outside: which network that is, and a subnet behind a router."""

from dataclasses import dataclass

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalNetwork:
    """A network that floating addresses come from."""

    id: str
    name: str


async def external_network(cloud: OpenStackCloud) -> ExternalNetwork | None:
    """Return the external network that is marked as default, else the first by name; None where none is shown."""
    rows = await cloud.items("network", "/networks", "networks", params={"router:external": "true"})
    if not rows:
        return None
    row = min(rows, key=lambda row: (not row.get("is_default"), str(row["name"])))
    return ExternalNetwork(id=str(row["id"]), name=str(row["name"]))


async def connected(cloud: OpenStackCloud, holding: Holding, purpose: str, router: str, subnet: str) -> None:
    """Connect a subnet with a router, by an interface that is held: it keeps both from being removed."""
    identifier = f"{router}/{subnet}"

    async def ask(_name: str) -> str:
        path = f"/routers/{router}/add_router_interface"
        await cloud.request("network", "PUT", path, json={"subnet_id": subnet})
        return identifier

    await holding.obtain("router interface", purpose, ask, identifier=identifier)
