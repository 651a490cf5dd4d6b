"""What a server boots from: its flavor's own disk, or a volume that goes with it."""

from collections.abc import Mapping
from typing import Any


def booted_from(image: str, volume_gib: int | None) -> Mapping[str, Any]:
    """Return that part of the wish for a server; `volume_gib` is the size of the volume, None without one."""
    if volume_gib is None:
        return {"imageRef": image}
    volume = {
        "boot_index": 0,
        "uuid": image,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": volume_gib,
        "delete_on_termination": True,
    }
    return {"block_device_mapping_v2": [volume]}
