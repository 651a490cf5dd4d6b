"""What follows from what an image says of itself, and that nothing else is made up."""

from datetime import UTC, datetime

import pytest

from allmende.facts.openstack import Image
from allmende.repair.rules.known import known_values

GIB = 1024**3


def image(name: str = "mine", *, virtual_size: int | None = None, **properties: str) -> Image:
    return Image(
        id="1", name=name, status="active", visibility="public", is_hidden=False, size_bytes=GIB, min_disk_gib=0,
        min_ram_mib=0, created_at=datetime(2026, 11, 1, tzinfo=UTC), virtual_size_bytes=virtual_size,
        properties=properties,
    )  # fmt: skip


SOURCE = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-arm64.qcow2"


@pytest.mark.parametrize(
    ("key", "of", "value"),
    [
        ("architecture", image(architecture="amd64"), "x86_64"),
        ("architecture", image(architecture="X86_64"), "x86_64"),
        ("architecture", image(hw_architecture="aarch64"), "aarch64"),
        ("architecture", image(image_source=SOURCE), "aarch64"),
        ("architecture", image(image_source="https://example.org/cirros-0.6.2-x86_64-disk.img"), "x86_64"),
        ("hw_disk_bus", image(hw_scsi_model="virtio-scsi"), "scsi"),
        ("hw_disk_bus", image(hypervisor_type="kvm"), "virtio"),
        ("hw_rng_model", image(hw_rng_model="urandom"), "virtio"),
        ("image_build_date", image(image_build_date="20261109"), "2026-11-09"),
        ("image_build_date", image(image_build_date="2026-11-09T08:00:00Z"), "2026-11-09 08:00:00"),
        ("image_original_user", image(image_source=SOURCE), "debian"),
        ("min_disk", image(virtual_size=2 * GIB + 1), "3"),
        ("os_distro", image("Ubuntu 24.04"), "ubuntu"),
        ("os_version", image("Ubuntu 24.04 20260901"), "24.04"),
        ("replace_frequency", image(replace_frequency="Monthly"), "monthly"),
    ],
)
def test_what_is_known_is_found(key: str, of: Image, value: str) -> None:
    assert value in [known for known, _ in known_values(of, key)]


@pytest.mark.parametrize(
    "key",
    [
        "architecture", "hw_disk_bus", "image_build_date", "image_description", "image_original_user", "image_source",
        "min_disk", "min_ram", "os_distro", "os_purpose", "os_version", "provided_until", "replace_frequency",
        "uuid_validity",
    ],
)  # fmt: skip
def test_nothing_is_made_up_for_an_image_that_says_nothing(key: str) -> None:
    assert list(known_values(image("My appliance"), key)) == []
