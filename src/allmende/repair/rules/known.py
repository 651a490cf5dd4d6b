"""Which value of an image's property follows from what the image already says of itself. Nothing is invented here.

Each answer comes with where it is known from; whether it satisfies the testcase is judged by whoever asks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from allmende.checks.image_metadata import GIB
from allmende.checks.image_reading import text_of
from allmende.facts.openstack import Image

Known = Iterator[tuple[str, str]]

# Names that distributions and others use, by those that OpenStack uses.
_ARCHITECTURES: Mapping[str, str] = MappingProxyType({
    "amd64": "x86_64", "x64": "x86_64", "x86-64": "x86_64", "x86_64": "x86_64",
    "arm64": "aarch64", "aarch64": "aarch64", "riscv64": "risc-v", "ppc64le": "ppc64", "s390x": "s390x",
})  # fmt: skip
# Makers whose cloud images have one well-known first user.
_USERS: Mapping[str, str] = MappingProxyType(
    {"cloud-images.ubuntu.com": "ubuntu", "cloud.debian.org": "debian", "cdimage.debian.org": "debian"}
)
_STANDARD_NAME = re.compile(r"(?P<distro>Debian|Ubuntu) (?P<version>[0-9]+(?:\.[0-9]+)?)(?: [0-9]{8})?")
_HOST = re.compile(r"https?://(?P<host>[^/:]+)")
_OTHER_DATES = ("%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%MZ", "%Y/%m/%d")


def known_values(image: Image, key: str) -> Known:
    """Yield values for `key` with their grounds, the surest first."""
    if held := text_of(image, key):
        yield held.strip().lower(), "the standard's spelling"
    yield from _GROUNDS.get(key, _nothing)(image)


def _nothing(_image: Image) -> Known:
    return iter(())


def _architecture(image: Image) -> Known:
    held = text_of(image, "architecture").strip().lower()
    if held in _ARCHITECTURES:
        yield _ARCHITECTURES[held], f"OpenStack's word for {held}"
    if stated := text_of(image, "hw_architecture"):
        yield stated, "hw_architecture"
    file = text_of(image, "image_source").partition("?")[0].rpartition("/")[2].lower()
    for word in re.split(r"[-_.]", file.replace("x86_64", "amd64").replace("x86-64", "amd64")):
        if word in _ARCHITECTURES:
            yield _ARCHITECTURES[word], "the file name in image_source"


def _disk_bus(image: Image) -> Known:
    if text_of(image, "hw_scsi_model"):
        yield "scsi", "hw_scsi_model"
    if text_of(image, "hypervisor_type").lower() in ("qemu", "kvm"):
        yield "virtio", "what QEMU takes now that nothing is said"


def _distro(image: Image) -> Known:
    if name := _STANDARD_NAME.fullmatch(image.name):
        yield name["distro"].lower(), "the name"


def _version(image: Image) -> Known:
    if name := _STANDARD_NAME.fullmatch(image.name):
        yield name["version"], "the name"


def _user(image: Image) -> Known:
    source = _HOST.match(text_of(image, "image_source"))
    if source and source["host"] in _USERS:
        yield _USERS[source["host"]], "image_source"


def _build_date(image: Image) -> Known:
    for form in _OTHER_DATES:
        try:
            built = datetime.strptime(text_of(image, "image_build_date"), form)  # noqa: DTZ007 -- the standard means UTC
        except ValueError:
            continue
        yield built.strftime("%Y-%m-%d" if "%H" not in form else "%Y-%m-%d %H:%M:%S"), "the standard's way to write it"


def _min_disk(image: Image) -> Known:
    if image.virtual_size_bytes:
        yield str(-(-image.virtual_size_bytes // GIB)), "the size of the disk inside (virtual_size)"


def _rng_model(_image: Image) -> Known:
    yield "virtio", "the only value that the standard knows"


_GROUNDS: Mapping[str, Callable[[Image], Known]] = MappingProxyType(
    {
        "architecture": _architecture,
        "hw_disk_bus": _disk_bus,
        "hw_rng_model": _rng_model,
        "image_build_date": _build_date,
        "image_original_user": _user,
        "min_disk": _min_disk,
        "os_distro": _distro,
        "os_version": _version,
    }
)
