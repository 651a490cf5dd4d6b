"""Installing Debian packages: only missing ones, without recommendations, and without starting anything.

Debian starts and enables the daemons of a package when it is installed. A user who wants a cloud did not ask for a
database server on their machine, so that is prevented, and what was enabled by it is disabled again.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from allmende.errors import ReferenceCloudError
from allmende.programs.run import run_program
from allmende.refcloud.apply.blueprint import data

_POLICY = Path("/usr/sbin/policy-rc.d")


def wanted_packages(*sections: str) -> dict[str, str]:
    """Return the packages of these sections of packages.yaml, each with its reason."""
    document: Mapping[str, Mapping[str, str]] = yaml.safe_load((data() / "packages.yaml").read_text("utf-8"))
    return {name: reason for section in sections for name, reason in document.get(section, {}).items()}


async def missing_packages(names: Iterable[str]) -> list[str]:
    """Return those of `names` that are not installed."""
    return await asyncio.to_thread(_missing, list(names))


def _missing(names: list[str]) -> list[str]:
    shown = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


async def install_packages(names: list[str], log: Path) -> None:
    """Install `names` from the machine's Debian sources; raise ReferenceCloudError with apt's last words."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    enabled_before = _enabled()
    with _nothing_starts():
        await run_program(
            ["apt-get", "update", "-q"], log=log, environment=environment, what="Reading Debian's package lists"
        )
        await run_program(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *names],
            log=log,
            environment=environment,
            what="Installing Debian packages",
        )
    _disable(_enabled() - enabled_before)


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """Tell Debian's maintainer scripts not to start services, as their policy provides for."""
    before = _POLICY.read_bytes() if _POLICY.exists() else None
    mode = _POLICY.stat().st_mode if before is not None else 0
    _POLICY.write_text("#!/bin/sh\nexit 101\n", "ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        if before is None:
            _POLICY.unlink(missing_ok=True)
        else:
            _POLICY.write_bytes(before)
            _POLICY.chmod(mode)


def _enabled() -> set[Path]:
    """Return the links that let systemd start units at boot."""
    return {link for link in Path("/etc/systemd/system").glob("*.wants/*") if link.is_symlink()}


def _disable(links: set[Path]) -> None:
    for unit in sorted({link.name for link in links}):
        helper = shutil.which("deb-systemd-helper")
        if helper is None:
            raise ReferenceCloudError(f"{unit} is enabled and cannot be disabled.", hint=f"systemctl disable {unit}")
        subprocess.run([helper, "disable", unit], check=False, capture_output=True)
    for link in links:
        link.unlink(missing_ok=True)
