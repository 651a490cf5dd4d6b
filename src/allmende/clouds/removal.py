"""Removing what leases say, and nothing else, in an order in which that works.

A lease whose identifier never came (the answer was lost, or we were killed) is found by its name, which holds the run's
tag and nobody else has.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.clouds.journal import Lease
from allmende.clouds.kinds import KINDS, Kind
from allmende.clouds.named import NAMES
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.waiting import until
from allmende.errors import CloudError, CloudNotFoundError, CloudRefusedError

REMOVAL_SECONDS = 180.0
"""How long the removal of one thing may take."""

NOT_NOW = frozenset({400, 409})
"""What services answer while a thing is in use, or on its way to another state."""

UNANSWERED = timedelta(seconds=20)
"""How long after a request without answer the thing may still appear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A lease that could not be given back, and why."""

    lease: Lease
    why: str


async def removed(
    cloud: OpenStackCloud,
    leases: Iterable[Lease],
    now: Callable[[], datetime],
    note: Callable[[Lease], None],
) -> tuple[Leftover, ...]:
    """Remove what the leases say, the last first; tell `note` of each that is gone, and return the others.

    What something else still needs is refused for a while and asked for again. One that stays does not keep the
    others from being removed.
    """
    leftovers = []
    for lease in sorted(leases, key=lambda lease: lease.number, reverse=True):
        if lease.kind != NAMES.name and lease.kind not in KINDS:
            leftovers.append(Leftover(lease=lease, why="this version of Allmende does not know how; use a newer one"))
            continue
        try:
            async with asyncio.timeout(REMOVAL_SECONDS):
                await remove(cloud, lease, now)
        except TimeoutError:
            leftovers.append(Leftover(lease=lease, why=f"it was still there after {REMOVAL_SECONDS:g} s"))
        except CloudError as error:
            leftovers.append(Leftover(lease=lease, why=str(error)))
        else:
            note(lease)
    return tuple(leftovers)


async def remove(cloud: OpenStackCloud, lease: Lease, now: Callable[[], datetime]) -> None:
    """Remove what one lease says and wait until it is gone; CloudError where that does not work."""
    kind = kind_of(lease)
    if lease.identifier is not None:
        await _gone(cloud, kind, lease.identifier)
        return
    while True:
        for identifier in await found_by_name(cloud, kind, lease.name):
            await _gone(cloud, kind, identifier)
        if now() - lease.wanted_at >= UNANSWERED:
            return
        await asyncio.sleep(1)


async def found_by_name(cloud: OpenStackCloud, kind: Kind, name: str) -> list[str]:
    """Return the identifiers of the things of this kind that have just this name."""
    rows = await cloud.items(kind.service, kind.path, kind.plural, params={kind.name_key: name})
    things = [kind.unwrapped(row) for row in rows]
    return [kind.identifier(thing) for thing in things if thing.get(kind.name_key) == name]


def kind_of(lease: Lease) -> Kind:
    """Return the kind that a lease names."""
    return NAMES if lease.kind == NAMES.name else KINDS[lease.kind]


async def _gone(cloud: OpenStackCloud, kind: Kind, identifier: str) -> None:
    """Remove a thing and wait until it is gone; what is refused for now is asked for again until time is up."""

    async def removable() -> bool:
        try:
            await kind.remove(cloud, kind, identifier)
        except CloudNotFoundError:
            return True
        except CloudRefusedError as error:
            if error.status in NOT_NOW:
                return False
            raise
        return True

    async def vanished() -> bool:
        try:
            answer = (await cloud.request(kind.service, "GET", f"{kind.path}/{identifier}")).object()
        except CloudNotFoundError:
            return True
        return kind.is_deleted(kind.unwrapped(answer))

    await until(removable)
    if kind.vanishes:
        await until(vanished)
