"""Reading and writing the names of SCS flavors (scs-0100-v3; v1 and v2 forms are read as well).

    SCS- N L|V|T|C [i]   - N [u][o]   [- [Mx][N][n|h|s|p]]   [_hyp][_hwv][_arch[N][h]][_G|gX[N][-M[h][-V[h]]]][_ib]
         vCPUs             RAM in GiB   disks in GB            extensions, in this order

The language is regular and has some twenty words, so a scanner with a position does it: a parser generator would cost a
dependency and start-up time, and one large regular expression could not say where a name goes wrong and what was
expected there.

v1 wrote `:` for `-` and `-` for `_` (after the prefix); the standard maps its names onto those of v2 one to one. v2 and
v3 differ in one form only: several disks without a size (`3xs`), which v3 no longer shows.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn

from allmende.standards.flavor_parts import (
    CpuType,
    CpuVendor,
    Disks,
    DiskType,
    Gpu,
    GpuAccess,
    GpuVendor,
    Hypervisor,
    Processor,
)

PREFIX = "SCS-"
LONGEST_NAME = 255  # of the Compute API
WHOLE_OR_HALF = "whole or half GiB of RAM, above 0"


class FlavorNameError(ValueError):
    """A name breaks the grammar: at `position` (from 0) something else was expected."""

    def __init__(self, name: str, position: int, expected: str) -> None:
        found = f"«{name[position:]}»" if position < len(name) else "the end of the name"
        super().__init__(f"{name or 'an empty name'}: expected {expected} at character {position + 1}, found {found}")
        self.name = name
        self.position = position
        self.expected = expected


class NamingVersion(StrEnum):
    """The version of scs-0100 in whose form a name is written."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorName:
    """What a flavor promises by its name; `str()` writes the canonical v3 form.

    `ram_mib` is a multiple of 512. `insecure`, `without_ecc` and `ram_oversubscribed` are what the standard wants to be
    confessed (`i`, `u`, `o`). Without `disks` the user brings a boot volume.
    """

    vcpus: int
    cpu_type: CpuType
    ram_mib: int
    insecure: bool = False
    without_ecc: bool = False
    ram_oversubscribed: bool = False
    disks: Disks | None = None
    hypervisor: Hypervisor | None = None
    hardware_virtualization: bool = False
    processor: Processor | None = None
    gpu: Gpu | None = None
    infiniband: bool = False

    def __post_init__(self) -> None:
        if self.vcpus <= 0:
            raise ValueError("a number of vCPUs above 0")
        if self.ram_mib <= 0 or self.ram_mib % 512:
            raise ValueError(WHOLE_OR_HALF)

    def __str__(self) -> str:
        cpu = f"{self.vcpus}{self.cpu_type}{'i' if self.insecure else ''}"
        ram = f"{_gib(self.ram_mib)}{'u' if self.without_ecc else ''}{'o' if self.ram_oversubscribed else ''}"
        base = f"{PREFIX}{cpu}-{ram}" + ("" if self.disks is None else f"-{self.disks}")
        extensions = (
            self.hypervisor, "hwv" if self.hardware_virtualization else None, self.processor, self.gpu,
            "ib" if self.infiniband else None,
        )  # fmt: skip
        return "_".join([base, *(str(extension) for extension in extensions if extension)])

    def in_v1_form(self) -> str:
        """Write the name as version 1 of the standard spelled it, for instance for the extra spec `scs:name-v1`."""
        return PREFIX + str(self).removeprefix(PREFIX).replace("-", ":").replace("_", "-")

    def short(self) -> "FlavorName":
        """Return the short name: of the extensions only GPU, Infiniband and an architecture other than x86-64."""
        processor = self.processor
        if processor and processor.vendor in (CpuVendor.INTEL, CpuVendor.AMD):
            processor = None
        return replace(self, hypervisor=None, hardware_virtualization=False, processor=processor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A name that was understood: what it means, in which version's form it is, and what deserves a remark."""

    name: str
    flavor: FlavorName
    version: NamingVersion
    notes: tuple[str, ...] = ()


def is_scs_name(name: str) -> bool:
    """Tell whether scs-0100 claims this name at all."""
    return name.startswith(PREFIX)


def parse(name: str) -> FlavorName:
    """Return what `name` promises; FlavorNameError says where it breaks the grammar."""
    return read(name).flavor


def read(name: str) -> Reading:
    """Understand `name` with remarks; FlavorNameError says where it breaks the grammar."""
    if len(name) > LONGEST_NAME:
        raise FlavorNameError(name, LONGEST_NAME, f"at most {LONGEST_NAME} characters")
    scanner = _Scanner(name)
    flavor = _flavor(scanner)
    if scanner.old_form:
        version = NamingVersion.V1
    elif flavor.disks and flavor.disks.count > 1 and flavor.disks.size_gb is None:
        version = NamingVersion.V2
    else:
        version = NamingVersion.V3
    return Reading(name=name, flavor=flavor, version=version, notes=tuple(_remarks(name, flavor, version)))


def describe(flavor: FlavorName) -> str:
    """Say in one sentence what the flavor promises."""
    words = [f"{flavor.vcpus} {flavor.cpu_type.words}{'s' if flavor.vcpus > 1 else ''}"]
    if flavor.processor:
        words[0] += f" on {flavor.processor.words}"
    if flavor.insecure:
        words[0] += " (insecure: weakly protected against CPU vulnerabilities)"
    flaws = [
        word for flaw, word in ((flavor.without_ecc, "no ECC"), (flavor.ram_oversubscribed, "oversubscribed")) if flaw
    ]
    words.append(f"{_gib(flavor.ram_mib)} GiB RAM" + (f" ({', '.join(flaws)})" if flaws else ""))
    words.append(flavor.disks.words if flavor.disks else "no disk (boots from a volume)")
    if flavor.gpu:
        words.append(flavor.gpu.words)
    if flavor.infiniband:
        words.append("Infiniband")
    if flavor.hardware_virtualization:
        words.append("hardware virtualization")
    if flavor.hypervisor:
        words.append(f"on {flavor.hypervisor.words}")
    return ", ".join(words) + "."


class _Scanner:
    """A position in a name, and what to say when something else was expected there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.position = 0
        self.old_form = False

    def take(self, pattern: str) -> re.Match[str] | None:
        """Pass over `pattern` if it is next."""
        match = re.compile(pattern).match(self.name, self.position)
        if match:
            self.position = match.end()
        return match

    def need(self, pattern: str, expected: str) -> re.Match[str]:
        """Pass over `pattern`, which must be next."""
        return self.take(pattern) or self.fail(expected)

    def fail(self, expected: str) -> NoReturn:
        """Give up here."""
        raise FlavorNameError(self.name, self.position, expected)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Tell the position of a part with an impossible value."""
        start = self.position
        try:
            yield
        except FlavorNameError:
            raise
        except ValueError as error:
            raise FlavorNameError(self.name, start, str(error)) from error

    @property
    def dash(self) -> str:
        """What divides vCPUs, RAM, disks and the numbers of a GPU."""
        return ":" if self.old_form else "-"

    @property
    def underscore(self) -> str:
        """What divides the extensions."""
        return "-" if self.old_form else "_"


def _flavor(scanner: _Scanner) -> FlavorName:
    scanner.need(PREFIX, f"the prefix {PREFIX}")
    with scanner.part():
        vcpus = int(scanner.need("[0-9]+", "the number of vCPUs")[0])
        cpu_type = CpuType(scanner.need("[LVTC]", "one of L, V, T or C")[0])
        insecure = scanner.take("i") is not None
        scanner.old_form = scanner.need("[-:]", "a dash and the RAM in GiB")[0] == ":"
        flavor = FlavorName(
            vcpus=vcpus,
            cpu_type=cpu_type,
            insecure=insecure,
            ram_mib=_ram(scanner),
            without_ecc=scanner.take("u") is not None,
            ram_oversubscribed=scanner.take("o") is not None,
            disks=_disks(scanner),
        )
    flavor = _with_extensions(scanner, flavor)
    if scanner.position < len(scanner.name):
        scanner.fail("the end, or an extension in its order: hypervisor, hwv, CPU, GPU, ib")
    return flavor


def _ram(scanner: _Scanner) -> int:
    with scanner.part():
        halves = 2 * Fraction(scanner.need(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", "the RAM in GiB")[0])
        if halves.denominator != 1 or halves <= 0:
            raise ValueError(WHOLE_OR_HALF)
        return 512 * halves.numerator


def _disks(scanner: _Scanner) -> Disks | None:
    if not scanner.take(scanner.dash):
        return None
    with scanner.part():
        count, size, kind = scanner.need("(?:([0-9]+)x)?([0-9]+)?([nhsp])?", "disks").groups()
        return Disks(count=int(count or 1), size_gb=int(size) if size else None, type=DiskType(kind) if kind else None)


def _with_extensions(scanner: _Scanner, flavor: FlavorName) -> FlavorName:
    mark = scanner.underscore
    hypervisors = "|".join(h for h in Hypervisor if not (scanner.old_form and h is Hypervisor.CLOUD_HYPERVISOR))
    if word := scanner.take(f"{mark}({hypervisors})"):
        flavor = replace(flavor, hypervisor=Hypervisor(word[1]))
    if scanner.take(f"{mark}hwv"):
        flavor = replace(flavor, hardware_virtualization=True)
    if scanner.take(f"{mark}(?!ib)(?=[izar])"):
        flavor = replace(flavor, processor=_processor(scanner))
    if scanner.take(f"{mark}(?=[gG])"):
        flavor = replace(flavor, gpu=_gpu(scanner))
    if scanner.take(f"{mark}ib"):
        flavor = replace(flavor, infiniband=True)
    return flavor


def _processor(scanner: _Scanner) -> Processor:
    with scanner.part():
        vendor, generation, frequency = scanner.need("([izar])([0-9]*)(h*)", "a CPU").groups()
        return Processor(vendor=CpuVendor(vendor), generation=int(generation or 0), frequency=len(frequency))


def _gpu(scanner: _Scanner) -> Gpu:
    with scanner.part():
        access, vendor = scanner.need("([gG])([NAI])", "G or g and one of N, A or I").groups()
        generation = scanner.take(r"[a-gi-z]|[0-9]+(\.[0-9]+)?")
        units = scanner.take(f"{scanner.dash}([0-9]+)")
        frequency = scanner.need("h*", "")[0]
        memory = scanner.take(f"{scanner.dash}([0-9]+)(h?)") if units else None
        return Gpu(
            access=GpuAccess(access),
            vendor=GpuVendor(vendor),
            generation=generation[0] if generation else "",
            units=int(units[1]) if units else None,
            frequency=len(frequency),
            memory_gib=int(memory[1]) if memory else None,
            fast_memory=bool(memory and memory[2]),
        )


def _remarks(name: str, flavor: FlavorName, version: NamingVersion) -> Iterator[str]:
    """Say what is tolerated or discouraged in a name that is understood."""
    if version is NamingVersion.V1:
        yield f"{name} is in the form of v1, which is tolerated; v3 writes {flavor}"
    elif version is NamingVersion.V2:
        yield f"{name} has several disks without a size, a form of v2 that v3 no longer shows"
    if version is not NamingVersion.V1 and name != str(flavor):
        yield f"{name} is written {flavor} in canonical form"
    if flavor.ram_mib % 1024 and flavor.ram_mib >= 10240:
        yield f"{name} has half a GiB of RAM, which the standard discourages from 10 GiB on"


def _gib(mib: int) -> str:
    """Write whole or half GiB as the standard does: 4, 3.5."""
    return f"{mib // 1024}{'.5' if mib % 1024 else ''}"
