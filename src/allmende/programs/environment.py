"""A virtual environment made from a shipped lock: in the cache directory, once, and never changed.

To add a tool, put `NAME.lock` into `locks` and ask for `shipped("NAME")`. What runs in the environment, and as what, is
left to others; it shares no package with us.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from allmende.programs.run import run_program


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What an environment is made of: every file of it stands in `lock`, with its hash.

    `title` is what a person calls it. `python` is the interpreter that it needs; ours where it is None.
    """

    name: str
    title: str
    lock: Traversable
    python: Path | None = None

    @property
    def digest(self) -> str:
        """What identifies it: the lock, and our own version of Python where it is made for that."""
        ours = b"" if self.python else f"{sys.version_info.major}.{sys.version_info.minor}".encode()
        return hashlib.sha256(self.lock.read_bytes() + ours).hexdigest()[:16]

    def path(self, cache: Path) -> Path:
        """Return where it is, or will be."""
        return cache / self.name / self.digest

    @property
    def interpreter(self) -> Path:
        """The Python that it is made with."""
        return self.python or Path(sys.executable)


def shipped(name: str) -> Environment:
    """Return the environment of a tool whose lock is shipped in `locks`."""
    return Environment(name=name, title=name, lock=files("allmende.programs") / "locks" / f"{name}.lock")


def uv() -> str:
    """Return the uv that installs: the one beside our own Python, else the one on the PATH."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or str(beside)


async def made(environment: Environment, cache: Path, log: Path) -> Path:
    """Return the path of an environment, which is installed now unless it is there.

    Every file is checked against the hashes of the lock; bytecode is compiled now, so that nothing has to later. The
    environment appears whole or not at all: it is built under its own name and a stamp says that it is complete.
    Raises ProgramError.
    """
    venv = environment.path(cache)
    if is_made(venv):
        return venv
    venv.parent.mkdir(parents=True, exist_ok=True)
    with venv.with_suffix(".lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)  # another command may be making it at this moment
        if not is_made(venv):
            await _install(environment, venv, log)
            _stamp(venv).touch()
    return venv


def is_made(venv: Path) -> bool:
    """Return whether an environment is there as a whole."""
    return _stamp(venv).exists()


def _stamp(venv: Path) -> Path:
    return venv / ".complete"


async def _install(environment: Environment, venv: Path, log: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    await run_program(
        [uv(), "venv", "--quiet", "--no-config", "--no-project", "--python", environment.interpreter, venv],
        log=log,
        environment=variables,
        what=f"Making the virtual environment of {environment.title}",
    )
    with as_file(environment.lock) as lock_file:
        install = [uv(), "pip", "sync", "--quiet", "--no-config", "--require-hashes", "--compile-bytecode"]
        await run_program(
            [*install, "--python", venv / "bin/python", lock_file],
            log=log,
            environment=variables,
            what=f"Installing {environment.title}",
        )
