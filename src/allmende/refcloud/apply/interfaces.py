"""Network interfaces that a cloud leaves behind: Open vSwitch makes its own persistent, so they outlive it."""

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path

_ALL = Path("/sys/class/net")
DATAPATH = "ovs-netdev"  # what Open vSwitch calls the interface of every datapath in user space


async def remove_interfaces(prefix: str) -> None:
    """Delete every network interface whose name starts with `prefix` and that no process holds."""
    for interface in sorted(_ALL.glob(f"{prefix}*")):
        await _remove_abandoned(interface.name)


def numbers_in_use() -> set[int]:
    """Return the numbers of clouds, of whichever user, that have network interfaces at this moment."""
    return {int(name[1]) for path in _ALL.glob("al-*-*") if (name := path.name.split("-")) and name[1].isdecimal()}


async def remove_abandoned_datapath() -> None:
    """Delete the interface of a datapath that no process holds: a switch was killed before it had its own name."""
    if (_ALL / DATAPATH).exists():
        await _remove_abandoned(DATAPATH)


def foreign_datapath() -> bool:
    """Return whether an Open vSwitch that is no cloud's holds the interface name that every cloud needs a moment."""
    return any(not _is_of_a_cloud(pid) for pid in _holders(DATAPATH))


def _holders(interface: str) -> set[int]:
    """Return the processes that have the tap device `interface` open."""
    line = f"iff:\t{interface}"
    found = set()
    for info in Path("/proc").glob("[0-9]*/fdinfo/*"):
        with suppress(OSError):
            if line in info.read_text("ascii", "replace").splitlines():
                found.add(int(info.parts[2]))
    return found


def _is_of_a_cloud(pid: int) -> bool:
    with suppress(OSError):
        return b"ALLMENDE_CLOUD=" in Path(f"/proc/{pid}/environ").read_bytes()
    return True


async def _remove_abandoned(interface: str) -> None:
    if not await asyncio.to_thread(_holders, interface):
        argv = ["ip", "link", "delete", interface]
        await asyncio.to_thread(subprocess.run, argv, check=False, capture_output=True, timeout=30)
