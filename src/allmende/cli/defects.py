"""`allmende cloud break` and `allmende cloud mend`: defects of a real cloud, made and undone on purpose."""

import asyncio
import json
import os
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.options import AsJson, CloudName
from allmende.cli.steps import shown_steps
from allmende.cli.terminal import terminal
from allmende.config import directories
from allmende.errors import UsageError
from allmende.refcloud import run
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.model.defects import Defect
from allmende.refcloud.rules.defects import load_defects, said

BREAK_EXAMPLES = """Examples:

\b
  allmende cloud break                         which defects there are
  allmende cloud break flavor-missing
  allmende cloud break ingress-open image-outdated --name two
  allmende cloud break --json | jq '.[].outcomes'

Only clouds that `allmende cloud up` made can be broken. How they were is kept
before anything is changed: `allmende cloud mend` brings it back.
"""
MEND_EXAMPLES = """Examples:

\b
  allmende cloud mend                          everything that is broken
  allmende cloud mend flavor-missing
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Defects = Annotated[list[str] | None, typer.Argument(metavar="DEFECT", help="Ids of the catalogue.")]


@app.command("break", epilog=BREAK_EXAMPLES)
def break_(
    defects: Defects = None,
    *,
    name: CloudName = run.DEFAULT_NAME,
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the list as a table for the docs.")] = False,
) -> None:
    """Give the cloud defects, for trying checks; without DEFECT, list them."""
    if not defects:
        _list(as_json=as_json, as_markdown=as_markdown)
        return
    if as_json or as_markdown:
        raise UsageError("Only the list of defects has other forms.", hint="allmende cloud break --json")
    ours = directories(os.environ, Path.home())
    with shown_steps() as steps:
        changed = asyncio.run(run.break_on_purpose(load_blueprint(), ours, name, defects, steps))
    if changed.before:
        typer.echo(f"Broken already, and left so: {', '.join(changed.before)}.", err=True)
    if changed.now:
        typer.echo(f"The cloud {name} is broken. A check should find:", err=True)
        typer.echo("\n".join(_expected(changed.now)))
        again = "allmende cloud mend" + ("" if name == run.DEFAULT_NAME else f" --name {name}")
        typer.echo(f"next: allmende check {run.address(ours, name).cloud}, then {again}", err=True)


@app.command(epilog=MEND_EXAMPLES)
def mend(defects: Defects = None, *, name: CloudName = run.DEFAULT_NAME) -> None:
    """Bring back what was there before the defects; without DEFECT, before all."""
    ours = directories(os.environ, Path.home())
    with shown_steps() as steps:
        changed = asyncio.run(run.mend(load_blueprint(), ours, name, defects or (), steps))
    if changed.before:
        typer.echo(f"Not broken: {', '.join(changed.before)}.", err=True)
    if changed.now:
        typer.echo(f"The cloud {name} is as before: {', '.join(changed.now)}.", err=True)
    elif not changed.before:
        typer.echo(f"Nothing of the cloud {name} is broken.", err=True)


def _list(*, as_json: bool, as_markdown: bool) -> None:
    defects = load_defects()
    if as_markdown:
        typer.echo("| defect | what is broken | what a check must find |\n|---|---|---|")
        for defect in defects:
            sentence = f"{defect.sentence} {defect.because}".strip()
            typer.echo(f"| `{defect.id}` | {sentence} | {'<br>'.join(said(defect))} |")
        return
    if as_json:
        rows = [defect.model_dump(mode="json", exclude={"steps"}) for defect in defects]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console = terminal()
    for defect in defects:
        console.print(defect.id, style="bold", soft_wrap=True)
        for line in (defect.sentence, f"→ {'; '.join(said(defect))}"):
            console.print(textwrap.fill(line, console.width, initial_indent="  ", subsequent_indent="  "))
    typer.echo(f"{len(defects)} defects; `allmende cloud break DEFECT` makes one.", err=True)


def _expected(ids: Iterable[str]) -> Iterable[str]:
    by_id: dict[str, Defect] = {defect.id: defect for defect in load_defects()}
    for id_ in ids:
        yield f"{id_}: {'; '.join(said(by_id[id_]))}"
