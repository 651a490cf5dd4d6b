"""Removing what runs left in a cloud: by the journals of runs that are dead, or by the tag of a run that is named."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allmende.clouds.journal import Journal, Lease, Place, abandoned
from allmende.clouds.kinds import KINDS, Kind
from allmende.clouds.lease import PREFIX, prefix
from allmende.clouds.named import NAMES, inventory
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.removal import Leftover, removed
from allmende.errors import CloudError

OURS = re.compile(rf"{PREFIX}-([0-9a-f]{{12}})-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What was removed and what could not be, of one run."""

    run: str
    removed: tuple[Lease, ...]
    left: tuple[Leftover, ...]


async def place_of(cloud: OpenStackCloud) -> Place:
    """Return the project of the cloud, or the domain of a manager, that journals speak of."""
    where = await cloud.project_id() or await cloud.domain_id() or ""
    return Place(auth_url=cloud.auth_url, project=where, region=cloud.region)


async def clean(cloud: OpenStackCloud, folder: Path, now: Callable[[], datetime]) -> tuple[Cleaned, ...]:
    """Remove everything that dead runs of this machine left in this project, by their journals."""
    place = await place_of(cloud)
    done = []
    for journal in abandoned(folder):
        try:
            if journal.place == place:
                done.append(await _cleaned(cloud, journal, now))
        finally:
            journal.close()
    return tuple(done)


def left(folder: Path, place: Place) -> tuple[tuple[str, tuple[Lease, ...]], ...]:
    """Return what the journals of dead runs say they left in a project: the run, and its leases."""
    found = []
    for journal in abandoned(folder):
        if journal.place == place:
            found.append((journal.run, journal.leases))
        journal.close()
    return tuple(found)


async def clean_by_tag(cloud: OpenStackCloud, run: str, now: Callable[[], datetime]) -> Cleaned:
    """Remove everything whose name says that this run made it, without a journal."""
    found = [lease for lease in await tagged_things(cloud, now()) if run_of(lease) == run]
    if any(thing.name.startswith(f"{prefix(run)}-") for thing in await inventory(cloud)):  # made by another program
        names = Lease(number=len(found), kind=NAMES.name, name=prefix(run), wanted_at=now(), identifier=prefix(run))
        found.append(names)
    gone: list[Lease] = []
    leftovers = await removed(cloud, found, now, gone.append)
    return Cleaned(run=run, removed=tuple(gone), left=leftovers)


def run_of(lease: Lease) -> str:
    """Return the tag of the run whose name a thing bears."""
    match = OURS.match(lease.name)
    return match[1] if match else ""


async def tagged_things(cloud: OpenStackCloud, at: datetime) -> tuple[Lease, ...]:
    """Return everything in the project whose name is one that a run gives, in an order in which it can be removed.

    Services that do not exist or do not answer are passed over.
    """
    lists = await asyncio.gather(*(_named(cloud, kind) for kind in KINDS.values() if kind.plural))
    return tuple(
        Lease(number=number, kind=kind, name=name, wanted_at=at, identifier=identifier)
        for number, (kind, name, identifier) in enumerate(row for rows in lists for row in rows)
    )


async def _named(cloud: OpenStackCloud, kind: Kind) -> list[tuple[str, str, str]]:
    try:
        rows = await cloud.items(kind.service, kind.path, kind.plural)
    except CloudError:
        return []
    things = [kind.unwrapped(row) for row in rows]
    found = ((str(thing.get(kind.name_key) or ""), kind.identifier(thing)) for thing in things)
    return [(kind.name, name, identifier) for name, identifier in found if OURS.match(name)]


async def _cleaned(cloud: OpenStackCloud, journal: Journal, now: Callable[[], datetime]) -> Cleaned:
    gone: list[Lease] = []

    def note(lease: Lease) -> None:
        journal.released(lease)
        gone.append(lease)

    leftovers = await removed(cloud, journal.leases, now, note)
    return Cleaned(run=journal.run, removed=tuple(gone), left=leftovers)
