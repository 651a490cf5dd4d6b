"""Which image and flavor a guest is made of, when any Linux with cloud-init will do."""

import re
from dataclasses import dataclass

from allmende.facts.openstack import Flavor, Image

LEAST_RAM_MIB = 512
_DISTRIBUTIONS = {"debian": 2, "ubuntu": 1}
_CODENAMES = {"buster": 10, "bullseye": 11, "bookworm": 12, "trixie": 13}
_PURPOSES = {"generic": 2, "minimal": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestChoice:
    """An image and a flavor that fit each other; `volume_gib` is the size of the volume to boot from, None without."""

    image: Image
    flavor: Flavor
    volume_gib: int | None


def guest_choice(flavors: tuple[Flavor, ...], images: tuple[Image, ...]) -> GuestChoice | None:
    """Return the newest Debian, else the newest Ubuntu, with the smallest flavor for it; None where nothing fits.

    As in the public test suite Debian comes before Ubuntu, and a flavor that allows a hardware random number generator
    before others. A flavor with a root disk of its own is taken before a volume, which would cost quota.
    """
    able = [image for image in images if image.status == "active" and _distribution(image) and not image.is_hidden]
    for image in sorted(able, key=_preference, reverse=True):
        fitting = [choice for flavor in flavors if (choice := _with(image, flavor))]
        if fitting:
            return min(fitting, key=_cost)
    return None


def _with(image: Image, flavor: Flavor) -> GuestChoice | None:
    if flavor.ram_mib < max(image.min_ram_mib, LEAST_RAM_MIB):
        return None
    least = max(image.min_disk_gib, 1)
    if flavor.disk_gib >= least:
        return GuestChoice(image=image, flavor=flavor, volume_gib=None)
    return GuestChoice(image=image, flavor=flavor, volume_gib=max(least, 8)) if flavor.disk_gib == 0 else None


def _cost(choice: GuestChoice) -> tuple[bool, bool, float, str]:
    flavor = choice.flavor
    without_rng = flavor.extra_specs.get("hw_rng:allowed", "").lower() != "true"
    size = flavor.vcpus + flavor.ram_mib / 1024 + flavor.disk_gib / 10
    return without_rng, choice.volume_gib is not None, size, flavor.name


def _distribution(image: Image) -> int:
    purpose = image.properties.get("os_purpose", "generic")
    if purpose not in _PURPOSES:
        return 0  # nodes of Kubernetes, appliances and the like need not have cloud-init
    return _DISTRIBUTIONS.get(image.properties.get("os_distro", "").lower(), 0)


def _preference(image: Image) -> tuple[int, float, int, str]:
    version = image.properties.get("os_version", "").lower()
    number = re.fullmatch(r"\d+(\.\d+)?", version)
    return (
        _distribution(image),
        float(number[0]) if number else float(_CODENAMES.get(version, 0)),
        _PURPOSES.get(image.properties.get("os_purpose", ""), 0),
        image.created_at.isoformat(),
    )
