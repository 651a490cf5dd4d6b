"""Which image and flavor the guest of scs-0101 is made of."""

from datetime import UTC, datetime

import pytest

from allmende.collect.guest_choice import GuestChoice, guest_choice
from allmende.facts.openstack import Flavor, Image


def image(distribution: str, version: str, *, purpose: str = "generic", min_disk: int = 5, **more: object) -> Image:
    values: dict[str, object] = {
        "id": f"{distribution}-{version}-{purpose}",
        "name": f"{distribution} {version}",
        "status": "active",
        "visibility": "public",
        "is_hidden": False,
        "size_bytes": 1,
        "min_disk_gib": min_disk,
        "min_ram_mib": 512,
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "properties": {"os_distro": distribution, "os_version": version, "os_purpose": purpose},
    }
    return Image(**{**values, **more})  # type: ignore[arg-type]  # of the types that Image has


def flavor(name: str, *, ram: int = 1024, disk: int = 10, rng: str = "") -> Flavor:
    specs = {"hw_rng:allowed": rng} if rng else {}
    return Flavor(id=name, name=name, vcpus=1, ram_mib=ram, disk_gib=disk, extra_specs=specs)


def chosen(images: list[Image], flavors: list[Flavor]) -> tuple[str, str, int | None]:
    choice = guest_choice(tuple(flavors), tuple(images))
    assert isinstance(choice, GuestChoice)
    return choice.image.id, choice.flavor.name, choice.volume_gib


@pytest.mark.parametrize(
    ("images", "taken"),
    [
        ([image("ubuntu", "24.04"), image("debian", "12")], "debian-12-generic"),
        ([image("debian", "bookworm"), image("debian", "13")], "debian-13-generic"),
        ([image("debian", "12", purpose="minimal"), image("debian", "12")], "debian-12-generic"),
        ([image("debian", "13", purpose="k8snode"), image("ubuntu", "22.04")], "ubuntu-22.04-generic"),
        ([image("debian", "13", is_hidden=True), image("debian", "12")], "debian-12-generic"),
        ([image("debian", "13", status="queued"), image("debian", "12")], "debian-12-generic"),
        ([image("debian", "13", min_disk=100), image("debian", "12")], "debian-12-generic"),
    ],
)
def test_the_newest_debian_that_fits_is_taken_else_an_ubuntu(images: list[Image], taken: str) -> None:
    assert chosen(images, [flavor("small")])[0] == taken


@pytest.mark.parametrize(
    ("flavors", "taken"),
    [
        ([flavor("large", ram=4096), flavor("small")], ("small", None)),
        ([flavor("small"), flavor("large", ram=4096, rng="True")], ("large", None)),
        ([flavor("diskless", disk=0), flavor("large", ram=4096)], ("large", None)),
        ([flavor("diskless", disk=0), flavor("tiny", disk=1)], ("diskless", 8)),
        ([flavor("forgetful", ram=256), flavor("small")], ("small", None)),
    ],
)
def test_the_smallest_flavor_is_taken_with_randomness_and_a_disk_of_its_own_before_others(
    flavors: list[Flavor], taken: tuple[str, int | None]
) -> None:
    assert chosen([image("debian", "12")], flavors)[1:] == taken


@pytest.mark.parametrize(
    ("images", "flavors"),
    [
        ([], [flavor("small")]),
        ([image("debian", "12")], []),
        ([image("fedora", "43")], [flavor("small")]),
        ([image("debian", "12")], [flavor("tiny", disk=1)]),
    ],
)
def test_where_nothing_fits_nothing_is_chosen(images: list[Image], flavors: list[Flavor]) -> None:
    assert guest_choice(tuple(flavors), tuple(images)) is None
