"""The namespaces of a cloud: opened, entered, found again and closed.

One cloud is one PID namespace with its own mounts, whose process 1 is the supervisor. The kernel ends every process of
it with process 1, and with the last process its mounts and named network namespaces go. So nothing has to be tracked.
"""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from allmende.errors import ReferenceCloudError
from allmende.programs.run import tail
from allmende.refcloud.apply.record import Running

_UNSHARE = (
    "unshare",
    "--pid",
    "--mount",
    "--uts",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--propagation",
    "private",
)


async def open_enclosure(entry: Path, log: Path, environment: Mapping[str, str], digest: str) -> Running:
    """Run the script `entry` as process 1 of new namespaces, detached from us; return which process that is here."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *_UNSHARE,
            "--",
            str(entry),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    while process.returncode is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        if children:
            pid = int(children[0])
            return Running(pid=pid, started_ticks=_started_ticks(pid), digest=digest)
        await asyncio.sleep(0.01)
    raise ReferenceCloudError(f"The cloud's namespaces could not be made:\n{tail(log)}", hint=f"Read {log}.")


def is_alive(running: Running | None) -> bool:
    """Return whether that very process still lives; another one with its number does not count."""
    if running is None:
        return False
    with suppress(OSError, ValueError):
        return _started_ticks(running.pid) == running.started_ticks
    return False


def inside(running: Running, argv: Sequence[str]) -> list[str]:
    """Return an argv that runs `argv` inside the cloud."""
    return ["nsenter", f"--target={running.pid}", "--mount", "--pid", "--uts", "--", *argv]


def seen_from_here(running: Running, path: str) -> Path:
    """Return where a file inside the cloud is found from outside."""
    return Path(f"/proc/{running.pid}/root{path}")


def members(running: Running) -> Iterator[psutil.Process]:
    """Yield every process of the cloud."""
    namespace = _namespace(running.pid)
    for process in psutil.process_iter():
        if namespace is not None and _namespace(process.pid) == namespace:
            yield process


def strays(root: Path) -> list[int]:
    """Return the processes that belong to the cloud of this directory, whatever was remembered of it."""
    mark = f"ALLMENDE_CLOUD={root}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


async def kill(pids: Sequence[int], seconds: float = 10.0) -> None:
    """End these processes at once and wait until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    try:
        async with asyncio.timeout(seconds):
            while any(_lives(pid) for pid in pids):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise ReferenceCloudError(
            "Processes of the cloud do not end although they were killed.", hint="The kernel's log (dmesg) may say why."
        ) from None


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()[0] != "Z"
    return False


def _started_ticks(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()
    if stat[0] == "Z":
        raise ProcessLookupError(pid)
    return int(stat[19])


def _namespace(pid: int) -> str | None:
    with suppress(OSError):
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    return None
