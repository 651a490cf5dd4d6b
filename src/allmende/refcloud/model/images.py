"""Guest images: what is ready on this machine, and what could not be had."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestImage:
    """An image that is ready on this machine: a qcow2 file with its name and properties in the Image API.

    `edition` names what it was made of: a cloud that holds another edition under the same name has another image.
    """

    name: str
    edition: str
    path: Path
    min_disk_gib: int
    min_ram_mib: int
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentImage:
    """An image that could not be had, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A kernel and an initial file system that a guest can be started from without a disk."""

    kernel: Path
    initramfs: Path
