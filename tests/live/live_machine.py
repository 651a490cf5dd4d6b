"""What a cloud leaves on the machine: processes, mounts, namespaces, network interfaces."""

from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The traces that a cloud could leave, as seen from outside."""

    processes: frozenset[str]
    mounts: frozenset[str]
    namespaces: frozenset[str]
    interfaces: frozenset[str]


def machine(folder: Path) -> Machine:
    """Return what of this machine belongs to whoever uses `folder`, and all interfaces and named namespaces."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return Machine(
        processes=frozenset(_processes(str(folder))),
        mounts=frozenset(line for line in mounts if str(folder) in line),
        namespaces=frozenset(path.name for path in Path("/run/netns").glob("*")),
        interfaces=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
    )


def _processes(folder: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join([*process.cmdline(), process.cwd(), *process.environ().values()])
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if folder in words and process.pid not in _us():
            found.append(f"{process.pid} {' '.join(process.cmdline())[:100]}")
    return found


def _us() -> set[int]:
    me = psutil.Process()
    return {me.pid, *(process.pid for process in me.parents())}
