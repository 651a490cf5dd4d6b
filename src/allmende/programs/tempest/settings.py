"""The configuration of Tempest for one cloud, from what a member can observe of it. Pure.

What the list of tests needs is switched on unless the cloud visibly lacks it: a test that fails is honest, one that
skips because nobody dared to configure it is not. Tests that log into guests stay off, since only the cloud's users
know whether this machine reaches its floating addresses; and so do those that change the password of the account.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

from allmende.facts.openstack import Flavor, Image

MEMBER, READER = "member", "reader"

_NOT_BOOTABLE = frozenset({"aki", "ari", "iso"})
_SPECIAL = ("pci_passthrough", "resources:", "trait:")
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "nova": ("compute",),
    "neutron": ("network",),
    "glance": ("image",),
    "cinder": ("block-storage", "volumev3", "block-store", "volume"),
    "swift": ("object-store",),
    "horizon": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """What servers are made of; the second of each is the same where the cloud has no other that fits."""

    images: tuple[Image, Image]
    flavors: tuple[Flavor, Flavor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of a project, with the network in it that servers get."""

    user: str
    user_id: str
    user_domain: str
    password: str
    project: str
    project_domain: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where Tempest runs, and what it finds there.

    `domain_id` is the domain of the account: a member may not look at another one, also where that is called default.
    `public_network` is id and name, None where there is none.
    """

    auth_url: str
    region: str
    domain_id: str
    interface: str
    ca_file: Path | None
    verifies: bool
    service_types: frozenset[str]
    guests: Guests
    public_network: tuple[str, str] | None
    network_extensions: tuple[str, ...]
    prefix: str


def guests(images: Iterable[Image], flavors: Iterable[Flavor]) -> Guests | None:
    """Choose the smallest public images that boot and the smallest flavors that fit them; None where nothing fits."""
    usable = sorted(filter(_is_usable, _of_the_usual_architecture(images)), key=_image_size)
    sizes = sorted(filter(_is_plain, flavors), key=lambda flavor: (flavor.ram_mib, flavor.vcpus, flavor.disk_gib))
    pairs = [*pairwise(usable), *((image, image) for image in usable[:1])]
    for pair in pairs:
        fitting = [flavor for flavor in sizes if all(_fits(flavor, image) for image in pair)]
        if fitting:
            smallest = fitting[0]
            larger = next((each for each in fitting[1:] if each.disk_gib >= smallest.disk_gib), smallest)
            return Guests(images=pair, flavors=(smallest, larger))
    return None


def tempest_conf(around: Surroundings, folder: Path) -> str:
    """Return the text of tempest.conf for a run in `folder`; it holds no secret."""
    lines = []
    for section, options in _sections(around, folder).items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {_text(value)}" for name, value in options.items() if value is not None]
    return "\n".join(lines) + "\n"


def accounts(given: Sequence[Account]) -> str:
    """Return the text of the file of accounts, which holds passwords.

    Most classes want two users of one project, a member and a reader, although they use the reader only where scopes
    are enforced. So each user stands there twice, by name as member and by id as reader, which Tempest takes for two.
    Members come first, so that the second user that a test asks for is one of another project.
    """
    by_name = [_entry(each, {"username": each.user, "user_domain_name": each.user_domain}, MEMBER) for each in given]
    by_id = [_entry(each, {"user_id": each.user_id}, READER) for each in given]
    return yaml.safe_dump([*by_name, *by_id], sort_keys=False)


def _entry(account: Account, user: dict[str, str], role: str) -> dict[str, object]:
    return {
        **user,
        "password": account.password,
        "project_name": account.project,
        "project_domain_name": account.project_domain,
        "roles": [role],
        "resources": {"network": account.network},
    }


def _sections(around: Surroundings, folder: Path) -> dict[str, dict[str, object]]:
    image, other_image = around.guests.images
    flavor, other_flavor = around.guests.flavors
    public_id, public_name = around.public_network or (None, None)
    catalog = {name: _type(around, name) for name in _SERVICES}
    kind = {"endpoint_type": around.interface}
    return {
        "DEFAULT": {"resource_name_prefix": around.prefix, "log_file": folder / "tempest.log"},
        "oslo_concurrency": {"lock_path": folder / "lock"},
        "auth": {"use_dynamic_credentials": False, "test_accounts_file": folder / "accounts.yaml"},
        "identity": {
            "uri_v3": _version_3(around.auth_url),
            "auth_version": "v3",
            "region": around.region or None,
            "default_domain_id": around.domain_id or None,
            "v3_endpoint_type": around.interface,
            "ca_certificates_file": around.ca_file,
            "disable_ssl_certificate_validation": not around.verifies,
        },
        "identity-feature-enabled": {"api_v2": False, "security_compliance": False},
        "service_available": {name: type_ is not None for name, type_ in catalog.items()},
        "compute": {
            **kind,
            "image_ref": image.id,
            "image_ref_alt": other_image.id,
            "flavor_ref": flavor.id,
            "flavor_ref_alt": other_flavor.id,
            "build_interval": 2,
            "max_microversion": "latest",
        },
        "compute-feature-enabled": {"resize": flavor.id != other_flavor.id, "vnc_console": False},
        "validation": {"run_validation": False},
        "image": {**kind, "catalog_type": catalog["glance"]},
        "network": {
            **kind,
            "catalog_type": catalog["neutron"],
            "public_network_id": public_id,
            "floating_network_name": public_name,
        },
        "network-feature-enabled": {
            "api_extensions": ",".join(around.network_extensions) or None,
            "floating_ips": public_id is not None,
            "ipv6_subnet_attributes": True,
        },
        "volume": {**kind, "catalog_type": catalog["cinder"], "build_interval": 2, "max_microversion": "latest"},
    }


def _type(around: Surroundings, service: str) -> str | None:
    return next((type_ for type_ in _SERVICES[service] if type_ in around.service_types), None)


def _version_3(auth_url: str) -> str:
    root = auth_url.rstrip("/")
    return root if root.endswith("/v3") else f"{root}/v3"


def _text(value: object) -> str:
    """Write a value as oslo.config reads it: it takes `$` for a reference."""
    return str(value).lower() if isinstance(value, bool) else str(value).replace("$", "$$")


def _of_the_usual_architecture(images: Iterable[Image]) -> list[Image]:
    known = list(images)
    counts = Counter(image.properties["architecture"] for image in known if "architecture" in image.properties)
    usual = counts.most_common(1)[0][0] if counts else ""
    return [image for image in known if image.properties.get("architecture", usual) == usual]


def _is_usable(image: Image) -> bool:
    bootable = image.disk_format not in _NOT_BOOTABLE and bool(image.size_bytes)
    return bootable and image.status == "active" and image.visibility == "public" and not image.is_hidden


def _image_size(image: Image) -> tuple[int, int, int]:
    return image.min_disk_gib, image.min_ram_mib, image.size_bytes or 0


def _is_plain(flavor: Flavor) -> bool:
    """Tell whether a flavor is public, has a disk, and asks for nothing that is scarce."""
    special = any(key.startswith(_SPECIAL) for key in flavor.extra_specs)
    return flavor.is_public and flavor.disk_gib > 0 and not special


def _fits(flavor: Flavor, image: Image) -> bool:
    return flavor.ram_mib >= image.min_ram_mib and flavor.disk_gib >= image.min_disk_gib
