"""`allmende explain`: what a testcase demands, how it is judged, and what to type to satisfy it."""

import json
import textwrap
from datetime import date
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from allmende.cli.clock import day
from allmende.cli.options import AsJson, AsOf
from allmende.cli.terminal import terminal
from allmende.standards import find, plain
from allmende.standards.load import load_standards
from allmende.standards.model import Standards, Testcase
from allmende.standards.uses import uses

EXAMPLES = """Examples:

\b
  allmende explain scs-0115-default-rules
  allmende explain scs-0103-flavor-2v-8 --json
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def explain(
    testcase: Annotated[str, typer.Argument(metavar="TESTCASE", help="Its id, such as scs-0115-default-rules.")],
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Explain a testcase: what is demanded, how it is judged, how to fix it."""
    standards = load_standards()
    show_testcase(standards, find.testcase(standards, testcase), day(as_of), as_json=as_json)


def show_testcase(standards: Standards, testcase: Testcase, on: date, *, as_json: bool) -> None:
    """Print everything that is known of a testcase."""
    from allmende.checks.runbooks import runbooks  # imports every check; only needed here

    runbook = runbooks(standards)[testcase.id]
    listing = uses(standards, testcase.id, on)
    if as_json:
        values = plain.of_testcase(testcase) | {
            "how": runbook.how,
            "observes": list(runbook.observes),
            "uses": plain.of_uses(listing),
            "runbook": testcase.runbook,
        }
        typer.echo(json.dumps(values, indent=2, ensure_ascii=False))
        return
    console = terminal()
    console.print(Text(testcase.id, style="bold"))
    console.print(testcase.title)
    _section(console, "What is demanded", testcase.demand, f"{testcase.standard}, «{testcase.section}»")
    console.print(Text(f"  {testcase.url}", style="dim"), soft_wrap=True)
    _section(console, "How it is judged", f"{runbook.how}\n\n{runbook.traces}".strip())
    if testcase.attestation:
        console.print(Text("\nWhat to hand in", style="bold"))
        for item in testcase.attestation:
            _print_wrapped(console, item, bullet="- ")
    _remedy(console, testcase.remedy)
    _section(console, "How long a result counts", f"Until {testcase.lifetime.counts_until} (UTC).")
    console.print(Text("\nWho demands it", style="bold"))
    for use in listing:
        version = f"{use.scope.name} {use.version.name}"
        console.print(f"  {version:<27}  {use.target:<11}  {use.validity}")
    if testcase.own:
        _print_wrapped(console, "The id is Allmende's own: the public test suite has no such testcase.")


def _section(console: Console, heading: str, text: str, source: str = "") -> None:
    console.print(Text.assemble((f"\n{heading}", "bold"), (f" ({source})" if source else "", "dim")))
    for paragraph in text.split("\n\n"):
        _print_wrapped(console, paragraph)


def _remedy(console: Console, remedy: str) -> None:
    """Print sentences wrapped, and commands (they are indented) as they are, so that they can be copied."""
    console.print(Text("\nHow to fix it", style="bold"))
    for is_command, lines in groupby(remedy.splitlines(), key=lambda line: line.startswith(" ")):
        if is_command:
            for line in lines:
                console.print(Text(f"  {line}", style="cyan"), soft_wrap=True)
        else:
            _print_wrapped(console, " ".join(lines))


def _print_wrapped(console: Console, text: str, bullet: str = "") -> None:
    words = " ".join(text.split())
    first = f"  {bullet}"
    wrapper = textwrap.TextWrapper(
        console.width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    console.print(wrapper.fill(words), soft_wrap=True)
