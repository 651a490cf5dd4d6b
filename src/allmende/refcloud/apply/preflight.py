"""Whether this machine can carry a reference cloud: everything that is missing is found before anything is done."""

import asyncio
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from allmende.errors import PreflightError
from allmende.programs.environment import uv
from allmende.refcloud.apply.interfaces import DATAPATH, foreign_datapath
from allmende.refcloud.apply.packages import missing_packages, wanted_packages
from allmende.refcloud.model.cloud import Profile

_GIB = 1024**3
_MEMORY_GIB = {Profile.API: 4, Profile.CORE: 6}
_DISK_GIB = 5
_LONGEST_SOCKET = 107


async def preflight(state: Path, cache: Path, profile: Profile, *, needs_environment: bool) -> None:
    """Raise PreflightError with every problem of this machine, each with its remedy."""
    problems = [problem for check in _CHECKS if (problem := check())]
    problems += [problem for directory in {state, cache} if (problem := _disk(directory))]
    problems += [problem for problem in (_memory(profile), _socket_paths(state)) if problem]
    if needs_environment and not Path(uv()).exists():
        problems.append("uv is not installed, which installs OpenStack: pip install uv.")
    missing = await missing_packages(wanted_packages("cloud")) if shutil.which("dpkg-query") else []
    if os.geteuid() == 0:
        problems += [problem for problem in (await asyncio.to_thread(_namespaces), _tun()) if problem]
    elif missing:
        problems.append(f"Debian packages are missing: apt-get install --no-install-recommends {' '.join(missing)}.")
    if problems:
        raise PreflightError(tuple(problems), hint="Put these in order, then run the command again.")


def _root() -> str | None:
    if os.geteuid() == 0:
        return None
    return "Root is needed for namespaces and network interfaces: run `sudo allmende cloud up`."


def _debian() -> str | None:
    if not shutil.which("apt-get"):
        return "Debian's package manager is missing: Debian 12 on x86_64 is what the reference cloud is made for."
    return None


def _machine() -> str | None:
    if platform.machine() != "x86_64":
        return f"The machine is {platform.machine()}: guest images and packages are chosen for x86_64."
    return None


def _interface_is_free() -> str | None:
    if foreign_datapath():
        return f"Another Open vSwitch in user space runs here (interface {DATAPATH}): stop it, its name is needed."
    return None


_CHECKS: tuple[Callable[[], str | None], ...] = (_root, _debian, _machine, _interface_is_free)


def _disk(directory: Path) -> str | None:
    there = next(parent for parent in (directory, *directory.parents) if parent.exists())
    free = shutil.disk_usage(there).free / _GIB
    if free < _DISK_GIB:
        return f"{there} has {free:.1f} GiB of free disk, {_DISK_GIB} GiB are needed: free some, or move XDG_*_HOME."
    return None


def _memory(profile: Profile) -> str | None:
    available = psutil.virtual_memory().available / _GIB
    if available < _MEMORY_GIB[profile]:
        need = _MEMORY_GIB[profile]
        return f"{available:.1f} GiB of memory are free, the profile {profile} needs {need} GiB: stop other programs."
    return None


def _socket_paths(state: Path) -> str | None:
    longest = state / "run" / "supervisor.sock.1234567"
    if len(str(longest)) > _LONGEST_SOCKET:
        return f"The path {state} is too long for Unix sockets below it: set XDG_STATE_HOME to a shorter one."
    return None


def _namespaces() -> str | None:
    argv = ["unshare", "--pid", "--mount", "--uts", "--fork", "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", "/run"]
    tried = subprocess.run(argv, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"The kernel refuses namespaces ({tried.stderr.strip()}): a container needs more privileges for that."
    return None


def _tun() -> str | None:
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"/dev/net/tun cannot be opened ({error.strerror}): modprobe tun, or give the container that device."
    return None
