"""`allmende cleanup`: remove from a cloud what checks left that were killed, and nothing else.

By itself it follows the journals of this machine. What a run on another machine left is removed when its tag is named.
Exit codes: 0 nothing of ours is left (or nothing would be removed), 3 something could not be removed.
"""

import asyncio
import json
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.cli.options import AsJson
from allmende.clouds.journal import is_living
from allmende.config import directories
from allmende.errors import UsageError

if TYPE_CHECKING:  # the SDK takes a second to import
    from allmende.clouds.clean import Cleaned
    from allmende.clouds.journal import Lease
    from allmende.clouds.openstack import OpenStackCloud

EXAMPLES = """Examples:

\b
  allmende cleanup mycloud               what this machine's killed runs left
  allmende cleanup mycloud --dry-run     only show it
  allmende cleanup mycloud --run 3f9c02a1b4d7    by the names alone

Every run writes down what it creates before it asks for it. A run that still
goes on is left alone.
"""

TAG = re.compile(r"[0-9a-f]{12}")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class State(StrEnum):
    """What became of a thing."""

    REMOVED = "removed"
    LEFT = "left"
    WOULD_GO = "would go"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing of a run: what happened to it."""

    run: str
    kind: str
    name: str
    identifier: str | None
    state: State
    why: str = ""

    @property
    def text(self) -> str:
        """The line for a person."""
        known = f" {self.identifier}" if self.identifier else ""
        return f"{self.state:<9} {self.kind} {self.name}{known}" + (f": {self.why}" if self.why else "")


@app.command(epilog=EXAMPLES)
def cleanup(
    cloud: Annotated[
        str | None, typer.Argument(metavar="CLOUD", help="A name in clouds.yaml; without it, the OS_* variables.")
    ] = None,
    *,
    run: Annotated[
        str | None, typer.Option(metavar="TAG", help="Remove what bears the tag of this run, without its journal.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what killed checks left in a cloud; nothing else is touched."""
    if run is not None and not TAG.fullmatch(run):
        raise UsageError(
            f"{run!r} is not the tag of a run.",
            hint="It is the middle of allmende-TAG-…: 12 digits and letters a to f.",
        )
    folder = directories(os.environ, Path.home()).leases
    if run is not None and not dry_run and is_living(folder, run):
        raise UsageError(
            f"The run {run} still goes on, on this machine.",
            hint="Let it end, or end it with Ctrl-C: it removes its things by itself.",
        )
    lines, others = asyncio.run(_cleaned(cloud, folder, run, dry_run=dry_run))
    if as_json:
        typer.echo(json.dumps({"things": [_plain(line) for line in lines], "other_runs": others}, indent=2))
    else:
        for line in lines:
            typer.echo(line.text)
        typer.echo(_summary(lines, dry_run=dry_run), err=True)
        for tag in others:
            if is_living(folder, tag):
                typer.echo(f"The run {tag} still goes on, on this machine: its things are left alone.", err=True)
                continue
            typer.echo(f"The run {tag}, whose journal is not on this machine, has things here, too.", err=True)
            typer.echo(f"next: allmende cleanup {cloud or ''} --run {tag}, when it is surely over", err=True)
    if any(line.state is State.LEFT for line in lines):
        raise typer.Exit(3)


async def _cleaned(name: str | None, folder: Path, run: str | None, *, dry_run: bool) -> tuple[list[Line], list[str]]:
    from allmende.clouds import clean
    from allmende.clouds.openstack import open_cloud

    async with await open_cloud(name, environ=os.environ) as cloud:
        if dry_run:
            lines = await _would_be_removed(cloud, folder, run)
        elif run:
            lines = _lines(await clean.clean_by_tag(cloud, run, utc_now))
        else:
            lines = [line for done in await clean.clean(cloud, folder, utc_now) for line in _lines(done)]
        known = {line.run for line in lines}
        there = {clean.run_of(lease) for lease in await clean.tagged_things(cloud, utc_now())}
        return lines, sorted(there - known) if run is None else []


async def _would_be_removed(cloud: "OpenStackCloud", folder: Path, run: str | None) -> list[Line]:
    from allmende.clouds import clean

    if run is None:
        found = clean.left(folder, await clean.place_of(cloud))
        return [_line(tag, lease, State.WOULD_GO) for tag, leases in found for lease in leases]
    leases = await clean.tagged_things(cloud, utc_now())
    return [_line(run, lease, State.WOULD_GO) for lease in leases if clean.run_of(lease) == run]


def _lines(cleaned: "Cleaned") -> list[Line]:
    return [
        *(_line(cleaned.run, lease, State.REMOVED) for lease in cleaned.removed),
        *(_line(cleaned.run, left.lease, State.LEFT, left.why) for left in cleaned.left),
    ]


def _line(run: str, lease: "Lease", state: State, why: str = "") -> Line:
    return Line(run=run, kind=lease.kind, name=lease.name, identifier=lease.identifier, state=state, why=why)


def _plain(line: Line) -> dict[str, str | None]:
    return {
        "run": line.run,
        "kind": line.kind,
        "name": line.name,
        "id": line.identifier,
        "state": line.state,
        "why": line.why,
    }


def _summary(lines: list[Line], *, dry_run: bool) -> str:
    left = [line for line in lines if line.state is State.LEFT]
    if left:
        return f"{len(left)} of {len(lines)} things could not be removed; try again later."
    if dry_run:
        return f"{len(lines)} things would be removed."
    return f"{len(lines)} things were removed; nothing of ours is left." if lines else "Nothing of ours was left."
