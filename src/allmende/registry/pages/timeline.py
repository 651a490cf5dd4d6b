"""The validity of a scope's versions over the years, as the places of bars in a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from allmende.standards.model import Scope, Validity

ROW = 32
TOP = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One version had one validity from `since` until `until` (None: it still has); `x` and `width` are percents."""

    validity: Validity
    since: date
    until: date | None
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The life of one version; `y` is the top of its row."""

    version: str
    spans: tuple[Span, ...]
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole picture: a lane per version, a mark per year, and where today is."""

    lanes: tuple[Lane, ...]
    years: tuple[tuple[int, float], ...]
    today: float
    height: int


def timeline(scope: Scope, today: date) -> Timeline | None:
    """Return the picture of the scope's timeline; None when it has no entry."""
    if not scope.timeline:
        return None
    years = [today.year, *(entry.since.year for entry in scope.timeline)]
    begin, end = date(min(years), 1, 1), date(max(years) + 1, 1, 1)

    def place(day: date) -> float:
        return round((day - begin) / (end - begin) * 100, 2)

    def span(validity: Validity, since: date, until: date | None) -> Span:
        x = place(since)
        return Span(validity=validity, since=since, until=until, x=x, width=round(place(until or end) - x, 2))

    lanes = tuple(
        Lane(version=version.name, spans=tuple(span(*life) for life in _spans(scope, version.name)), y=TOP + row * ROW)
        for row, version in enumerate(scope.versions)
    )
    return Timeline(
        lanes=lanes,
        years=tuple((year, place(date(year, 1, 1))) for year in range(begin.year, end.year)),
        today=place(today),
        height=TOP + len(lanes) * ROW,
    )


def counts_since(scope: Scope, version: str, today: date) -> date:
    """Return since when the version has had the validity that it has today; KeyError when it has none."""
    started = [
        since for _, since, until in _spans(scope, version) if since <= today and (until is None or today < until)
    ]
    if not started:
        raise KeyError(version)
    return started[0]


def _spans(scope: Scope, version: str) -> Iterator[tuple[Validity, date, date | None]]:
    """Yield the validities of a version in order, equal neighbours merged, from when the timeline first names it."""
    named = min((entry.since for entry in scope.timeline if version in entry.validity), default=date.max)
    days = sorted(entry.since for entry in scope.timeline if entry.since >= named)
    runs = groupby(days, key=lambda day: scope.validity(version, day))
    starts = [(validity, next(run)) for validity, run in runs]
    ends = [*(since for _, since in starts[1:]), None]
    for (validity, since), until in zip(starts, ends, strict=True):
        yield validity, since, until
