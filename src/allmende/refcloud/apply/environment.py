"""The virtual environment of OpenStack: made once from the lock file, shared by all clouds, never changed."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import sys
from importlib.resources import as_file
from pathlib import Path

from allmende.refcloud.apply.blueprint import data
from allmende.refcloud.apply.program import run_program

LOCK_FILE = "openstack-2026.1.lock"
PYTHON = Path("/usr/bin/python3.11")  # Debian's: its package python3-libvirt is built for it
_FROM_DEBIAN = Path("/usr/lib/python3/dist-packages")


def lock_digest() -> str:
    """Return what identifies the locked environment."""
    return hashlib.sha256((data() / LOCK_FILE).read_bytes()).hexdigest()[:16]


def environment_path(cache: Path) -> Path:
    """Return where the environment of the shipped lock file is, or will be."""
    return cache / "openstack" / lock_digest()


def uv() -> str:
    """Return the uv that installs: the one beside our own Python, else the one on the PATH."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or str(beside)


async def make_environment(venv: Path, log: Path) -> None:
    """Install OpenStack into `venv` unless it is there.

    Every file is checked against the hashes of the lock file; bytecode is compiled now, so that no service has to. The
    environment appears whole or not at all: it is built under its own name and a stamp says that it is complete.
    """
    if has_environment(venv):
        return
    venv.parent.mkdir(parents=True, exist_ok=True)
    with venv.with_suffix(".lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)  # another cloud may be making it at this moment
        if has_environment(venv):
            return
        await _install(venv, log)
        _stamp(venv).touch()


def has_environment(venv: Path) -> bool:
    """Return whether the environment is there as a whole."""
    return _stamp(venv).exists()


def _stamp(venv: Path) -> Path:
    return venv / ".complete"


async def _install(venv: Path, log: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    await run_program(
        [uv(), "venv", "--quiet", "--no-config", "--no-project", "--python", PYTHON, venv],
        log=log,
        environment=environment,
        what="Making the virtual environment of OpenStack",
    )
    with as_file(data() / LOCK_FILE) as lock_file:
        install = [uv(), "pip", "sync", "--quiet", "--no-config", "--require-hashes", "--compile-bytecode"]
        await run_program(
            [*install, "--python", venv / "bin/python", lock_file],
            log=log,
            environment=environment,
            what="Installing OpenStack",
        )


def link_libvirt(venv: Path) -> None:
    """Let nova import libvirt's Python binding, which exists as Debian package and not as wheel."""
    packages = venv / "lib" / PYTHON.name / "site-packages"
    for file in (*_FROM_DEBIAN.glob("libvirt*.py"), *_FROM_DEBIAN.glob("libvirtmod*.so")):
        link = packages / file.name
        if not link.exists():
            link.symlink_to(file)
