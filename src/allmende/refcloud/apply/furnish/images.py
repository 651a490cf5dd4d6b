"""The images: uploaded once per edition; an older edition is renamed and hidden, and stays usable by its id."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.images import GuestImage

_EDITION = "allmende_edition"
_PATCH = "application/openstack-images-v2.1-json-patch"


async def image_exists(cloud: OpenStackCloud, image: GuestImage, progress: Callable[[str], None]) -> None:
    """Make the cloud offer `image` to everybody under its name, with its properties and data.

    An image whose upload broke off is deleted. One of an earlier edition makes way as scs-0102 recommends.
    """
    found = await cloud.items("image", "/images", "images", params={"name": image.name, "visibility": "public"})
    complete = [entry for entry in found if entry["status"] == "active"]
    for entry in found:
        if entry not in complete:
            await cloud.request("image", "DELETE", f"/images/{entry['id']}")
    if any(entry.get(_EDITION) == image.edition for entry in complete):
        return
    for entry in complete:
        await _make_way(cloud, entry)
    progress(f"uploading the image «{image.name}» ({image.path.stat().st_size // 1024**2} MiB)")
    await _upload(cloud, image)


async def _upload(cloud: OpenStackCloud, image: GuestImage) -> None:
    description = {
        "name": image.name,
        "visibility": "public",
        "disk_format": "qcow2",
        "container_format": "bare",
        "min_disk": image.min_disk_gib,
        "min_ram": image.min_ram_mib,
        "tags": ["managed_by_allmende", f"os:{image.properties['os_distro']}"],
        _EDITION: image.edition,
        **image.properties,
    }
    made = (await cloud.request("image", "POST", "/images", json=description)).object()
    with image.path.open("rb") as data:
        await cloud.request(
            "image",
            "PUT",
            f"/images/{made['id']}/file",
            content=data,
            headers={"Content-Type": "application/octet-stream"},
        )


async def _make_way(cloud: OpenStackCloud, entry: Mapping[str, Any]) -> None:
    day = str(entry.get("image_build_date") or entry["created_at"])[:10].replace("-", "")
    changes = [
        {"op": "replace", "path": "/name", "value": f"{entry['name']} {day}"},
        {"op": "replace", "path": "/os_hidden", "value": True},
    ]
    if entry.get("os_purpose") == "generic":
        changes.append({"op": "replace", "path": "/os_purpose", "value": "oldgeneric"})
    content = json.dumps(changes).encode()
    await cloud.request("image", "PATCH", f"/images/{entry['id']}", content=content, headers={"Content-Type": _PATCH})
