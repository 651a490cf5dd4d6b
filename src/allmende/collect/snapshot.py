"""GovStack: an ordinary member takes a snapshot of a volume and makes another volume of it."""

from typing import Any

from allmende.clouds.settling import settled
from allmende.collect.attempting import working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.govstack import SnapshotWork
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY

SECONDS = 180.0
_NEEDS = {"block-storage.volumes": 2, "block-storage.gigabytes": 3, "block-storage.snapshots": 1}


@collector(seconds=900, usual_seconds=10, creates=True, needs=_NEEDS)
async def snapshot_work(visit: Visit) -> SnapshotWork:
    """Three creations, and some twenty requests that ask whether something is ready or gone."""
    await visit.cloud.endpoint("block-storage")

    async def ready(what: str, kind: str, identifier: str) -> None:
        awaited = settled(visit.cloud, kind, identifier, "available")
        await work.step(what, awaited, seen=_status, seconds=SECONDS)

    async with working(visit, SnapshotWork) as (work, holding):
        volume = await work.step(CREATE_VOLUME, holding.create("volume", "snapped", {"size": 1}))
        await ready(VOLUME_READY, "volume", volume)
        wish = {"volume_id": volume}
        snapshot = await work.step(
            "take a snapshot of it", holding.create("volume snapshot", "snapshot", wish), seconds=SECONDS
        )
        await ready("wait until the snapshot is available", "volume snapshot", snapshot)
        wish = {"snapshot_id": snapshot}
        other = await work.step("make a volume of the snapshot", holding.create("volume", "from-snapshot", wish))
        await ready("wait until that volume is available", "volume", other)
    return SnapshotWork(attempts=work.attempts)


def _status(row: dict[str, Any]) -> str:
    return str(row["status"])
