"""Copy a SQLite database whole while it is in use, and put a copy in its place. PostgreSQL has its own tools."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from allmende.errors import SettingsError, StoreError
from allmende.storage.database import sqlite_file


def back_up(url: str, copy: Path) -> None:
    """Write a copy of the database as it is at one moment, readable by its owner only; writers go on meanwhile.

    SettingsError for another database than SQLite, and where the copy is there already; StoreError when it cannot be
    made.
    """
    source = _file(url)
    if copy.exists():
        raise SettingsError(f"{copy} is there already.", hint="Name another file, or remove that one.")
    part = copy.with_name(f"{copy.name}.part")
    try:
        _copied(source, part)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)


def restore(copy: Path, url: str) -> Path | None:
    """Put a copy in the place of the database, which nobody may be using; return where what was there is kept now.

    SettingsError for another database than SQLite; StoreError when the copy is damaged or cannot be read: then nothing
    was changed.
    """
    target = _file(url, must_exist=False)
    fresh = target.with_name(f"{target.name}.restored")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _copied(copy, fresh)
        kept = _set_aside(target)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return kept


def _copied(source: Path, target: Path) -> None:
    """Copy a database and see that the copy is whole."""
    target.unlink(missing_ok=True)
    try:
        if not source.is_file():
            raise StoreError(f"{source} cannot be read.", hint="Check the path.")
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        readable = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        with closing(readable) as before, closing(sqlite3.connect(target)) as after:
            before.backup(after)
            (said,) = after.execute("PRAGMA integrity_check").fetchone()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{source} cannot be copied to {target}: {error}.", hint="Check paths and disk.") from error
    if said != "ok":
        raise StoreError(f"{source} is damaged: {said}.", hint="Take an earlier copy.")


def _set_aside(target: Path) -> Path | None:
    if not target.exists():
        return None
    kept = target.with_name(f"{target.name}.before-restore")
    for suffix in ("-wal", "-shm"):
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
    target.replace(kept)
    return kept


def _file(url: str, *, must_exist: bool = True) -> Path:
    file = sqlite_file(url)
    if file is None:
        raise SettingsError(
            "Only a SQLite record is copied by this command.", hint="PostgreSQL: pg_dump --format=custom, pg_restore."
        )
    if must_exist and not file.exists():
        raise SettingsError(f"There is no record in {file}.", hint="Name it with --database.")
    return file
