"""scs-0117: an ordinary member backs up a volume and restores it, and the restored bytes are compared.

The bytes are brought into the first volume, and out of the restored one, by way of images, so that no guest is needed.
Where the cloud does not let members do that, an empty volume is backed up, and nothing is said about bytes.
"""

from secrets import token_bytes
from typing import Any

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.settling import settled
from allmende.clouds.volume_content import (
    image_beginning,
    image_described,
    image_of_volume,
    image_uploaded,
    volume_restored,
)
from allmende.collect.attempting import StoppedError, Work
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY, BackupWork

SECONDS = 180.0
"""How long one step may take; the public suite gives up after 110 s of waiting."""

VOLUME_GIB = 1
WRITTEN_BYTES = 1024 * 1024
_NEEDS = {
    "block-storage.volumes": 2,
    "block-storage.gigabytes": 2 * VOLUME_GIB,
    "block-storage.backups": 1,
    "block-storage.backup_gigabytes": VOLUME_GIB,
}


@collector(seconds=900, usual_seconds=20, creates=True, needs=_NEEDS)
async def backup_work(visit: Visit) -> BackupWork:
    """About thirty requests, most of which ask whether something is ready."""
    await visit.cloud.endpoint("block-storage")
    work = Work(lambda words: visit.say(BackupWork, words))
    written = token_bytes(WRITTEN_BYTES)
    async with visit.leases.held() as holding:
        image = await _uploaded(visit.cloud, holding, written)
        try:
            restored = await _restored(visit.cloud, holding, work, image)
        except StoppedError:
            return BackupWork(attempts=work.attempts, why_not_compared=f"Nothing was restored{_why(work)}.")
        if image is None:
            why = "The cloud does not let a member upload an image, so no bytes were written."
            return BackupWork(attempts=work.attempts, why_not_compared=why)
        bytes_work = Work(lambda words: visit.say(BackupWork, words))
        try:
            read = await _read(visit.cloud, holding, bytes_work, restored)
        except StoppedError:
            why = f"The restored bytes could not be read{_why(bytes_work)}."
            return BackupWork(attempts=work.attempts, why_not_compared=why)
    return BackupWork(attempts=work.attempts, is_same=read == written, compared_bytes=len(written))


async def _uploaded(cloud: OpenStackCloud, holding: Holding, content: bytes) -> str | None:
    """Return an image with this content; None where the cloud has none of ours."""
    work = Work(lambda _: None)
    try:
        image = await work.step("describe an image", image_described(holding, "written"), seconds=SECONDS)
        await work.step("upload it", image_uploaded(cloud, image, content), seconds=SECONDS)
    except StoppedError:
        return None
    return image


async def _restored(cloud: OpenStackCloud, holding: Holding, work: Work, image: str | None) -> str:
    """Return the volume that was restored from the backup of another."""
    wish = {"size": VOLUME_GIB, **({"imageRef": image} if image else {})}
    volume = await work.step(CREATE_VOLUME, holding.create("volume", "volume", wish))
    await work.step(VOLUME_READY, settled(cloud, "volume", volume, "available"), seen=_status, seconds=SECONDS)
    backup = await work.step("create a backup of it", holding.create("backup", "backup", {"volume_id": volume}))
    await work.step(
        "wait until the backup is available",
        settled(cloud, "backup", backup, "available"),
        seen=_status,
        seconds=SECONDS,
    )
    restoring = volume_restored(cloud, holding, backup, "restored")
    restored = await work.step("restore it to a new volume", restoring)
    await work.step(
        "wait until the restored volume is available",
        settled(cloud, "volume", restored, "available"),
        seen=_status,
        seconds=SECONDS,
    )
    return restored


async def _read(cloud: OpenStackCloud, holding: Holding, work: Work, volume: str) -> bytes:
    """Return the first bytes of a volume, by way of an image that is made of it."""
    making = image_of_volume(cloud, holding, volume, "read")
    image = await work.step("make an image of the restored volume", making)
    await work.step("wait until it is active", settled(cloud, "image", image, "active"), seconds=SECONDS)
    return await work.step("read its first bytes", image_beginning(cloud, image, WRITTEN_BYTES), seconds=SECONDS)


def _why(work: Work) -> str:
    failure = work.attempts.failure
    return f": {failure.what}: {failure.seen}".rstrip(".") if failure else ""


def _status(row: dict[str, Any]) -> str:
    return str(row["status"])
