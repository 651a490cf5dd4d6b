"""The availability zones of compute, storage and networks, each with one request."""

import asyncio
from collections.abc import Iterable

from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.collector import collector
from allmende.collect.rows import Row, reading
from allmende.collect.visit import Visit
from allmende.errors import CloudNotFoundError
from allmende.facts.zones import AvailabilityZones, Zone


@collector()
async def availability_zones(visit: Visit) -> AvailabilityZones:
    """Three requests."""
    compute, storage, network = await asyncio.gather(
        visit.cloud.items("compute", "/os-availability-zone", "availabilityZoneInfo"),
        visit.cloud.items("block-storage", "/os-availability-zone", "availabilityZoneInfo"),
        _of_networks(visit.cloud),
    )
    return AvailabilityZones(compute=_zones(compute), storage=_zones(storage), network=network)


async def _of_networks(cloud: OpenStackCloud) -> tuple[Zone, ...]:
    """Return each zone once (it has an entry for networks and one for routers); none where there is no such API."""
    try:
        rows = await cloud.items("network", "/availability_zones", "availability_zones")
    except CloudNotFoundError:
        return ()
    states: dict[str, bool] = {}
    for zone in reading("a zone", lambda row: Zone(name=str(row["name"]), is_available=_is_up(row)), rows):
        states[zone.name] = states.get(zone.name, True) and zone.is_available
    return tuple(Zone(name=name, is_available=is_available) for name, is_available in states.items())


def _is_up(row: Row) -> bool:
    return bool(row["state"] == "available")


def _zones(rows: Iterable[Row]) -> tuple[Zone, ...]:
    return reading(
        "a zone", lambda row: Zone(name=str(row["zoneName"]), is_available=bool(row["zoneState"]["available"])), rows
    )
