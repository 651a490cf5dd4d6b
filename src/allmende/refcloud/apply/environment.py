"""The virtual environment of OpenStack, shared by all clouds, and what it borrows of Debian."""

from pathlib import Path

from allmende.programs.environment import Environment
from allmende.refcloud.apply.blueprint import data

PYTHON = Path("/usr/bin/python3.11")  # Debian's: its package python3-libvirt is built for it
_FROM_DEBIAN = Path("/usr/lib/python3/dist-packages")


def openstack() -> Environment:
    """Return the environment of the services, as upstream released them."""
    return Environment(name="openstack", title="OpenStack", lock=data() / "openstack-2026.1.lock", python=PYTHON)


def link_libvirt(venv: Path) -> None:
    """Let nova import libvirt's Python binding, which exists as Debian package and not as wheel."""
    packages = venv / "lib" / PYTHON.name / "site-packages"
    for file in (*_FROM_DEBIAN.glob("libvirt*.py"), *_FROM_DEBIAN.glob("libvirtmod*.so")):
        link = packages / file.name
        if not link.exists():
            link.symlink_to(file)
