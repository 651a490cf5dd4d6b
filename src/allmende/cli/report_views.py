"""How a report looks in a terminal: what failed and why first, passes folded into a count."""

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console
from rich.markup import escape

from allmende.outcome import Outcome
from allmende.report.document import Report

SYMBOLS = {Outcome.PASS: "[green]✓[/] PASS", Outcome.FAIL: "[red]✕[/] FAIL", Outcome.DNF: "[yellow]?[/] DNF "}
INDENT = " " * 8


def show_reports(reports: Sequence[Report]) -> None:
    """Print reports, one after the other."""
    console = Console(highlight=False)
    for report in reports:
        _show(console, report)


def _show(console: Console, report: Report) -> None:
    console.print(f"[bold]{escape(report.subject)}[/] · {escape(report.scope_name)}", soft_wrap=True)
    console.print(
        f"{report.finished_at:%Y-%m-%d %H:%M %Z}, {escape(report.tool.name)} {escape(report.tool.version)}"
        f"{'' if report.complete else ', not all testcases'}",
        soft_wrap=True,
    )
    for outcome in (Outcome.FAIL, Outcome.DNF):
        for result in report.results:
            if result.outcome is outcome:
                console.print(f"{SYMBOLS[outcome]}  {escape(result.testcase)}")
                for line in wrap(result.summary, console.width - len(INDENT)):
                    console.print(f"{INDENT}{escape(line)}")
    counts = Counter(result.outcome for result in report.results)
    console.print("  ".join(f"{SYMBOLS[o]} {counts[o]}" for o in (Outcome.PASS, Outcome.FAIL, Outcome.DNF)))
