"""Bytes into a volume and out of it, by way of images, so that no guest is needed; and a volume out of a backup."""

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud


async def image_described(holding: Holding, purpose: str) -> str:
    """Return a private image that waits for its content.

    It has a property of our own, because cinder 28 trips over volumes whose image has none when it makes an image of
    them.
    """
    wish = {"disk_format": "raw", "container_format": "bare", "visibility": "private", "os_purpose": "custom"}
    return await holding.create("image", purpose, wish)


async def image_uploaded(cloud: OpenStackCloud, image: str, content: bytes) -> None:
    """Give an image its content."""
    headers = {"Content-Type": "application/octet-stream"}
    await cloud.request("image", "PUT", f"/images/{image}/file", content=content, headers=headers)


async def volume_restored(cloud: OpenStackCloud, holding: Holding, backup: str, purpose: str) -> str:
    """Return a new volume that is restored from a backup; whether it is available yet, its status tells."""

    async def restore(name: str) -> str:
        wish = {"restore": {"name": name}}
        answer = await cloud.request("block-storage", "POST", f"/backups/{backup}/restore", json=wish)
        return str(answer.object()["restore"]["volume_id"])

    return await holding.obtain("volume", purpose, restore)


async def image_of_volume(cloud: OpenStackCloud, holding: Holding, volume: str, purpose: str) -> str:
    """Return an image that is made of a volume; whether it is active yet, its status tells."""

    async def upload(name: str) -> str:
        action = {"os-volume_upload_image": {"image_name": name, "disk_format": "raw", "container_format": "bare"}}
        answer = await cloud.request("block-storage", "POST", f"/volumes/{volume}/action", json=action)
        return str(answer.object()["os-volume_upload_image"]["image_id"])

    return await holding.obtain("image", purpose, upload)


async def image_beginning(cloud: OpenStackCloud, image: str, size: int) -> bytes:
    """Return the first bytes of an image."""
    return await cloud.beginning("image", f"/images/{image}/file", size)
