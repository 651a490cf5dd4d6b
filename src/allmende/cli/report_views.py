"""How a report looks in a terminal: what failed and why first, passes folded into a count."""

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from allmende.cli.terminal import STYLES, terminal
from allmende.outcome import Outcome
from allmende.report.document import Report
from allmende.web.words import STATES

INDENT = " " * 8


def show_reports(reports: Sequence[Report]) -> None:
    """Print reports, one after the other."""
    console = terminal()
    for report in reports:
        _show(console, report)


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
