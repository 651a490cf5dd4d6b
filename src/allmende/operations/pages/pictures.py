"""The days of a component as two strips: what was said, and what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from allmende.operations.model.status import Impact
from allmende.operations.rules.stated import MAINTENANCE, Compared
from allmende.operations.run.view import SHOWN_DAYS

HEIGHT = 16
_LOW = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day; `x` and `width` are percents, `name` is the class that carries the colour, and height says the same."""

    name: str
    day: date
    x: float
    width: float
    height: int
    tried: int = 0
    failed: int = 0
    impact: Impact | None = None


def stated_bars(days: Sequence[Compared]) -> tuple[Bar, ...]:
    """Return what was said on each day: low where nothing was, the higher the worse."""
    return tuple(
        Bar(
            name="pass" if day.stated is None else "dnf" if day.stated.severity <= MAINTENANCE else "fail",
            day=day.day,
            x=x,
            width=width,
            height=_LOW + (HEIGHT - _LOW) * (day.stated.severity if day.stated else 0) // 100,
            impact=day.stated,
        )
        for day, x, width in _placed(days)
    )


def measured_bars(days: Sequence[Compared]) -> tuple[Bar, ...]:
    """Return what was measured on each day; where nothing was, there is no bar."""
    return tuple(
        Bar(
            name="fail" if seen.failed else "pass",
            day=day.day,
            x=x,
            width=width,
            height=_LOW + round((HEIGHT - _LOW) * sqrt(seen.failed / seen.tried)),
            tried=seen.tried,
            failed=seen.failed,
        )
        for day, x, width in _placed(days)
        if (seen := day.measured) is not None and seen.tried
    )


def _placed(days: Sequence[Compared]) -> Iterator[tuple[Compared, float, float]]:
    """Yield each day with its place; the last is at the right, and a page that is younger begins further right."""
    width = 100 / SHOWN_DAYS
    empty = SHOWN_DAYS - len(days)
    for number, day in enumerate(days):
        yield day, round((empty + number) * width, 3), round(width * 0.9, 3)
