"""`allmende registry backup` and `restore`: the record and the key of its log, as files."""

import os
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.keys import read_secret, write_secret
from allmende.cli.log_key import LogKeyOption, log_key_file
from allmende.cli.record import DatabaseOption, opened_registry, record_url
from allmende.config import directories
from allmende.registry.run import log
from allmende.storage import backup as copies

EXAMPLES = """Examples:

\b
  allmende registry backup /backup/record-2026-11-26.sqlite
  allmende registry restore /backup/record-2026-11-26.sqlite

The key of the log is copied beside it (FILE.log-key): without that key the log
cannot be signed under its name. Keep both where nobody else can read them.
A registry may be served while it is backed up, and must be stopped to restore.
"""

File = Annotated[Path, typer.Argument(metavar="FILE", help="The copy.")]


def backup(file: File, *, log_key: LogKeyOption = None, database: DatabaseOption = None) -> None:
    """Copy the record whole, also while it is served, and the key of its log."""
    url = record_url(database)
    key = log_key_file(url, log_key, directories(os.environ, Path.home()))
    copies.back_up(url, file)
    if key.exists():
        write_secret(_key_beside(file), read_secret(key, "key of the log"))
    else:
        typer.echo(f"There is no key of the log in {key}: the registry was not served yet.", err=True)
    typer.echo(f"The record is copied to {file}.", err=True)


def restore(
    file: File,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    log_key: LogKeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Put a copy in the place of the record. What was there is kept beside it."""
    url = record_url(database)
    key = log_key_file(url, log_key, directories(os.environ, Path.home()))
    if not yes:
        typer.confirm("Is the registry stopped, and shall the copy take the record's place?", abort=True, err=True)
    kept = copies.restore(file, url)
    if _key_beside(file).exists():
        write_secret(key, read_secret(_key_beside(file), "key of the log"))
    with opened_registry(database) as registry:
        state = log.checkpoint(registry)
    typer.echo(f"The record is restored: its log has {state.size} entries.", err=True)
    if kept is not None:
        typer.echo(f"What was there is in {kept}.", err=True)


def _key_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.log-key")
