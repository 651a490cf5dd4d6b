"""How the standards look in a terminal of 80 columns: words and symbols first, colour only beside them."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from allmende.cli.terminal import terminal
from allmende.standards.difference import Change
from allmende.standards.model import DocumentVersion, Module, Scope, Standards, Target, TimelineEntry, Validity, Version
from allmende.standards.overview import OverviewRow, State

STYLES = {Validity.EFFECTIVE: "bold", Validity.WARN: "yellow", Validity.DRAFT: "cyan", Validity.DEPRECATED: "dim"}
BLOCKS = {Validity.EFFECTIVE: "█", Validity.WARN: "▓", Validity.DRAFT: "░", Validity.DEPRECATED: " "}
PHRASES = {
    Validity.EFFECTIVE: "is effective",
    Validity.WARN: "counts with a warning",
    Validity.DRAFT: "is a draft",
}
NONE = "\N{EN DASH}"


def show_overview(rows: Sequence[OverviewRow], on: date) -> None:
    """Print the documents by track."""
    console = terminal()
    for track, documents in groupby(rows, key=lambda row: row.track):
        table = _table("Document", "Title", "Draft", "Effective", "Deprecated", "Notes", flexible=1)
        for row in documents:
            states = [" ".join(row.versions.get(state, ())) for state in State]
            table.add_row(row.id, row.title, *map(Text, states), " ".join(row.supplements))
        console.print(Text(track.value, style="bold"))
        console.print(table)
        console.print()
    console.print(f"{_count(len(rows), 'document')} on {on}.")


def show_document(standards: Standards, versions: Sequence[DocumentVersion], on: date) -> None:
    """Print a document: its versions with their days, its testcases, and the scopes that use it."""
    console = terminal()
    public = [version.as_of(on) for version in versions if version.is_public(on)]
    if not public:
        console.print(
            f"{versions[0].name} was not public on {on}; it is since {versions[0].listed or versions[0].published}."
        )
        return
    for version in public:
        _show_document_version(console, version, on)
    names = {version.name for version in versions}
    testcases = [testcase for testcase in standards.testcases.values() if testcase.standard in names]
    if testcases:
        console.print(Text("Testcases", style="bold"))
        table = _table("Id", "What it says", flexible=1)
        for testcase in testcases:
            table.add_row(testcase.id, testcase.title)
        console.print(table)
        console.print()
    _show_uses(console, standards, {testcase.id for testcase in testcases}, on)


def show_scope(scope: Scope, on: date) -> None:
    """Print a scope: its versions, and what the one that counts is made of."""
    console = terminal()
    _show_scope_head(console, scope, on)
    known = scope.known(on)
    if not known:
        return
    table = _table("Version", "Validity", "Stable since", "Main", "Recommended", "Preview", right=(3, 4, 5))
    for version in known:
        validity = scope.validity(version.name, on)
        counts = [str(len(version.testcases(target)) or NONE) for target in Target]
        table.add_row(version.name, Text(validity, STYLES[validity]), str(version.stabilized or NONE), *counts)
    console.print(table)
    shown = (scope.effective(on) or known)[0]
    console.print()
    _show_modules(console, shown)
    console.print(f"\nIts testcases: allmende standards show {scope.called} {shown.name}")


def show_version(standards: Standards, scope: Scope, version: Version, on: date) -> None:
    """Print a version of a scope with each of its testcases."""
    console = terminal()
    console.print(Text(f"{scope.name} {version.name}", style="bold"), f"is {scope.validity(version.name, on)} on {on}.")
    for module in version.modules:
        console.print(Text(f"\n{module.name}", style="bold"), Text(f"({module.id})", style="dim"))
        for target, ids in module.targets.items():
            console.print(f"  {target}")
            table = _table(None, None, flexible=1)
            for id_ in ids:
                table.add_row(f"    {id_}", standards.testcases[id_].title)
            console.print(table)
        if not module.targets:
            console.print("  no testcases")


def show_timeline(scope: Scope, entries: Sequence[TimelineEntry], on: date) -> None:
    """Print a scope's timeline as a picture and as a list of what changed."""
    console = terminal()
    _show_scope_head(console, scope, on)
    if not entries:
        console.print(f"The timeline begins on {scope.timeline[0].since}.\n")
        return
    _show_strips(console, scope, entries, on)
    table = _table("Since", "What changed", flexible=1)
    before: dict[str, Validity] = {}
    for entry in entries:
        changes = _changes(before, entry)
        if changes:
            table.add_row(str(entry.since), ", ".join(changes))
        before = dict(entry.validity)
    console.print(table)
    console.print()


def show_changes(scope: Scope, old: Version, new: Version, changes: Sequence[Change], on: date) -> None:
    """Print what changes from one version to another, by module."""
    console = terminal()
    added = sum(change.old is None for change in changes)
    dropped = sum(change.new is None for change in changes)
    for module, of_module in groupby(changes, key=lambda change: change.module):
        console.print(Text(module.name, style="bold"), Text(f"({module.id})", style="dim"))
        table = _table(None, None, None, flexible=1)
        for change in of_module:
            table.add_row(*_change(change))
        console.print(table)
        console.print()
    moved = len(changes) - added - dropped
    counts = [
        f"{_count(n, 'testcase')} {how}" for n, how in ((added, "added"), (dropped, "dropped"), (moved, "moved")) if n
    ]
    console.print(f"{old.name} → {new.name}: {', '.join(counts) or 'the same testcases'}.")
    validity = [f"{version.name} is {scope.validity(version.name, on)}" for version in (old, new)]
    console.print(f"{scope.name} on {on}: {', '.join(validity)}.")


def _show_document_version(console: Console, version: DocumentVersion, on: date) -> None:
    console.print(Text(f"{version.name}  {version.title}", style="bold"))
    days = [(version.published, "published"), (version.stabilized, "Stable"), (version.deprecated, "Deprecated")]
    history = ", ".join(f"{word} {day}" for day, word in days if day and day <= on)
    console.print(f"  {version.type}, track {version.track}: {version.status(on)} ({history})")
    for word, names in (("replaces", version.replaces), ("supplements", version.supplements)):
        if names:
            console.print(f"  {word} {', '.join(names)}")
    for face in version.former:
        if face.until <= on:
            then = ", ".join(
                filter(None, (face.title and f"«{face.title}»", face.type, face.track and f"track {face.track}"))
            )
            console.print(f"  until {face.until}: {then}")
    console.print(Text(f"  {version.url}\n", style="dim"), soft_wrap=True)


def _show_uses(console: Console, standards: Standards, testcases: set[str], on: date) -> None:
    table = _table("Demanded by", "Validity", "Main", "Recommended", "Preview", right=(2, 3, 4))
    for scope in standards.scopes:
        for version in scope.known(on):
            counts = [len(testcases.intersection(version.testcases(target))) for target in Target]
            if any(counts):
                validity = scope.validity(version.name, on)
                numbers = [str(count or NONE) for count in counts]
                table.add_row(f"{scope.name} {version.name}", Text(validity, STYLES[validity]), *numbers)
    if table.row_count:
        console.print(table)


def _show_scope_head(console: Console, scope: Scope, on: date) -> None:
    console.print(Text(scope.name, style="bold"), Text(scope.uuid, style="dim"))
    console.print(Text(scope.url, style="dim"), soft_wrap=True)
    said = [
        f"{version.name} {phrase}"
        for validity, phrase in PHRASES.items()
        for version in scope.known(on)
        if scope.validity(version.name, on) is validity
    ]
    console.print(f"On {on}: {', '.join(said) or 'no version counts'}.\n")


def _show_modules(console: Console, version: Version) -> None:
    console.print(Text(f"{version.name} is made of", style="bold"))
    table = _table("Module", "What", "Main", "Recommended", "Preview", flexible=1, right=(2, 3, 4))
    for module in version.modules:
        table.add_row(module.id, module.name, *(_number(module, target) for target in Target))
    console.print(table)


def _show_strips(console: Console, scope: Scope, entries: Sequence[TimelineEntry], on: date) -> None:
    """Print a line per version, in which a character is two months and shows their end."""
    end = max(on, entries[-1].since)
    years = range(entries[0].since.year, end.year + 1)
    console.print(Text(f"{'':9}" + "".join(f"{year:<6}" for year in years), style="dim"))
    for version in scope.versions:
        strip = Text()
        for year in years:
            for month in range(1, 13, 2):
                if date(year, month, 1) <= end:
                    validity = scope.validity(version.name, min(_last_day(year, month + 1), end))
                    strip.append(BLOCKS[validity], STYLES[validity])
        if strip.plain.strip():
            console.print(Text(f"{version.name:<9}").append(strip))
    legend = "  ".join(f"{block} {validity}" for validity, block in BLOCKS.items() if block.strip())
    console.print(Text(f"{'':9}{legend}\n", style="dim"))


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _changes(before: Mapping[str, Validity], entry: TimelineEntry) -> list[str]:
    """Return what an entry changes; that an unknown version is deprecated is no change."""
    changes = []
    for name in dict.fromkeys([*entry.validity, *before]):
        old = before.get(name, Validity.DEPRECATED)
        new = entry.validity.get(name, Validity.DEPRECATED)
        if old is not new:
            changes.append(f"{name} {f'{old} → ' if name in before else ''}{new}")
    return changes


def _change(change: Change) -> tuple[Text, str, str]:
    if change.old is None:
        return Text("+", "cyan"), change.testcase, str(change.new)
    if change.new is None:
        return Text("-", "yellow"), change.testcase, str(change.old)
    return Text("~"), change.testcase, f"{change.old} → {change.new}"


def _number(module: Module, target: Target) -> str:
    return str(len(module.targets.get(target, ())) or NONE)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(*headings: str | None, flexible: int = 0, right: Iterable[int] = ()) -> Table:
    """Return a table without lines; only the `flexible` column wraps, those of `right` hold numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=headings[0] is not None)
    for index, heading in enumerate(headings):
        table.add_column(
            heading or "",
            no_wrap=index != flexible,
            justify="right" if index in set(right) else "left",
            header_style="dim",
        )
    return table
