"""What the parts of an SCS flavor name stand for (scs-0100-v3, with the words of scs-0103-v1 for extra specs).

Each part is a value that writes itself as the standard spells it, and refuses what the standard knows no spelling for.
The whole name, and reading one, is `flavor_name`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType


class CpuType(StrEnum):
    """How much of a core one vCPU stands for, from the weakest promise to the strongest."""

    CROWDED_CORE = "L"
    SHARED_CORE = "V"
    DEDICATED_THREAD = "T"
    DEDICATED_CORE = "C"

    @property
    def extra_spec(self) -> str:
        """The value of the extra spec `scs:cpu-type`."""
        return self.name.lower().replace("_", "-")

    @property
    def words(self) -> str:
        """What it is called in a sentence, without number."""
        return _CPU_WORDS[self]


class DiskType(StrEnum):
    """What a disk is made of."""

    NETWORK = "n"
    HDD = "h"
    SSD = "s"
    NVME = "p"

    @property
    def extra_spec(self) -> str:
        """The value of the extra spec `scs:disk0-type`."""
        return self.name.lower()

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _DISK_WORDS[self]


class Hypervisor(StrEnum):
    """What runs the guest."""

    KVM = "kvm"
    CLOUD_HYPERVISOR = "chy"
    XEN = "xen"
    VMWARE = "vmw"
    HYPER_V = "hyv"
    BARE_METAL = "bms"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _HYPERVISOR_WORDS[self]


class CpuVendor(StrEnum):
    """Who made the processor, which tells its architecture."""

    INTEL = "i"
    AMD = "z"
    ARM = "a"
    RISC_V = "r"

    @property
    def generations(self) -> tuple[str, ...]:
        """The generations that have a number, which is their place here; the first means «old or not said»."""
        return _GENERATIONS[self]

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _CPU_VENDOR_WORDS[self]


class GpuVendor(StrEnum):
    """Who made the GPU."""

    NVIDIA = "N"
    AMD = "A"
    INTEL = "I"

    @property
    def units(self) -> str:
        """What this vendor calls the processing units that are counted."""
        return _GPU_UNITS[self]

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _GPU_VENDOR_WORDS[self]


class GpuAccess(Enum):
    """How the guest gets at the GPU."""

    PASS_THROUGH = "G"  # noqa: S105 -- a letter, no password
    VIRTUAL = "g"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disks:
    """The disks that come with the guest: `count` alike, of `size_gb` (None: the cloud chooses)."""

    count: int = 1
    size_gb: int | None = None
    type: DiskType | None = None

    def __post_init__(self) -> None:
        _demand(self.count > 0, "a number of disks above 0")
        _demand(self.size_gb is None or self.size_gb > 0, "a disk size above 0")

    def __str__(self) -> str:
        count = f"{self.count}x" if self.count > 1 else ""
        return f"{count}{self.size_gb or ''}{self.type or ''}"

    @property
    def words(self) -> str:
        """What they are called in a sentence."""
        kind = f"{self.type.words} disk" if self.type else "disk"
        size = f"{self.size_gb} GB" if self.size_gb else "a size that the cloud chooses"
        if self.count > 1:
            return f"{self.count} {kind}s of {size}"
        return f"{size} {kind}" if self.size_gb else f"{kind} of {size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """The physical processor: vendor, generation (0: old or not said) and frequency class (0 to 3)."""

    vendor: CpuVendor
    generation: int = 0
    frequency: int = 0

    def __post_init__(self) -> None:
        newest = len(self.vendor.generations) - 1
        _demand(0 <= self.generation <= newest, f"a generation of {self.vendor.words} from 0 to {newest}")
        _demand(0 <= self.frequency <= 3, "at most hhh for the frequency")

    def __str__(self) -> str:
        return f"{self.vendor}{self.generation or ''}{'h' * self.frequency}"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        name = self.vendor.words
        if self.generation:
            name += f" {self.vendor.generations[self.generation]}"
        return f"{name} above {_FREQUENCIES[self.frequency]} GHz" if self.frequency else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU: vendor and generation, and how much of it the guest gets.

    `units` are the vendor's processing units, `frequency` is their class (0 to 2), `memory_gib` the video memory;
    `fast_memory` says that it is high-bandwidth memory. Memory is told only together with the units.
    """

    access: GpuAccess
    vendor: GpuVendor
    generation: str = ""
    units: int | None = None
    frequency: int = 0
    memory_gib: int | None = None
    fast_memory: bool = False

    def __post_init__(self) -> None:
        _demand(
            not self.generation or bool(_GPU_GENERATIONS[self.vendor].fullmatch(self.generation)), "a known generation"
        )
        _demand(self.units is None or self.units > 0, "a number of processing units above 0")
        _demand(0 <= self.frequency <= 2, "at most hh for the processing units")
        _demand(self.memory_gib is None or self.memory_gib > 0, "a size of the video memory above 0")
        _demand(self.memory_gib is None or self.units is not None, "the processing units before the video memory")
        _demand(not self.fast_memory or self.memory_gib is not None, "a size of the video memory before its h")

    def __str__(self) -> str:
        units = f"-{self.units}" if self.units else ""
        memory = f"-{self.memory_gib}{'h' if self.fast_memory else ''}" if self.memory_gib else ""
        return f"{self.access.value}{self.vendor}{self.generation}{units}{'h' * self.frequency}{memory}"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        name = "pass-through" if self.access is GpuAccess.PASS_THROUGH else "virtual"
        name += f" {self.vendor.words} GPU"
        if self.generation:
            name += f" ({_NVIDIA_GENERATIONS.get(self.generation, f'generation {self.generation}')})"
        if self.units:
            name += f" with {self.units} {self.vendor.units}"
        if self.memory_gib:
            name += f" and {self.memory_gib} GiB {'high-bandwidth ' if self.fast_memory else ''}video memory"
        return name


def _demand(holds: bool, expected: str) -> None:  # noqa: FBT001 -- an assertion's condition
    if not holds:
        raise ValueError(expected)


_CPU_WORDS: Mapping[CpuType, str] = MappingProxyType(
    {
        CpuType.CROWDED_CORE: "heavily oversubscribed vCPU",
        CpuType.SHARED_CORE: "oversubscribed vCPU",
        CpuType.DEDICATED_THREAD: "dedicated thread",
        CpuType.DEDICATED_CORE: "dedicated core",
    }
)
_DISK_WORDS: Mapping[DiskType, str] = MappingProxyType(
    {
        DiskType.NETWORK: "network",
        DiskType.HDD: "local hard",
        DiskType.SSD: "local SSD",
        DiskType.NVME: "local NVMe",
    }
)
_HYPERVISOR_WORDS: Mapping[Hypervisor, str] = MappingProxyType(
    {
        Hypervisor.KVM: "KVM",
        Hypervisor.CLOUD_HYPERVISOR: "Cloud Hypervisor",
        Hypervisor.XEN: "Xen",
        Hypervisor.VMWARE: "VMware",
        Hypervisor.HYPER_V: "Hyper-V",
        Hypervisor.BARE_METAL: "bare metal",
    }
)
_CPU_VENDOR_WORDS: Mapping[CpuVendor, str] = MappingProxyType(
    {
        CpuVendor.INTEL: "Intel x86-64",
        CpuVendor.AMD: "AMD x86-64",
        CpuVendor.ARM: "Arm",
        CpuVendor.RISC_V: "RISC-V",
    }
)
_GENERATIONS: Mapping[CpuVendor, tuple[str, ...]] = MappingProxyType({
    CpuVendor.INTEL: (
        "before Skylake", "Skylake", "Cascade Lake", "Ice Lake", "Sapphire Rapids", "Sierra Forest", "Granite Rapids"
    ),
    CpuVendor.AMD: (
        "before Zen",
        "Zen 1 (Naples)", "Zen 2 (Rome)", "Zen 3 (Milan)", "Zen 4 (Genoa)", "Zen 5 (Turin)", "Zen 6 (Venice)"
    ),
    CpuVendor.ARM: (
        "before Cortex-A76", "A76/Neoverse N1 class", "A78/X1/Neoverse V1 class",
        "A71x/Neoverse N2/V2 class", "AmpereOne",
        "A72x/Neoverse N3/V3 class"
    ),
    CpuVendor.RISC_V: ("not said",),
})  # fmt: skip
_FREQUENCIES = ("", "2.75", "3.25", "3.75")
_GPU_VENDOR_WORDS: Mapping[GpuVendor, str] = MappingProxyType(
    {
        GpuVendor.NVIDIA: "Nvidia",
        GpuVendor.AMD: "AMD",
        GpuVendor.INTEL: "Intel",
    }
)
_GPU_UNITS: Mapping[GpuVendor, str] = MappingProxyType(
    {
        GpuVendor.NVIDIA: "streaming multiprocessors",
        GpuVendor.AMD: "compute units",
        GpuVendor.INTEL: "execution units",
    }
)
_NVIDIA_GENERATIONS: Mapping[str, str] = MappingProxyType(
    {
        "f": "Fermi",
        "k": "Kepler",
        "m": "Maxwell",
        "p": "Pascal",
        "v": "Volta",
        "t": "Turing",
        "a": "Ampere",
        "l": "Ada Lovelace",
        "g": "Grace Hopper",
        "b": "Blackwell",
        "u": "Blackwell Ultra",
    }
)
# The standard names the letters of nVidia, and gives rules for AMD: 0.x is GCN, x is CDNA or UDNA, x.1 is RDNA, and 3.5
# is RDNA 3.5. Intel's list is open in the text; 0.95 (Gen9.5) is in use.
_GPU_GENERATIONS: Mapping[GpuVendor, re.Pattern[str]] = MappingProxyType(
    {
        GpuVendor.NVIDIA: re.compile("|".join(_NVIDIA_GENERATIONS)),
        GpuVendor.AMD: re.compile(r"0\.[1-5]|[1-9](?:\.1)?|3\.5"),
        GpuVendor.INTEL: re.compile(r"0\.95?|[1-4]"),
    }
)
