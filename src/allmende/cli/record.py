"""Which registry's record a command works on, and how rows of it are shown."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from allmende.cli.terminal import terminal
from allmende.config import directories
from allmende.errors import RegistryRefusedError
from allmende.registry.model.refusals import Refusal
from allmende.registry.run.registry import Registry
from allmende.standards.load import load_standards
from allmende.storage.database import open_database, sqlite_url

T = TypeVar("T")

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="ALLMENDE_DATABASE",
        show_envvar=True,
        metavar="URL",
        help="sqlite:////path/to/file or postgresql://…; a file of this user if not given.",
    ),
]


@contextmanager
def opened_registry(database: str | None) -> Iterator[Registry]:
    """Yield the registry whose record is at `record_url`."""
    registry = Registry(database=open_database(record_url(database)), standards=load_standards())
    try:
        yield registry
    finally:
        registry.database.close()


def record_url(database: str | None) -> str:
    """Return where the record is: in this database, or in this user's own file when none is named."""
    return database or sqlite_url(directories(os.environ, Path.home()).registry / "record.sqlite")


_COPIED = ("id", "report", "reference")
"""Columns whose values are typed again, so that they stay in one piece."""


def show_rows(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo("There are none yet.", err=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.upper(), overflow="fold", no_wrap=name in _COPIED)
    for row in rows:
        table.add_row(*("\n".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()))
    terminal().print(table)


def granted(answer: T | Refusal) -> T:
    """Return what the registry answered; RegistryRefusedError where it said no."""
    if isinstance(answer, Refusal):
        raise RegistryRefusedError(answer.detail, hint=answer.hint)
    return answer
