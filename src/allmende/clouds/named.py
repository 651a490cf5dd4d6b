"""What stands in a project under names that begin alike: found, and removed in the order in which that works.

This is for things that a program of somebody else creates under a prefix that we gave it and that nobody else has:
their identifiers are never told to us. Nothing is removed whose name does not begin with the prefix.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudError, CloudNotFoundError, CloudRefusedError

FORBIDDEN, CONFLICT = 403, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A list of things of the project: `path` is relative to its service, and `{user}` in it is our user.

    With `by_project` the list is narrowed to the project, where the API would show what others share as well.
    """

    what: str
    service: str
    path: str
    plural: str
    id_key: str = "id"
    by_project: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


SHELVES = (
    Shelf(what="server", service="compute", path="/servers", plural="servers"),
    Shelf(what="server group", service="compute", path="/os-server-groups", plural="server_groups"),
    Shelf(what="key pair", service="compute", path="/os-keypairs", plural="keypairs", id_key="name"),
    Shelf(what="backup", service="block-storage", path="/backups", plural="backups"),
    Shelf(what="volume snapshot", service="block-storage", path="/snapshots", plural="snapshots"),
    Shelf(what="volume", service="block-storage", path="/volumes", plural="volumes"),
    Shelf(what="image", service="image", path="/images", plural="images", by_project="owner"),
    Shelf(
        what="floating address",
        service="network",
        path="/floatingips",
        plural="floatingips",
        by_project="project_id",
    ),
    Shelf(what="router", service="network", path="/routers", plural="routers", by_project="project_id"),
    Shelf(what="port", service="network", path="/ports", plural="ports", by_project="project_id"),
    Shelf(what="subnet", service="network", path="/subnets", plural="subnets", by_project="project_id"),
    Shelf(what="network", service="network", path="/networks", plural="networks", by_project="project_id"),
    Shelf(what="subnet pool", service="network", path="/subnetpools", plural="subnetpools", by_project="project_id"),
    Shelf(
        what="security group",
        service="network",
        path="/security-groups",
        plural="security_groups",
        by_project="project_id",
    ),
    Shelf(
        what="application credential",
        service="identity",
        path="/users/{user}/application_credentials",
        plural="application_credentials",
    ),
)
"""What is looked through, in the order of removal: what uses something stands before what it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that stands on a shelf."""

    shelf: Shelf
    id: str
    name: str


async def inventory(cloud: OpenStackCloud) -> tuple[Thing, ...]:
    """Return everything of the project that its member may list; CloudError where a service does not answer."""
    lists = await asyncio.gather(*(_things(cloud, shelf) for shelf in SHELVES))
    return tuple(thing for things in lists for thing in things)


async def remove_named(cloud: OpenStackCloud, prefix: str) -> None:
    """Remove what is named `prefix-…`; CloudRefusedError with status 409 as long as something of it is there."""
    if not prefix:
        raise ValueError("without a prefix, everything would be removed")
    for shelf in SHELVES:
        for thing in _named(await _things(cloud, shelf), prefix):
            await _remove(cloud, thing)
    left = _named(await inventory(cloud), prefix)
    if left:
        names = ", ".join(f"{thing.shelf.what} {thing.name}" for thing in left[:3])
        raise CloudRefusedError(f"{len(left)} things named {prefix}-… are still there: {names}.", status=CONFLICT)


def _named(things: Iterable[Thing], prefix: str) -> list[Thing]:
    return [thing for thing in things if thing.name.startswith(f"{prefix}-")]


async def _things(cloud: OpenStackCloud, shelf: Shelf) -> list[Thing]:
    project = await cloud.project_id() or ""
    params = {**shelf.params, **({shelf.by_project: project} if shelf.by_project else {})}
    path = shelf.path.format(user=await cloud.user_id() or "")
    try:
        rows = await cloud.items(shelf.service, path, shelf.plural, params=params)
    except CloudNotFoundError:
        return []  # there is no such service
    except CloudError as error:
        if error.status == FORBIDDEN:
            return []
        raise
    return [_thing(shelf, row.get("keypair", row)) for row in rows]


def _thing(shelf: Shelf, row: Mapping[str, Any]) -> Thing:
    return Thing(shelf=shelf, id=str(row[shelf.id_key]), name=str(row.get("name") or row.get("description") or ""))


async def _remove(cloud: OpenStackCloud, thing: Thing) -> None:
    """Ask for the removal of a thing; what is refused while something else goes is asked for again by the caller."""
    path = thing.shelf.path.format(user=await cloud.user_id() or "")
    try:
        if thing.shelf.what == "router":
            await _take_apart(cloud, thing.id)
        await cloud.request(thing.shelf.service, "DELETE", f"{path}/{thing.id}")
    except (CloudNotFoundError, CloudRefusedError):
        return


async def _take_apart(cloud: OpenStackCloud, router: str) -> None:
    for port in await cloud.items("network", "/ports", "ports", params={"device_id": router}):
        if "router_interface" in str(port.get("device_owner")):
            place = f"/routers/{router}/remove_router_interface"
            await cloud.request("network", "PUT", place, json={"port_id": port["id"]})
