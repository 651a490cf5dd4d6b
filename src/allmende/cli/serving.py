"""The registry as a background process of this user: started once, found again, stopped.

`allmende serve` is the registry; this module only decides whether ours runs, and where.
"""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from allmende.config import Directories
from allmende.errors import StoreError

STOP_SECONDS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A running registry: its process, told from a later one of the same number by its start time, and its address."""

    pid: int
    created: float
    url: str


def find_serving(directories: Directories) -> Serving | None:
    """Return our registry if it runs."""
    try:
        serving = Serving(**json.loads(_record(directories).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return serving if _process(serving) else None


def start_serving(directories: Directories, port: int) -> Serving:
    """Return our registry, started now on `port` if it does not run; 0 is any free port.

    Of two commands that start it at the same moment, the second waits and finds the first one's.
    """
    directories.registry.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directories.registry / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return find_serving(directories) or _started(directories, port)


def _started(directories: Directories, port: int) -> Serving:
    log = directories.registry / "serve.log"
    argv = [sys.executable, "-m", "allmende", "serve", "--port", str(port)]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "ALLMENDE_DATABASE"},
        )
    assert process.stdout is not None  # noqa: S101 -- asked for above
    try:
        with process.stdout:
            url = process.stdout.readline().decode().strip()  # the address, once it listens; nothing if it ended
    except KeyboardInterrupt:  # nobody would find it again
        process.terminate()
        raise
    if not url:
        lines = log.read_text(errors="replace").splitlines()[-3:]
        raise StoreError("The registry does not start: " + " ".join(lines), hint=f"Read {log}.")
    serving = Serving(pid=process.pid, created=psutil.Process(process.pid).create_time(), url=url)
    _record(directories).write_text(json.dumps(asdict(serving)))
    return serving


def stop_serving(directories: Directories) -> bool:
    """Stop our registry, after it has answered what was under way; return whether it ran."""
    serving = find_serving(directories)
    process = _process(serving) if serving else None
    _record(directories).unlink(missing_ok=True)
    if process is None:
        return False
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
    return True


def _record(directories: Directories) -> Path:
    return directories.registry / "serving.json"


def _process(serving: Serving) -> psutil.Process | None:
    try:
        process = psutil.Process(serving.pid)
        return process if process.create_time() == serving.created and process.status() != "zombie" else None
    except psutil.NoSuchProcess:
        return None
