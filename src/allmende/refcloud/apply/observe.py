"""What a running cloud looks like from outside: units, their memory, how often they were restarted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from allmende.refcloud.apply.enclosure import members
from allmende.refcloud.apply.record import Running
from allmende.refcloud.apply.supervisor import UnitState

_SPAWNED = re.compile(r"spawned: '([^']+)' with pid")
_STARTED = "supervisord started with pid"
_LOOSE = {"qemu-system": "guests", "haproxy": "metadata-proxies", "epmd": "rabbitmq"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatus:
    """A row of the status table. Memory is the proportional set size: shared pages count once over all units."""

    unit: str
    state: str
    uptime_seconds: int
    memory_bytes: int
    restarts: int
    port: int | None


def observe(
    running: Running, states: Iterable[UnitState], ports: Mapping[str, int], supervisor_log: Path
) -> list[UnitStatus]:
    """Return a row per unit, and one per kind of process that units left behind on purpose, such as guests."""
    states = list(states)
    memory = _memory(running, {state.pid: state.name for state in states if state.pid})
    spawned = _spawned(supervisor_log)
    rows = [
        UnitStatus(
            unit=state.name,
            state=state.state.lower(),
            uptime_seconds=state.uptime_seconds,
            memory_bytes=memory.pop(state.name, 0),
            restarts=max(0, spawned[state.name] - 1),
            port=ports.get(state.name),
        )
        for state in states
    ]
    rows += [
        UnitStatus(unit=name, state="running", uptime_seconds=0, memory_bytes=used, restarts=0, port=None)
        for name, used in sorted(memory.items())
    ]
    return rows


def _memory(running: Running, units: Mapping[int, str]) -> Counter[str]:
    """Return the memory of every process of the cloud, summed up by the unit that started it."""
    processes = {process.pid: process for process in members(running)}
    used: Counter[str] = Counter()
    for pid in processes:
        with suppress(OSError, psutil.Error):
            used[_owner(pid, processes, units, running.pid)] += _proportional(pid)
    return used


def _owner(pid: int, processes: Mapping[int, psutil.Process], units: Mapping[int, str], supervisor: int) -> str:
    start, name = pid, processes[pid].name()
    while pid in processes and pid != supervisor:
        if (unit := units.get(_inner(pid))) is not None:
            return unit
        pid = processes[pid].ppid()
    if start == supervisor:
        return "supervisor"
    return next((owner for prefix, owner in _LOOSE.items() if name.startswith(prefix)), name)


def _inner(pid: int) -> int:
    """Return the number of the process inside its PID namespace."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    return 0


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _spawned(log: Path) -> Counter[str]:
    """Return how often each unit was started since the supervisor was."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    begin = max((number for number, line in enumerate(lines) if _STARTED in line), default=0)
    return Counter(match[1] for line in lines[begin:] if (match := _SPAWNED.search(line)))
