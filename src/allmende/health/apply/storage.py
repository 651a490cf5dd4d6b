"""The scenario `storage`: bytes survive a backup and its restoration, and come back from the object store.

The bytes get into the volume, and out of the restored one, by way of images, so that no guest is needed.
"""

import hashlib
from collections.abc import Mapping

from allmende.clouds.settling import WentWrongError, settled
from allmende.clouds.volume_content import (
    image_beginning,
    image_described,
    image_of_volume,
    image_uploaded,
    volume_restored,
)
from allmende.health.apply.stage import Deed, Stage
from allmende.health.model.scenario import Scenario, Step

IMAGE = "describe an image"
UPLOAD = "upload the image's content"
VOLUME = "create a volume of the image"
VOLUME_READY = "wait for that volume"
BACKUP = "back the volume up"
BACKUP_READY = "wait for the backup"
RESTORE = "restore the backup"
RESTORED = "wait for the restored volume"
MAKE_IMAGE = "make an image of the restored volume"
IMAGE_READY = "wait for that image"
COMPARE = "compare the restored bytes"
CONTAINER = "create a container"
PUT = "put an object"
GET = "get the object back"
LIST = "find the object in the list"

_VOLUME_GIB = 1
_BYTES = 256 * 1024
_CHUNK = 32


def _content(stage: Stage) -> bytes:
    """Return bytes that are of this iteration only, and do not compress away."""
    seed = stage.secret.encode()
    return b"".join(hashlib.sha256(seed + number.to_bytes(4, "big")).digest() for number in range(_BYTES // _CHUNK))


async def _image(stage: Stage) -> str:
    return await image_described(stage.holding, "written")


async def _upload(stage: Stage) -> None:
    await image_uploaded(stage.cloud, stage.result(IMAGE), _content(stage))


async def _volume(stage: Stage) -> str:
    wish = {"size": _VOLUME_GIB, "imageRef": stage.result(IMAGE)}
    return await stage.holding.create("volume", "backed-up", wish)


async def _volume_ready(stage: Stage) -> None:
    await settled(stage.cloud, "volume", stage.result(VOLUME), "available")


async def _backup(stage: Stage) -> str:
    return await stage.holding.create("backup", "backup", {"volume_id": stage.result(VOLUME)})


async def _backup_ready(stage: Stage) -> None:
    await settled(stage.cloud, "backup", stage.result(BACKUP), "available")


async def _restore(stage: Stage) -> str:
    return await volume_restored(stage.cloud, stage.holding, stage.result(BACKUP), "restored")


async def _restored(stage: Stage) -> None:
    await settled(stage.cloud, "volume", stage.result(RESTORE), "available")


async def _make_image(stage: Stage) -> str:
    return await image_of_volume(stage.cloud, stage.holding, stage.result(RESTORE), "read")


async def _image_ready(stage: Stage) -> None:
    await settled(stage.cloud, "image", stage.result(MAKE_IMAGE), "active")


async def _compare(stage: Stage) -> str:
    if await image_beginning(stage.cloud, stage.result(MAKE_IMAGE), _BYTES) != _content(stage):
        raise WentWrongError("other bytes were restored than were backed up")
    return f"the same {_BYTES // 1024} KiB"


async def _container(stage: Stage) -> str:
    name = stage.holding.name("container")

    async def create(_: str) -> str:
        await stage.cloud.request("object-store", "PUT", f"/{name}")
        return name

    return await stage.holding.obtain("container", "container", create, identifier=name)


async def _put(stage: Stage) -> str:
    path = f"{stage.result(CONTAINER)}/object"

    async def create(_: str) -> str:
        headers = {"Content-Type": "application/octet-stream"}
        await stage.cloud.request("object-store", "PUT", f"/{path}", content=_content(stage), headers=headers)
        return path

    return await stage.holding.obtain("object", "object", create, identifier=path)


async def _get(stage: Stage) -> None:
    answer = await stage.cloud.request("object-store", "GET", f"/{stage.result(PUT)}", headers={"Accept": "*/*"})
    if answer.content != _content(stage):
        raise WentWrongError("other bytes came back than were put")


async def _list(stage: Stage) -> None:
    answer = await stage.cloud.request("object-store", "GET", f"/{stage.result(CONTAINER)}", params={"format": "json"})
    if b'"object"' not in answer.content:
        raise WentWrongError("the list does not show it")


DEEDS: Mapping[str, Deed] = {
    IMAGE: _image,
    UPLOAD: _upload,
    VOLUME: _volume,
    VOLUME_READY: _volume_ready,
    BACKUP: _backup,
    BACKUP_READY: _backup_ready,
    RESTORE: _restore,
    RESTORED: _restored,
    MAKE_IMAGE: _make_image,
    IMAGE_READY: _image_ready,
    COMPARE: _compare,
    CONTAINER: _container,
    PUT: _put,
    GET: _get,
    LIST: _list,
}
SCENARIO = Scenario(
    name="storage",
    summary="bytes survive a backup and come back; so do those of an object",
    steps=(
        Step(name=IMAGE, service="image"),
        Step(name=UPLOAD, service="image", needs=(IMAGE,)),
        Step(name=VOLUME, service="block-storage", needs=(IMAGE, UPLOAD)),
        Step(name=VOLUME_READY, service="block-storage", needs=(VOLUME,), seconds=180),
        Step(name=BACKUP, service="block-storage", needs=(VOLUME, VOLUME_READY)),
        Step(name=BACKUP_READY, service="block-storage", needs=(BACKUP,), seconds=300),
        Step(name=RESTORE, service="block-storage", needs=(BACKUP, BACKUP_READY)),
        Step(name=RESTORED, service="block-storage", needs=(RESTORE,), seconds=300),
        Step(name=MAKE_IMAGE, service="block-storage", needs=(RESTORE, RESTORED)),
        Step(name=IMAGE_READY, service="image", needs=(MAKE_IMAGE,), seconds=300),
        Step(name=COMPARE, service="image", needs=(MAKE_IMAGE, IMAGE_READY), seconds=120),
        Step(name=CONTAINER, service="object-store"),
        Step(name=PUT, service="object-store", needs=(CONTAINER,)),
        Step(name=GET, service="object-store", needs=(PUT,)),
        Step(name=LIST, service="object-store", needs=(CONTAINER, PUT)),
    ),
    creates=True,
    seconds=1200,
    quota={
        "block-storage.volumes": 2,
        "block-storage.gigabytes": 2,
        "block-storage.backups": 1,
        "block-storage.backup_gigabytes": 1,
    },
)
