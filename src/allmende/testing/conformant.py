"""What a cloud holds that passes every static testcase of SCS-compatible IaaS, derived from the standards' own data."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from allmende.facts.openstack import SAME_GROUP, Flavor, Image, SecurityGroupRule, VolumeType
from allmende.standards.flavor_name import FlavorName, parse
from allmende.standards.flavor_parts import DiskType
from allmende.standards.model import Standards, Testcase

_GIB = 1024**3


def flavors(standards: Standards) -> Iterator[Flavor]:
    """Yield every standard flavor of scs-0103, mandatory and recommended, with its properties."""
    for testcase in standards.testcases.values():
        if testcase.id.startswith("scs-0103-flavor-"):
            yield _flavor(parse(str(testcase.parameters["flavor"])))


def images(standards: Standards, now: datetime) -> Iterator[Image]:
    """Yield an image for each name in scs-0104, built ten days before `now`."""
    wanted = [testcase for testcase in standards.testcases.values() if testcase.id.startswith("scs-0104-source-")]
    names = {image_name(testcase): testcase for testcase in wanted}
    for number, (name, testcase) in enumerate(names.items()):
        yield _image(f"image-{number}", name, testcase, now)


def volume_types() -> Iterator[VolumeType]:
    """Yield volume types with every aspect of scs-0114."""
    yield VolumeType(id="type-1", name="LUKS", description="[scs:encrypted, replicated] Encrypted, three copies")
    yield VolumeType(id="type-2", name="__DEFAULT__", description="Default Volume Type")


def default_rules() -> Iterator[SecurityGroupRule]:
    """Yield the template of scs-0115: everything out, nothing in but from the default group itself."""
    for ethertype in ("IPv4", "IPv6"):
        yield SecurityGroupRule(direction="egress", ethertype=ethertype)
        yield SecurityGroupRule(
            direction="ingress", ethertype=ethertype, remote_group=SAME_GROUP, used_in_other_groups=False
        )


def _flavor(name: FlavorName) -> Flavor:
    disk_type = (name.disks.type or DiskType.NETWORK).extra_spec if name.disks else None
    specs = {
        "scs:name-v1": name.in_v1_form(),
        "scs:name-v2": str(name),
        "scs:cpu-type": name.cpu_type.extra_spec,
        "hw_rng:allowed": "True",
        **({"scs:disk0-type": disk_type} if disk_type else {}),
    }
    return Flavor(
        id=str(name),
        name=str(name),
        vcpus=name.vcpus,
        ram_mib=name.ram_mib,
        disk_gib=(name.disks.size_gb or 0) if name.disks else 0,
        extra_specs=specs,
    )


def image_name(testcase: Testcase) -> str:
    """Return a name for the image that a testcase of scs-0104 is about."""
    name, scheme = str(testcase.parameters["image"]), testcase.parameters.get("name_scheme")
    if not scheme:
        return name
    return next(example for example in (f"{name}-v1.33.1", f"{name} v1.33.1") if re.fullmatch(str(scheme), example))


def _image(identifier: str, name: str, testcase: Testcase, now: datetime) -> Image:
    sources = testcase.parameters["sources"]
    built = now - timedelta(days=10)
    distro, _, version = name.lower().partition(" ")
    is_node = "capi" in name
    return Image(
        id=identifier,
        name=name,
        status="active",
        visibility="public",
        is_hidden=False,
        size_bytes=_GIB,
        min_disk_gib=8,
        min_ram_mib=512,
        created_at=built + timedelta(days=1),
        hash_algo="sha512",
        properties={
            "architecture": "x86_64",
            "hw_disk_bus": "scsi",
            "hw_rng_model": "virtio",
            "hypervisor_type": "qemu",
            "os_distro": "ubuntu" if is_node else distro,
            "os_version": "24.04" if is_node else version,
            "os_purpose": "k8snode" if is_node else "generic",
            "replace_frequency": "monthly",
            "provided_until": "none",
            "uuid_validity": "last-3",
            "hotfix_hours": "0",
            "image_build_date": f"{built:%Y-%m-%d}",
            "image_original_user": "ubuntu" if is_node else distro,
            "image_source": f"{sources if isinstance(sources, str) else sources[0]}file",
            "image_description": "An image of a fake cloud",
        },
    )
