"""How two reports' difference looks in a terminal of 80 columns, and as JSON: what got worse first, the answer last."""

import json
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from allmende.cli.terminal import STYLES, print_wrapped
from allmende.outcome import Outcome
from allmende.report.difference import Change, Difference, Direction, Sighting
from allmende.report.document import Report, ReportedEvidence, Result
from allmende.standards.model import Standards
from allmende.web.words import STATES, iso_minute

EXAMPLES = """Examples:

\b
  allmende report diff yesterday.json today.json
  allmende report diff ours.json upstream.yaml --json | jq .worse
  allmende report diff last.json report.json || echo 'something got worse'

\b
Exit codes: 0 nothing got worse, 1 a testcase got worse, 2 wrong usage,
            3 a file is no report.
Worse: passed, and now fails or is not determined; or fails now for sure.
Better: passes now. Unclear: failed, and is not determined now.
New, gone: only one of the reports has a result; neither counts as worse.
"""

HEADINGS = {
    Direction.WORSE: "Worse",
    Direction.UNCLEAR: "Unclear: failed before, could not be determined now",
    Direction.NEW: "New",
    Direction.GONE: "Gone",
    Direction.BETTER: "Better",
}
MOST_SIGHTINGS = 3


def show(found: Difference, standards: Standards, console: Console) -> None:
    """Print what changed."""
    _show_reports(found, console)
    for direction in Direction:
        changes = found.that_are(direction)
        if changes:
            console.print(Text(f"\n{HEADINGS[direction]}", style="bold"))
        for change in changes:
            _show_change(change, standards, console)
    console.print()
    counts = ", ".join(f"{len(found.that_are(direction))} {direction}" for direction in Direction)
    console.print(f"{counts}, {found.unchanged} unchanged")


def as_json(found: Difference) -> str:
    """Return what changed as JSON; the keys are described in `docs/how-to/use-check-in-ci.md`."""
    document: dict[str, object] = {
        "schema": "allmende.report-difference/1",
        "before": _plain_report(found.before),
        "after": _plain_report(found.after),
        "unchanged": found.unchanged,
    }
    for direction in Direction:
        document[direction.value] = [_plain(change) for change in found.that_are(direction)]
    return json.dumps(document, indent=2, ensure_ascii=False)


def _show_reports(found: Difference, console: Console) -> None:
    before, after = found.before, found.after
    for label, report in (("from", before), ("to", after)):
        line = f"{label:<5} {report.subject} · {report.scope_name} · {iso_minute(report.finished_at)}"
        console.print(f"{line}{'' if report.complete else ' · not complete'}", soft_wrap=True)
    for differs, sentence in (
        (before.subject != after.subject, "These are reports on two subjects."),
        (before.scope != after.scope, "These are reports for two scopes."),
        (before.finished_at > after.finished_at, "The first report is the newer one."),
    ):
        if differs:
            console.print(f"Note: {sentence}")


def _show_change(change: Change, standards: Standards, console: Console) -> None:
    console.print(Text("  ").append(_words(change.before)).append(" → ").append(_words(change.after)), end="")
    console.print(f"  {change.testcase}", soft_wrap=True)
    if testcase := standards.testcases.get(change.testcase):
        _labelled(console, "", testcase.title)
    result = change.after or change.before
    if result:
        _labelled(console, "because" if change.after else "was", result.summary)
    for sighting in change.sightings[:MOST_SIGHTINGS]:
        for label, text in _sighted(sighting):
            _labelled(console, label, text)
    if (more := len(change.sightings) - MOST_SIGHTINGS) > 0:
        _labelled(console, "", f"and {more} more seen differently")


def _sighted(sighting: Sighting) -> Iterator[tuple[str, str]]:
    for label, seen in (("before", sighting.before), ("after", sighting.after)):
        if seen:
            yield label, seen.words


def _words(result: Result | None) -> Text:
    outcome = result.outcome if result else Outcome.MISS
    return Text(f"{STATES[outcome].symbol} {outcome}", STYLES[outcome])


def _labelled(console: Console, label: str, text: str) -> None:
    print_wrapped(console, text, f"    {label:<9} ")


def _plain_report(report: Report) -> dict[str, object]:
    return {
        "id": str(report.id),
        "subject": report.subject,
        "scope": str(report.scope),
        "scope_name": report.scope_name,
        "finished_at": report.finished_at.isoformat(),
        "complete": report.complete,
    }


def _plain(change: Change) -> dict[str, object]:
    return {
        "testcase": change.testcase,
        "before": _plain_result(change.before),
        "after": _plain_result(change.after),
        "evidence": [
            {"before": _plain_evidence(sighting.before), "after": _plain_evidence(sighting.after)}
            for sighting in change.sightings
        ],
    }


def _plain_result(result: Result | None) -> dict[str, object] | None:
    return {"outcome": result.outcome, "summary": result.summary} if result else None


def _plain_evidence(evidence: ReportedEvidence | None) -> dict[str, object] | None:
    return evidence.model_dump() if evidence else None
