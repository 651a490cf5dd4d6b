"""The kinds of things that are created in a cloud: where they live in the APIs, and how they are removed.

What is created, and when, is decided elsewhere; see `lease` for how nothing of it is left behind, and `named` for what
other programs create for us.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from allmende.clouds.openstack import OpenStackCloud

_DELETED = frozenset({"DELETED", "DELETE_COMPLETE"})

Removing = Callable[[OpenStackCloud, "Kind", str], Awaitable[None]]


async def delete(cloud: OpenStackCloud, kind: "Kind", identifier: str) -> None:
    """Remove a thing as most APIs do: DELETE on its own path."""
    await cloud.request(kind.service, "DELETE", f"{kind.path}/{identifier}")


async def remove_router_interface(cloud: OpenStackCloud, _kind: "Kind", identifier: str) -> None:
    """Take a subnet from a router; the identifier is `ROUTER/SUBNET`."""
    router, _, subnet = identifier.partition("/")
    await cloud.request("network", "PUT", f"/routers/{router}/remove_router_interface", json={"subnet_id": subnet})


async def delete_load_balancer(cloud: OpenStackCloud, kind: "Kind", identifier: str) -> None:
    """Remove a load balancer with its listeners, pools, members and monitors."""
    await cloud.request(kind.service, "DELETE", f"{kind.path}/{identifier}", params={"cascade": "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing: `key` is what one of them is called in JSON, `plural` the list of them.

    `path` is relative to the service. A list can be narrowed by `name_key`, where the name that we give stands, so that
    a thing whose identifier we never learned is found; things without `plural` have identifiers that are known before
    they are made. `owner_key` is where the project stands, in lists that also show what others share, `id_key` where
    the identifier, and `status_key` where the status. `vanishes` tells whether removal goes on after the answer, so
    that its end is awaited.
    """

    name: str
    service: str
    path: str
    key: str
    plural: str = ""
    id_key: str = "id"
    name_key: str = "name"
    owner_key: str = ""
    status_key: str = "status"
    vanishes: bool = False
    remove: Removing = delete

    def identifier(self, row: Mapping[str, Any]) -> str:
        """Return the identifier of a thing as the API describes it; the last part where that is an address."""
        return str(row[self.id_key]).rstrip("/").rsplit("/", 1)[-1]

    def wrapped(self, description: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document with which a thing of this description is asked for."""
        return {self.key: description} if self.key else description

    def unwrapped(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a thing out of the answer about it, or out of a list, where only key pairs are wrapped."""
        inner = document.get(self.key)
        return inner if isinstance(inner, Mapping) else document

    def is_deleted(self, row: Mapping[str, Any]) -> bool:
        """Tell whether what the API still shows is only the memory of a thing, as of stacks for a while."""
        return self.status(row) in _DELETED

    def status(self, row: Mapping[str, Any]) -> str:
        """Return the status of a thing as the API describes it; empty for kinds that have none."""
        return str(row.get(self.status_key) or "")


_KINDS = (
    Kind(name="image", service="image", path="/images", key="", plural="images", owner_key="owner"),
    Kind(name="key pair", service="compute", path="/os-keypairs", key="keypair", plural="keypairs", id_key="name"),
    Kind(
        name="security group",
        service="network",
        path="/security-groups",
        key="security_group",
        plural="security_groups",
        owner_key="project_id",
    ),
    Kind(name="network", service="network", path="/networks", key="network", plural="networks", owner_key="project_id"),
    Kind(
        name="subnet pool",
        service="network",
        path="/subnetpools",
        key="subnetpool",
        plural="subnetpools",
        owner_key="project_id",
    ),
    Kind(name="subnet", service="network", path="/subnets", key="subnet", plural="subnets", owner_key="project_id"),
    Kind(name="router", service="network", path="/routers", key="router", plural="routers", owner_key="project_id"),
    Kind(name="router interface", service="network", path="/routers", key="", remove=remove_router_interface),
    Kind(name="port", service="network", path="/ports", key="port", plural="ports", owner_key="project_id"),
    Kind(
        name="floating address",
        service="network",
        path="/floatingips",
        key="floatingip",
        plural="floatingips",
        name_key="description",
        owner_key="project_id",
    ),
    Kind(
        name="load balancer",
        service="load-balancer",
        path="/lbaas/loadbalancers",
        key="loadbalancer",
        plural="loadbalancers",
        status_key="provisioning_status",
        vanishes=True,
        remove=delete_load_balancer,
    ),
    Kind(name="volume", service="block-storage", path="/volumes", key="volume", plural="volumes", vanishes=True),
    Kind(
        name="volume snapshot",
        service="block-storage",
        path="/snapshots",
        key="snapshot",
        plural="snapshots",
        vanishes=True,
    ),
    Kind(name="backup", service="block-storage", path="/backups", key="backup", plural="backups", vanishes=True),
    Kind(name="server group", service="compute", path="/os-server-groups", key="server_group", plural="server_groups"),
    Kind(name="server", service="compute", path="/servers", key="server", plural="servers", vanishes=True),
    Kind(name="secret", service="key-manager", path="/secrets", key="", plural="secrets", id_key="secret_ref"),
    Kind(name="container", service="object-store", path="", key=""),
    Kind(name="object", service="object-store", path="", key=""),
    Kind(name="credential", service="identity", path="/credentials", key="credential"),
    Kind(name="project", service="identity", path="/projects", key="project", plural="projects"),
    Kind(name="user", service="identity", path="/users", key="user", plural="users"),
    Kind(name="group", service="identity", path="/groups", key="group", plural="groups"),
    Kind(name="role", service="identity", path="/roles", key="role", plural="roles"),
    Kind(
        name="application credential",
        service="identity",
        path="/users/{user}/application_credentials",
        key="application_credential",
        plural="application_credentials",
    ),
    Kind(
        name="stack",
        service="orchestration",
        path="/stacks",
        key="stack",
        plural="stacks",
        name_key="stack_name",
        status_key="stack_status",
        vanishes=True,
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every kind, by its name in the journal of leases, in an order in which things can be made."""
