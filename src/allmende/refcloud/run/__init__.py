"""Bringing reference clouds up and down, looking at them, and breaking them on purpose."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

from allmende.config import Directories
from allmende.refcloud.apply.addresses import address_of
from allmende.refcloud.apply.progress import Progress
from allmende.refcloud.apply.record import memories
from allmende.refcloud.model.blueprint import Blueprint
from allmende.refcloud.model.cloud import CloudAddress
from allmende.refcloud.rules.defects import chosen, load_defects
from allmende.refcloud.run.session import DEFAULT_NAME, Changed, CloudStatus, Session, UpOptions

__all__ = [
    "DEFAULT_NAME",
    "Changed",
    "CloudStatus",
    "UpOptions",
    "address",
    "break_on_purpose",
    "destroy",
    "down",
    "log_files",
    "mend",
    "names",
    "status",
    "up",
]


async def up(blueprint: Blueprint, directories: Directories, options: UpOptions, progress: Progress) -> CloudAddress:
    """Bring a cloud up and return how to reach it.

    A cloud that runs is left as it is, also when it was broken on purpose; one whose start was interrupted is
    continued. One that was stopped while it was broken comes up mended. Raises PreflightError with everything that this
    machine lacks, and ReferenceCloudError with the end of the log of what failed.
    """
    session = Session(directories, options.name)
    with session.locked():
        return await session.up(blueprint, options, progress)


async def down(directories: Directories, name: str, progress: Progress) -> bool:
    """Stop a cloud and leave nothing of it running; return whether there was anything to stop."""
    session = Session(directories, name)
    session.known()
    with session.locked():
        return await session.down(progress)


async def destroy(directories: Directories, name: str, progress: Progress) -> None:
    """Stop a cloud and remove everything that it kept. What clouds share stays: packages, environment, images."""
    session = Session(directories, name)
    session.known()
    with session.locked():
        await session.down(progress)
        await asyncio.to_thread(shutil.rmtree, session.places.root)


async def status(blueprint: Blueprint, directories: Directories, name: str) -> CloudStatus:
    """Return how a cloud is now; raise UnknownNameError when there is none of that name."""
    return await Session(directories, name).status(blueprint)


async def break_on_purpose(
    blueprint: Blueprint, directories: Directories, name: str, ids: Iterable[str], progress: Progress
) -> Changed:
    """Give a running cloud defects of the catalogue; those that it has already are left as they are.

    Raises UnknownNameError for an unknown defect, and ReferenceCloudError, with nothing changed, when the cloud does
    not run or a defect stands in the way of another.
    """
    session = Session(directories, name)
    session.known()
    with session.locked():
        return await session.break_on_purpose(blueprint, chosen(load_defects(), ids), progress)


async def mend(
    blueprint: Blueprint, directories: Directories, name: str, ids: Iterable[str], progress: Progress
) -> Changed:
    """Bring back what was there before these defects, or before all that the cloud has when none is named."""
    session = Session(directories, name)
    session.known()
    with session.locked():
        return await session.mend(blueprint, chosen(load_defects(), ids), progress)


def names(directories: Directories) -> list[str]:
    """Return the names of all clouds of this user."""
    return [memory.root.name for memory in memories(directories.clouds)]


def log_files(directories: Directories, name: str) -> dict[str, Path]:
    """Return the logs of a cloud by unit or step."""
    session = Session(directories, name)
    session.known()
    return {file.stem: file for file in sorted(session.places.log.glob("*.log"))}


def address(directories: Directories, name: str) -> CloudAddress:
    """Return how to reach a cloud that was made; raise UnknownNameError when there is none."""
    session = Session(directories, name)
    return address_of(session.given(session.known(), {}))
