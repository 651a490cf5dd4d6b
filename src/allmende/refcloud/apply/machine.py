"""Installing what this machine lacks for a cloud: Debian packages, and the environment of OpenStack."""

from pathlib import Path

from allmende.refcloud.apply.environment import has_environment, link_libvirt, make_environment
from allmende.refcloud.apply.packages import install_packages, missing_packages, wanted_packages
from allmende.refcloud.apply.progress import Progress, all_of, shown

SECTIONS = ("cloud", "images")


async def prepare_machine(venv: Path, logs: Path, progress: Progress) -> None:
    """Install what is missing, both kinds at the same time, saying what and why."""
    reasons = wanted_packages(*SECTIONS)
    missing = await missing_packages(reasons)
    works = []
    if missing:
        works.append(shown(progress, _why(missing, reasons), install_packages(missing, logs / "packages.log")))
    if not has_environment(venv):
        step = "OpenStack 2026.1 as upstream released it, every file checked against the lock file"
        works.append(shown(progress, step, make_environment(venv, logs / "environment.log")))
    await all_of(works)
    link_libvirt(venv)


def _why(missing: list[str], reasons: dict[str, str]) -> str:
    return "Debian packages:" + "".join(f"\n            {name}: {reasons[name]}" for name in missing)
