"""`allmende flavor`: what SCS flavor names promise, or where they break the grammar."""

import json
import textwrap
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from allmende.cli.options import AsJson
from allmende.printable import printable
from allmende.standards.flavor_name import FlavorNameError, Reading, describe, read

EXAMPLES = """Examples:

\b
  allmende flavor SCS-4V-16-100s
  allmende flavor SCS-2C:4:10n-bms-z3          the old form, with the new one
  openstack flavor list -f value -c Name | grep ^SCS- | xargs allmende flavor

Exit codes: 0 every name is right, 1 one is not.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one name; `position` counts from 0 and is None where the name is right."""

    name: str
    valid: bool
    canonical: str = ""
    version: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()
    position: int | None = None
    expected: str = ""


@app.command(epilog=EXAMPLES)
def flavor(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Flavor names that begin with SCS-.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Read SCS flavor names and say what they promise (scs-0100)."""
    answers = [answer(name) for name in names]
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in answers], indent=2, ensure_ascii=False))
    else:
        console = Console(markup=False, highlight=False, emoji=False)
        for item in answers:
            _show(console, item)
    if not all(item.valid for item in answers):
        raise typer.Exit(1)


def answer(name: str) -> Answer:
    """Read one name."""
    try:
        reading = read(name)
    except FlavorNameError as error:
        return Answer(name=name, valid=False, position=error.position, expected=error.expected)
    return _understood(reading)


def _understood(reading: Reading) -> Answer:
    return Answer(
        name=reading.name,
        valid=True,
        canonical=str(reading.flavor),
        version=reading.version,
        description=describe(reading.flavor),
        notes=reading.notes,
    )


def _show(console: Console, item: Answer) -> None:
    if item.valid:
        console.print(Text.assemble(("✓ ", "green"), (printable(item.name), "bold")), soft_wrap=True)
        lines = [item.description, *(f"Note: {note}." for note in item.notes)]
    else:
        console.print(Text.assemble(("✕ ", "red"), (printable(item.name), "bold")), soft_wrap=True)
        console.print(" " * (2 + (item.position or 0)) + "^", soft_wrap=True)
        lines = [f"Expected {item.expected}."]
    for line in lines:
        console.print(textwrap.fill(line, 78, initial_indent="  ", subsequent_indent="  "), soft_wrap=True)
