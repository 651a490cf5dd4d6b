"""How a report looks in a terminal: what failed and why first, passes folded into a count."""

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap

import typer
from rich.console import Console
from rich.text import Text

from allmende.cli.terminal import STYLES, terminal
from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt
from allmende.report.document import Report
from allmende.web.words import STATES, count

INDENT = " " * 8


def show_reports(reports: Sequence[Report]) -> None:
    """Print reports, one after the other."""
    console = terminal()
    for report in reports:
        _show(console, report)


def show_receipt(registry: str, receipt: Receipt | None, sent: Sequence[Report]) -> None:
    """Print where the reports that were sent are now; `receipt` is None where the registry gives none."""
    if receipt is None:
        for report in sent:
            results = count(len(report.results), "result")
            typer.echo(f"{registry}/page/report/{report.id} was taken: {results} of {report.subject}")
        return
    for line in receipt.lines:
        standing = "is recorded" if line.is_new else "was recorded already"
        typer.echo(f"{registry}/reports/{line.report} {standing}: {count(line.results, 'result')} of {line.subject}")


def _show(console: Console, report: Report) -> None:
    console.print(Text.assemble((report.subject, "bold"), f" · {report.scope_name}"), soft_wrap=True)
    console.print(
        f"{report.finished_at:%Y-%m-%d %H:%M %Z}, {report.tool.name} {report.tool.version}"
        f"{'' if report.complete else ', not all testcases'}",
        soft_wrap=True,
    )
    excluded = {exclusion.testcase: exclusion for exclusion in report.exclusions}
    for outcome in (Outcome.FAIL, Outcome.DNF):
        for result in report.results:
            if result.outcome is outcome:
                console.print(_marked(outcome).append(f"  {result.testcase}"))
                said = [result.summary]
                if exclusion := excluded.get(result.testcase):
                    said.append(f"excluded until {exclusion.expires}, {exclusion.owner}: {exclusion.reason}")
                for line in (line for words in said for line in wrap(words, console.width - len(INDENT))):
                    console.print(f"{INDENT}{line}")
    counts: Counter[Outcome] = Counter(result.outcome for result in report.results)
    shown = (Outcome.PASS, Outcome.FAIL, Outcome.DNF)
    console.print(Text("  ").join(_marked(outcome).append(f" {counts[outcome]}") for outcome in shown))


def _marked(outcome: Outcome) -> Text:
    return Text.assemble((f"{STATES[outcome].symbol} {outcome:4}", STYLES[outcome]))
