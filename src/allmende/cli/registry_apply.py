"""`allmende registry apply` and `export`: subjects and accounts as a file under version control."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.cli.files import write_file
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, opened_registry
from allmende.cli.terminal import print_line, terminal
from allmende.errors import SettingsError, UsageError
from allmende.registry.rules.declaration import changes, read, written
from allmende.registry.run.declare import carry_out, declared

EXAMPLES = """Examples:

\b
  allmende registry export -o registry.yaml
  allmende registry apply registry.yaml          shows the plan, and asks
  allmende registry apply registry.yaml --yes    in CI
  allmende registry apply registry.yaml --prune  also takes back what it lacks

The file has `subjects` (id, name, operator, country, …)
and `accounts` (name, subjects, roles, keys). Subjects and accounts are never
removed, because the record names them; tokens are made with: account token
"""


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Who there shall be: YAML.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take back grants, roles and keys that it does not name.")
    ] = False,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """Bring subjects and accounts to what a file declares: first the plan, then all of it or nothing."""
    wanted = read(_content(file), file.name)
    with opened_registry(database) as registry:
        planned = changes(wanted, declared(registry), prune=prune)
        if as_json:
            shown = [{"verb": each.verb, "kind": each.kind, "name": each.name, "value": each.value} for each in planned]
            typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        for each in planned if not as_json else ():
            print_line(terminal(), each.words)
        if not planned:
            typer.echo("Everything is as it is declared.", err=True)
            return
        if not yes and not sys.stdin.isatty():
            raise UsageError("Nothing was changed, because nobody could be asked.", hint="Say --yes to carry it out.")
        if not yes:
            typer.confirm(f"Carry out these {len(planned)} changes?", abort=True, err=True)
        carry_out(registry, planned, utc_now())
    typer.echo(f"Done: {len(planned)} changes.", err=True)


def export(
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="stdout if not given.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Write subjects and accounts as the file that `apply` takes."""
    with opened_registry(database) as registry:
        text = written(declared(registry))
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_file(output, text.encode())


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", hint="Check the path.") from error
