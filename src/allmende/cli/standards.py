"""`allmende standards`: what is demanded, by which document and version, on any day.

This module decides what is asked and answered; how it looks is `cli.standards_views`, how it reads as JSON is
`standards.plain`.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from allmende.cli import explain, standards_views
from allmende.cli.clock import day
from allmende.cli.files import write_file
from allmende.cli.options import AsJson, AsOf
from allmende.standards import find, plain
from allmende.standards.difference import difference
from allmende.standards.load import load_standards
from allmende.standards.model import Scope, Standards, Testcase, Track
from allmende.standards.overview import State, overview
from allmende.standards.reference import reference

EXAMPLES = """Examples:

\b
  allmende standards list --track iaas
  allmende standards list --as-of 2024-12-11
  allmende standards show scs-0103
  allmende standards show iaas v5.1
  allmende standards timeline
  allmende standards diff iaas v4 v5.1
"""


app = typer.Typer(
    help="Standards, scopes, versions and their timeline.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_documents(
    *,
    track: Annotated[Track | None, typer.Option(case_sensitive=False, help="Only documents of this track.")] = None,
    status: Annotated[
        State | None, typer.Option(case_sensitive=False, help="Only documents with a version in this state.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the documents with the states of their versions."""
    on = day(as_of)
    rows = [
        row
        for row in overview(load_standards().documents, on)
        if track in (None, row.track) and (status is None or status in row.versions)
    ]
    if as_json:
        _print_json(plain.of_overview(rows, on))
    else:
        standards_views.show_overview(rows, on)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="scs-0103, scs-0103-v1, iaas, or a testcase.")],
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="A version of it, such as v5.1.")] = None,
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show a document, a scope or a testcase."""
    standards, on = load_standards(), day(as_of)
    found = find.find(standards, name)
    if version and not isinstance(found, Scope):
        found = find.find(standards, f"{name}-{version}")
    if isinstance(found, Testcase):
        explain.show_testcase(standards, found, on, as_json=as_json)
    elif isinstance(found, Scope):
        _show_scope(standards, found, version, on, as_json=as_json)
    elif as_json:
        _print_json({"documents": [plain.of_document(d, on) for d in found if d.is_public(on)]})
    else:
        standards_views.show_document(standards, found, on)


@app.command()
def timeline(
    scope: Annotated[str | None, typer.Argument(metavar="[SCOPE]", help="iaas or kaas; all if not given.")] = None,
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show since when which version of a scope counts for what."""
    standards, on = load_standards(), day(as_of)
    scopes = standards.scopes if scope is None else (find.scope(standards, scope),)
    shown = [(s, tuple(e for e in s.timeline if as_of is None or e.since <= on)) for s in scopes]
    if as_json:
        _print_json({"scopes": [plain.of_timeline(each, entries, on) for each, entries in shown]})
    else:
        for each, entries in shown:
            standards_views.show_timeline(each, entries, on)


@app.command()
def diff(
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="iaas or kaas.")],
    old: Annotated[str, typer.Argument(metavar="OLD", help="The version you know.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The version you want.")],
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what one version of a scope demands that another does not."""
    found, on = find.scope(load_standards(), scope), day(as_of)
    before, after = find.version(found, old, on), find.version(found, new, on)
    changes = difference(before, after)
    if as_json:
        _print_json(plain.of_changes(found, before, after, changes, on))
    else:
        standards_views.show_changes(found, before, after, changes, on)


@app.command()
def docs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write it: docs/reference.")],
) -> None:
    """Write the reference in Markdown: an index, and a runbook page per testcase."""
    from allmende.checks.runbooks import runbooks  # these import every check and the SDK; only needed here
    from allmende.collect.collector import collectors

    quota = {fact: collector.manner.needs for fact, collector in collectors().items()}
    standards = load_standards()
    for path, text in reference(standards, runbooks(standards, quota)).items():
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        write_file(page, text.encode())


def _show_scope(standards: Standards, scope: Scope, version: str | None, on: date, *, as_json: bool) -> None:
    wanted = find.version(scope, version, on) if version else None
    if as_json:
        values = plain.of_scope(scope, on)
        if wanted:
            values["versions"] = [each for each in values["versions"] if each["name"] == wanted.name]
        _print_json(values)
    elif wanted:
        standards_views.show_version(standards, scope, wanted, on)
    else:
        standards_views.show_scope(scope, on)


def _print_json(values: dict[str, Any]) -> None:
    typer.echo(json.dumps(values, indent=2, ensure_ascii=False))
