"""How a repair looks in a terminal of 80 columns, and as JSON: the diff, the commands, what stays, before and after."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from allmende.cli.repairing import Repair, outcomes
from allmende.cli.terminal import STYLES, WIDTH, print_line, print_wrapped
from allmende.outcome import Outcome
from allmende.printable import printable
from allmende.repair.model import Change, Deed, Edit, Fate, Kind, Open
from allmende.web.words import STATES, count

FATES = {Fate.DONE: ("✓", "green"), Fate.SKIPPED: ("·", "yellow"), Fate.FAILED: ("✕", "bold red"),
         Fate.NOT_REACHED: ("–", "dim")}  # fmt: skip  # noqa: RUF001 -- a dash is meant
TESTCASES_SHOWN = 3


def counted(repair: Repair) -> str:
    """Say how many changes are planned."""
    return count(len(repair.plan.changes), "change")


def show_plan(repair: Repair, console: Console, *, applied: bool) -> None:
    """Print what will be, what is left alone and what stays open; the summary last."""
    plan, found = repair.plan, outcomes(repair.before)
    for change in plan.changes:
        _show_change(console, change)
    for change in plan.left_alone:
        _show_change(console, change, "left alone without --overwrite")
    for _, alike in groupby(plan.open, key=lambda point: (point.says, point.asks, "" if point.asks else point.steps)):
        _show_open(console, list(alike))
    _show_unseen(console, repair)
    failing = [id_ for id_, outcome in found.items() if outcome is Outcome.FAIL]
    if not failing:
        words = (
            "nothing to do" if set(found.values()) == {Outcome.PASS} else "nothing failing among what could be judged"
        )
        gap = "" if words == "nothing to do" else "\n"
        print_line(console, f"{gap}{repair.cloud}: {words}, {_counts(repair.outcomes.values())}")
        return
    helps = f"{counted(repair)} would let {len(plan.foreseen)} of them pass" if plan.changes else "no change is planned"
    print_line(console, f"\n{repair.cloud}: {count(len(failing), 'testcase')} failing; {helps}.")
    if plan.left_alone:
        print_line(
            console,
            f"With --overwrite also {count(len(plan.left_alone), 'change')} that would replace what somebody set.",
        )
    if plan.changes and not applied:
        print_line(console, "Make them: the same command with --cloud-admin NAME --apply")


def show_account(repair: Repair, console: Console) -> None:
    """Print what became of each change, and the testcases before and after."""
    print_line(console, "")
    for deed in repair.deeds:
        symbol, style = FATES[deed.fate]
        made = f" ({deed.made})" if deed.made else ""
        print_line(console, Text.assemble((symbol, style), f" {deed.change.thing.kind} {_name(deed.change)}{made}"))
        if deed.words:
            print_wrapped(console, f"{deed.fate}: {deed.words}", "    ")
    print_line(console, "")
    if repair.after is None:
        why = repair.trouble or "Interrupted."
        print_wrapped(console, f"{why} Nothing was tested again: run the same command to go on.", "")
        return
    before = outcomes(repair.before)
    for id_, outcome in outcomes(repair.after).items():
        old = before[id_]
        line = Text(f"  {id_:<44} ")
        line.append(f"{STATES[old].symbol} {old}", STYLES[old]).append(" → ")
        print_line(console, line.append(f"{STATES[outcome].symbol} {outcome}", STYLES[outcome]))
    fates = Counter(deed.fate for deed in repair.deeds)
    print_line(console, f"\n{repair.cloud}: {', '.join(f'{number} {fate}' for fate, number in fates.items())}; now "
                    f"{_counts(repair.outcomes.values())}")  # fmt: skip


def as_json(repair: Repair) -> str:
    """Return the repair as JSON; the keys are described in `docs/how-to/fix-a-cloud.md`."""
    run = repair.before
    document = {
        "schema": "allmende.fix/1",
        "cloud": repair.cloud,
        "scope": {"id": run.plan.scope.id, "name": run.plan.scope.name, "version": run.plan.version.name},
        "complete": repair.complete,
        "before": outcomes(run),
        "plan": {
            "changes": [_change(change) for change in repair.plan.changes],
            "left_alone": [_change(change) for change in repair.plan.left_alone],
            "open": [
                {"testcase": point.testcase, "says": point.says, "asks": point.asks, "steps": point.steps}
                for point in repair.plan.open
            ],
            "foreseen": sorted(repair.plan.foreseen),
        },
        "done": [_deed(deed) for deed in repair.deeds],
        "after": outcomes(repair.after) if repair.after else None,
        "trouble": repair.trouble,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _change(change: Change) -> dict[str, object]:
    return {
        "kind": change.thing.kind,
        "id": change.thing.id or None,
        "name": change.thing.name,
        "testcases": change.testcases,
        "edits": [
            {"key": e.key, "before": e.before, "after": e.after, "because": e.because, "overwrites": e.overwrites}
            for e in change.edits
        ],
        "requests": [
            {"service": r.service, "method": r.method, "path": r.path, "body": r.body} for r in change.requests
        ],
        "commands": change.commands,
        "undo": change.undo,
        "notes": change.notes,
    }


def _deed(deed: Deed) -> dict[str, object]:
    thing = deed.change.thing
    made = deed.made or None
    undo = [command.replace(" ID", f" {made}") if made else command for command in deed.change.undo]
    return {"kind": thing.kind, "name": thing.name, "id": thing.id or made, "fate": deed.fate, "words": deed.words,
            "undo": undo if deed.fate is Fate.DONE or made else []}  # fmt: skip


def _show_change(console: Console, change: Change, remark: str = "") -> None:
    heading = Text.assemble("\n", (f"{change.thing.kind} {_name(change)}", "bold"))
    if change.thing.is_new:
        heading.append(" (new)")
    elif change.thing.kind is Kind.RULE:
        heading.append(" (to be deleted)")
    print_line(console, heading.append(f" — {remark}" if remark else "", "yellow"))
    print_wrapped(console, _testcases(change), "  for ")
    if change.thing.kind is not Kind.RULE:  # its name says all of it
        for edit in change.edits:
            _show_edit(console, edit)
    for note in change.notes:
        print_wrapped(console, note, "  note ")
    for command in change.commands:
        console.print(Text(f"  $ {printable(command)}", style="cyan"), soft_wrap=True)


def _show_edit(console: Console, edit: Edit) -> None:
    because = f"   ({edit.because})" if edit.because else ""
    if edit.before is not None:
        print_line(console, Text(f"  - {edit.key:<20} {printable(edit.before)}", style="red"))
    if edit.after is not None:
        print_line(console, Text.assemble((f"  + {edit.key:<20} {printable(edit.after)}", "green"), (because, "dim")))
    elif because:
        print_line(console, Text(f"  {because.strip()}", style="dim"))


def _show_open(console: Console, points: Sequence[Open]) -> None:
    """Print testcases that stay open for one reason: the words that would help, or else the steps."""
    print_line(console, "")
    first = points[0]
    ids = [point.testcase for point in points]
    for number, line in enumerate(textwrap.wrap(", ".join(ids), WIDTH - 2, break_on_hyphens=False)):
        print_line(console, Text.assemble(("✕ " if number == 0 else "  ", STYLES[Outcome.FAIL]), line))
    print_wrapped(console, first.says, "  ")
    for ask in first.asks:
        print_line(console, Text(f"    {printable(ask)}", style="cyan"))
    if not first.asks:
        _show_steps(console, first.steps)


def _show_steps(console: Console, steps: str) -> None:
    """Print sentences wrapped, and commands (they are indented) whole, so that they can be copied."""
    for is_command, lines in groupby(steps.splitlines(), key=lambda line: line.startswith(" ")):
        if is_command:
            for line in lines:
                console.print(Text(f"  {line}", style="cyan"), soft_wrap=True)
        else:
            print_wrapped(console, " ".join(lines), "  ")


def _show_unseen(console: Console, repair: Repair) -> None:
    """Print what could not be judged, once for each reason."""
    unseen: dict[str, list[str]] = {}
    for judgement in repair.before.judgements:
        if judgement.finding.outcome is Outcome.DNF:
            unseen.setdefault(judgement.finding.summary, []).append(judgement.testcase.id)
    for reason, ids in unseen.items():
        print_line(console, "")
        print_wrapped(console, ", ".join(ids), "? ")
        print_wrapped(console, reason, "  ")
    for entry in repair.before.plan.not_attempted:
        print_line(console, "")
        print_wrapped(console, entry.testcase.id, "– ")  # noqa: RUF001 -- the symbol of missing
        print_wrapped(console, f"Not looked at: it {entry.reason}. If it fails:", "  ")
        _show_steps(console, entry.testcase.remedy)


def _testcases(change: Change) -> str:
    more = len(change.testcases) - TESTCASES_SHOWN
    return ", ".join(change.testcases[:TESTCASES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _name(change: Change) -> str:
    thing = change.thing
    return printable(f"{thing.name} ({thing.id})" if thing.kind is Kind.IMAGE else thing.name)


def _counts(found: Iterable[Outcome]) -> str:
    numbers = Counter(found)
    return " ".join(f"{numbers[outcome]} {state.symbol}" for outcome, state in STATES.items() if numbers[outcome])
