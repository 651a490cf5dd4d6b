"""Installing what this machine lacks for a cloud: Debian packages, and the environment of OpenStack."""

from pathlib import Path

from allmende.programs.environment import Environment, is_made, made
from allmende.refcloud.apply.environment import link_libvirt, openstack
from allmende.refcloud.apply.packages import install_packages, missing_packages, wanted_packages
from allmende.refcloud.apply.progress import Progress, all_of, shown

SECTIONS = ("cloud", "images")


async def prepare_machine(cache: Path, logs: Path, progress: Progress) -> None:
    """Install what is missing, both kinds at the same time, saying what and why."""
    reasons = wanted_packages(*SECTIONS)
    missing = await missing_packages(reasons)
    works = []
    if missing:
        works.append(shown(progress, _why(missing, reasons), install_packages(missing, logs / "packages.log")))
    environment = openstack()
    if not is_made(environment.path(cache)):
        step = "OpenStack 2026.1 as upstream released it, every file checked against the lock file"
        works.append(shown(progress, step, _installed(environment, cache, logs / "environment.log")))
    await all_of(works)
    link_libvirt(environment.path(cache))


async def _installed(environment: Environment, cache: Path, log: Path) -> None:
    await made(environment, cache, log)


def _why(missing: list[str], reasons: dict[str, str]) -> str:
    return "Debian packages:" + "".join(f"\n            {name}: {reasons[name]}" for name in missing)
