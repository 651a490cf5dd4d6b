"""Which rows of the public table are shown, in which order, and the links that choose otherwise.

A choice is a query parameter, so that it works without JavaScript and can be bookmarked: `?result=fail&sort=-checked`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from allmende.outcome import Outcome
from allmende.registry.model.scores import Table, TableCell, TableRow
from allmende.standards.model import Scope
from allmende.standards.verdict import PRECEDENCE

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
PER_PAGE = 100
"""Rows of one page; more would make it slow to load on a phone."""

_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the reader asked for; an empty part asks for nothing. `sort` with a leading `-` is the reverse order.

    `page` counts from 1; another order or choice begins there again.
    """

    sort: str = ""
    result: str = ""
    level: str = ""
    country: str = ""
    operator: str = ""
    page: int = 1

    @property
    def address(self) -> str:
        """The link that asks for this."""
        page = str(self.page) if self.page > 1 else ""
        asked = {**{name: getattr(self, name) for name in _FILTERS}, "sort": self.sort, "page": page}
        parameters = urlencode({name: value for name, value in asked.items() if value})
        return f"/?{parameters}" if parameters else "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column that can be sorted by; `direction` is the value of `aria-sort`, empty when it is not sorted by now."""

    name: str
    address: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a filter as a link, with the number of rows that the other filters leave; empty for «all»."""

    value: str
    rows: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of the rows that reported for a scope pass it."""

    scope: Scope
    passing: int
    reported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """The table as it is shown: how it stands, headings, filters, and the rows of this page.

    `matching` counts the rows that the filters leave, on all pages; `first` is the place of this page's first among
    them. `earlier` and `later` lead to the pages beside this one; empty where there is none.
    """

    tallies: tuple[Tally, ...]
    headings: tuple[Heading, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    """By the name of the filter; one of which there is nothing to choose is left out."""
    rows: tuple[TableRow, ...]
    total: int
    matching: int
    first: int
    earlier: str
    later: str
    has_groups: bool
    query: Query
    unfiltered: str


def deciding(table: Table) -> Table:
    """Return the table with the scopes of which a version counts; of others nothing is decided on the first page."""
    today = table.as_of.astimezone(UTC).date()
    places = [place for place, scope in enumerate(table.scopes) if scope.effective(today)]
    rows = (replace(row, cells=tuple(row.cells[place] for place in places)) for row in table.rows)
    return replace(table, scopes=tuple(table.scopes[place] for place in places), rows=tuple(rows))


def asked(parameters: Mapping[str, str], table: Table) -> Query:
    """Return what the query parameters ask for; an order or a result that does not exist is not asked for."""
    sort, result = parameters.get("sort", ""), parameters.get("result", "")
    return Query(
        sort=sort if sort.removeprefix("-") in _columns(table) else "",
        result=result if result.upper() in Outcome.__members__ else "",
        level=parameters.get("level", ""),
        country=parameters.get("country", ""),
        operator=parameters.get("operator", ""),
        page=_page(parameters.get("page", "")),
    )


def view(table: Table, query: Query) -> TableView:
    """Return the table as `query` asks for it."""
    kept = _matching(table.rows, query)
    tallies = (_tally(scope, place, table.rows) for place, scope in enumerate(table.scopes))
    first = (query.page - 1) * PER_PAGE
    anew = replace(query, page=1)
    return TableView(
        tallies=tuple(tally for tally in tallies if tally.reported),
        headings=tuple(_heading(key, name, anew) for key, name in _columns(table).items()),
        choices={name: found for name in _SHOWN if (found := tuple(_choices(name, table.rows, anew)))},
        rows=tuple(_ordered(kept, table, query.sort)[first : first + PER_PAGE]),
        total=len(table.rows),
        matching=len(kept),
        first=first,
        earlier=replace(query, page=query.page - 1).address if query.page > 1 else "",
        later=replace(query, page=query.page + 1).address if len(kept) > first + PER_PAGE else "",
        has_groups=any(len(row.subjects) > 1 for row in table.rows),
        query=query,
        unfiltered=Query(sort=query.sort).address,
    )


def _page(asked: str) -> int:
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS
    return max(int(asked), 1) if is_number else 1


def _tally(scope: Scope, place: int, rows: Iterable[TableRow]) -> Tally:
    outcomes = [outcome for row in rows if (outcome := outcome_of(row.cells[place]))]
    return Tally(scope=scope, passing=outcomes.count(Outcome.PASS), reported=len(outcomes))


def _columns(table: Table) -> dict[str, str]:
    scopes = {scope.id: scope.name for scope in table.scopes}
    return {"name": "Name", "operator": "Operator", **scopes, "checked": "Checked"}


def _heading(key: str, name: str, query: Query) -> Heading:
    current = query.sort or "name"
    directions = {key: "ascending", f"-{key}": "descending"}
    turned = f"-{key}" if current == key else key
    return Heading(name=name, address=replace(query, sort=turned).address, direction=directions.get(current, ""))


def _matching(rows: Iterable[TableRow], query: Query) -> list[TableRow]:
    wanted = {name: value for name in _FILTERS if (value := getattr(query, name))}
    return [row for row in rows if all(value in _FILTERS[name](row) for name, value in wanted.items())]


def _choices(name: str, rows: Iterable[TableRow], query: Query) -> Iterable[Choice]:
    anyway = _matching(rows, _with(query, name, ""))
    found = Counter(value for row in anyway for value in _FILTERS[name](row))
    values = [outcome.value.lower() for outcome in reversed(PRECEDENCE)] if name == "result" else sorted(found)
    chosen = getattr(query, name)
    if not values and not chosen:
        return
    yield Choice(value="", rows=len(anyway), address=_with(query, name, "").address, chosen=not chosen)
    for value in values:
        yield Choice(value=value, rows=found[value], address=_with(query, name, value).address, chosen=value == chosen)


def _with(query: Query, name: str, value: str) -> Query:
    changed: dict[str, Any] = {name: value}
    return replace(query, **changed)


def _outcomes(row: TableRow) -> set[str]:
    return {outcome.value.lower() for cell in row.cells if (outcome := outcome_of(cell))}


def _levels(row: TableRow) -> set[str]:
    """Return the levels of the scopes that the row passes."""
    return {cell.scope.level for cell in row.cells if outcome_of(cell) is Outcome.PASS}


def _countries(row: TableRow) -> set[str]:
    return {subject.country for subject in row.subjects if subject.country}


_FILTERS: Mapping[str, Callable[[TableRow], set[str]]] = {
    "result": _outcomes,
    "level": _levels,
    "country": _countries,
    "operator": lambda row: {row.operator},
}
"""What can be chosen by, each with the values that a row has; the names are those of the query parameters."""
_SHOWN = ("result", "level", "country")
"""The filters whose values all stand above the table; there may be too many operators, who are links in their rows."""


def _ordered(rows: list[TableRow], table: Table, sort: str) -> list[TableRow]:
    column = sort.removeprefix("-")
    places = {scope.id: place for place, scope in enumerate(table.scopes)}

    def key(row: TableRow) -> tuple[str, float, str]:
        words = row.operator.casefold() if column == "operator" else ""
        figure = 0.0
        if column == "checked":
            figure = -(checked_at(row) or LONG_AGO).timestamp()
        elif column in places:
            figure = _rank(row, places[column])
        return words, figure, row.name.casefold()

    return sorted(rows, key=key, reverse=sort.startswith("-"))


def checked_at(row: TableRow) -> datetime | None:
    """Return when the row was last checked: the oldest of its cells that were checked at all."""
    return min((cell.checked_at for cell in row.cells if cell.checked_at), default=None)


def outcome_of(cell: TableCell) -> Outcome | None:
    """Return the outcome that a cell is sorted and filtered by; None when nothing was ever reported.

    A group with a member that never reported has no headline, and is missing.
    """
    if cell.headline:
        return cell.headline.outcome
    return Outcome.MISS if cell.checked_at else None


def _rank(row: TableRow, place: int) -> float:
    outcome = outcome_of(row.cells[place])
    return -PRECEDENCE.index(outcome) if outcome else 1
