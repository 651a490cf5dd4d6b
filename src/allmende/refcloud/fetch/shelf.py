"""The shelf of finished images under the cache directory: one folder each, complete or absent.

A folder is named by what it is made of, so that a changed recipe or a new month gives a new folder. It is filled under
another name and renamed when complete; a lock per image lets one process build while others wait for it.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path


def fingerprint(parts: Iterable[bytes]) -> str:
    """Return a short name for what something is made of."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


async def shelved(shelf: Path, name: str, key: str, fill: Callable[[Path], Awaitable[None]]) -> Path:
    """Return the folder of `name` made of `key`, after `fill` has filled it when it was not there.

    An interrupted `fill` leaves a folder that nobody takes for complete and that the next one removes.
    """
    finished = shelf / f"{name}-{key}"
    if finished.is_dir():
        return finished
    shelf.mkdir(parents=True, exist_ok=True)
    async with locked(shelf / f".{name}.lock"):
        if not finished.is_dir():
            unfinished = shelf / f".{name}.unfinished"
            await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
            unfinished.mkdir()
            await fill(unfinished)
            unfinished.rename(finished)
    return finished


def newest(shelf: Path, name: str) -> Path | None:
    """Return the folder of `name` that was filled last, whatever it is made of, or None where there is none."""
    found = [path for path in shelf.glob(f"{name}-*") if path.is_dir()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock file `path`, after whoever holds it lets go."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(descriptor):
            await asyncio.sleep(0.2)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
