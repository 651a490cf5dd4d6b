"""Decide what guest the monitor starts: the smallest that there is, so that it takes little from anybody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_MIB_PER_GIB = 1024
_SMALLEST_RAM_MIB = 64
_LINUX = ("cirros", "alpine", "debian", "ubuntu", "fedora", "almalinux", "rocky", "allmende")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestChoice:
    """An image and a flavor that fit each other; `volume_gib` is the size of the volume to boot from, None without."""

    image: str
    image_name: str
    flavor: str
    flavor_name: str
    volume_gib: int | None

    @property
    def words(self) -> str:
        """The choice in words."""
        disk = f", on a volume of {self.volume_gib} GiB" if self.volume_gib else ""
        return f"{self.image_name} on {self.flavor_name}{disk}"


def guest_choice(images: Iterable[Mapping[str, Any]], flavors: Iterable[Mapping[str, Any]]) -> GuestChoice | None:
    """Return the smallest image with the smallest flavor that holds it; None where nothing fits.

    `images` and `flavors` are rows as the APIs show them. A flavor with a disk of its own comes before a volume.
    """
    usable = sorted((image for image in images if _is_linux(image)), key=_size)
    sizes = sorted(flavors, key=lambda row: (int(row["vcpus"]), int(row["ram"]), int(row["disk"]), str(row["name"])))
    for image in usable:
        least_ram = max(int(image.get("min_ram") or 0), _SMALLEST_RAM_MIB)
        least_disk = max(int(image.get("min_disk") or 0), -(-_size(image) // _MIB_PER_GIB**3), 1)
        roomy = [row for row in sizes if int(row["ram"]) >= least_ram]
        with_disk = next((row for row in roomy if int(row["disk"]) >= least_disk), None)
        chosen = with_disk or next((row for row in roomy if int(row["disk"]) == 0), None)
        if chosen is not None:
            return GuestChoice(
                image=str(image["id"]),
                image_name=str(image["name"]),
                flavor=str(chosen["id"]),
                flavor_name=str(chosen["name"]),
                volume_gib=None if with_disk else least_disk,
            )
    return None


def _is_linux(image: Mapping[str, Any]) -> bool:
    named = f"{image.get('os_distro') or ''} {image.get('name') or ''}".lower()
    is_for_people = str(image.get("os_purpose") or "generic") in ("generic", "minimal", "custom")
    return image.get("status") == "active" and is_for_people and any(name in named for name in _LINUX)


def _size(image: Mapping[str, Any]) -> int:
    return int(image.get("virtual_size") or image.get("size") or 0)
