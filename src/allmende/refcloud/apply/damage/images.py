"""The states of images: some attributes and properties of one, or a small image of our own."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.defects import State

_PATCH = "application/openstack-images-v2.1-json-patch"
_OURS = "allmende_defect"
_DATA = b"This image is a defect of the reference cloud.\n"


async def attributes(cloud: OpenStackCloud, name: str, keys: Iterable[str]) -> State:
    """Return some attributes or properties, None for one that is not set; empty when there is no such image."""
    found = await cloud.items("image", "/images", "images", params={"name": name, "visibility": "public"})
    if not found:
        return {}
    return {"id": found[0]["id"], "values": {key: found[0].get(key) for key in keys}}


async def bring_attributes(cloud: OpenStackCloud, state: State) -> None:
    """Give the image the attributes of `state`, and remove the properties that are None there."""
    path = f"/images/{state['id']}"
    present = (await cloud.request("image", "GET", path)).object()
    changes: list[dict[str, Any]] = [
        {"op": "replace" if key in present else "add", "path": f"/{key}", "value": value}
        for key, value in state["values"].items()
        if value is not None and present.get(key) != value
    ]
    unset = (key for key, value in state["values"].items() if value is None and key in present)
    changes += [{"op": "remove", "path": f"/{key}"} for key in unset]
    if changes:
        content = json.dumps(changes).encode()
        await cloud.request("image", "PATCH", path, content=content, headers={"Content-Type": _PATCH})


async def added(cloud: OpenStackCloud, name: str) -> State:
    """Return an image that a defect added; the data of one that broke off are not looked at."""
    found = await _added(cloud, name)
    return {"name": name} if found else {}


async def bring_added(cloud: OpenStackCloud, name: str, state: State) -> None:
    """Add the image of `state`, or remove every image of that name that was added so."""
    for row in await _added(cloud, name):
        await cloud.request("image", "DELETE", f"/images/{row['id']}")
    if not state:
        return
    description = {"disk_format": "raw", "container_format": "bare", **state, _OURS: name}
    made = (await cloud.request("image", "POST", "/images", json=description)).object()
    headers = {"Content-Type": "application/octet-stream"}
    await cloud.request("image", "PUT", f"/images/{made['id']}/file", content=_DATA, headers=headers)


async def _added(cloud: OpenStackCloud, name: str) -> list[dict[str, Any]]:
    lists = await asyncio.gather(
        *(
            cloud.items("image", "/images", "images", params={"name": name, "os_hidden": hidden, _OURS: name})
            for hidden in ("false", "true")
        )
    )
    return [row for rows in lists for row in rows]
