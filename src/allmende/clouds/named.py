"""What stands in a project under names that begin alike: found, and removed in the order in which that works.

This is for things that a program of somebody else creates under a prefix that we gave it and that nobody else has:
their identifiers are never told to us. Nothing is removed whose name does not begin with the prefix.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allmende.clouds.kinds import KINDS, Kind
from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudError, CloudNotFoundError, CloudRefusedError

FORBIDDEN, CONFLICT = 403, 409


_ORDER_OF_REMOVAL = (
    "server",
    "server group",
    "key pair",
    "backup",
    "volume snapshot",
    "volume",
    "image",
    "floating address",
    "router",
    "port",
    "subnet",
    "network",
    "subnet pool",
    "security group",
    "application credential",
)
"""The kinds that are looked through: what uses something stands before what it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something of the project."""

    kind: Kind
    id: str
    name: str


async def inventory(cloud: OpenStackCloud) -> tuple[Thing, ...]:
    """Return everything of the project that its member may list; CloudError where a service does not answer."""
    lists = await asyncio.gather(*(_things(cloud, KINDS[name]) for name in _ORDER_OF_REMOVAL))
    return tuple(thing for things in lists for thing in things)


async def remove_named(cloud: OpenStackCloud, prefix: str) -> None:
    """Remove what is named `prefix-…`; CloudRefusedError with status 409 as long as something of it is there."""
    if not prefix:
        raise ValueError("without a prefix, everything would be removed")
    for name in _ORDER_OF_REMOVAL:
        for thing in _named(await _things(cloud, KINDS[name]), prefix):
            await _remove(cloud, thing)
    left = _named(await inventory(cloud), prefix)
    if left:
        names = ", ".join(f"{thing.kind.name} {thing.name}" for thing in left[:3])
        raise CloudRefusedError(f"{len(left)} things named {prefix}-… are still there: {names}.", status=CONFLICT)


async def _remove_by_prefix(cloud: OpenStackCloud, _kind: Kind, identifier: str) -> None:
    await remove_named(cloud, identifier)


NAMES = Kind(name="names", service="", path="", key="", remove=_remove_by_prefix)
"""The kind that stands for everything that another program creates; its identifier is the prefix that we gave."""


def _named(things: Iterable[Thing], prefix: str) -> list[Thing]:
    return [thing for thing in things if thing.name.startswith(f"{prefix}-")]


async def _things(cloud: OpenStackCloud, kind: Kind) -> list[Thing]:
    params = {kind.owner_key: await cloud.project_id() or ""} if kind.owner_key else {}
    try:
        rows = await cloud.items(kind.service, kind.path, kind.plural, params=params)
    except CloudNotFoundError:
        return []  # there is no such service
    except CloudError as error:
        if error.status == FORBIDDEN:
            return []
        raise
    return [_thing(kind, kind.unwrapped(row)) for row in rows]


def _thing(kind: Kind, row: Mapping[str, Any]) -> Thing:
    return Thing(kind=kind, id=kind.identifier(row), name=str(row.get(kind.name_key) or ""))


async def _remove(cloud: OpenStackCloud, thing: Thing) -> None:
    """Ask for the removal of a thing; what is refused while something else goes is asked for again by the caller."""
    try:
        if thing.kind.name == "router":
            await _take_apart(cloud, thing.id)
        await thing.kind.remove(cloud, thing.kind, thing.id)
    except (CloudNotFoundError, CloudRefusedError):
        return


async def _take_apart(cloud: OpenStackCloud, router: str) -> None:
    for port in await cloud.items("network", "/ports", "ports", params={"device_id": router}):
        if "router_interface" in str(port.get("device_owner")):
            place = f"/routers/{router}/remove_router_interface"
            await cloud.request("network", "PUT", place, json={"port_id": port["id"]})
