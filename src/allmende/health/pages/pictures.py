"""Time as a picture: a strip of how often something failed, and a line of how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import floor, log10, sqrt
from statistics import median_high

from allmende.health.model.tally import Tally
from allmende.health.rules.tallies import percentile, together

Stretches = Sequence[tuple[datetime, Tally | None]]

STRIP_HEIGHT = 16
_LOW, _LEAST_FAILED = 6, 9
WIDTH: int = 1000
HEIGHT: int = 200
"""The plane of a line chart, in units of its own."""
_MARKS = 4
_FORMS = ((timedelta(days=2), "%H:%M"), (timedelta(days=366), "%m-%d"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A part of a strip: from `since` until before `until` it was as `name` says; `x` and `width` are percents.

    `name` is the class that carries the colour: `pass`, `fail`, or `dnf` where the monitor was blind. Height says the
    same: the more failed, the higher.
    """

    name: str
    since: datetime
    until: datetime
    tally: Tally
    x: float
    width: float
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A line chart on a plane of `WIDTH` by `HEIGHT`: what half took, and the band up to 95 in 100.

    `lines` and `bands` are points as SVG writes them, several where nothing was measured in between. `scale` are
    seconds with their places, and `marks` moments with theirs, in percents from the left.
    """

    lines: tuple[str, ...]
    bands: tuple[str, ...]
    scale: tuple[tuple[float, float], ...]
    marks: tuple[tuple[str, float], ...]


def strip(given: Stretches, given_span: timedelta) -> tuple[Bar, ...]:
    """Return the bars of a strip; neighbours that say the same are one. Where nothing was seen there is none."""
    stretches, span = _as_often_as_measured(given, given_span)
    bars: list[tuple[str, int, int, int, list[Tally]]] = []
    for place, (_, tally) in enumerate(stretches):
        if tally is None or not (tally.tried or tally.blind):
            continue
        name, height = _look(tally)
        if bars and name != "fail" and bars[-1][0] == name and bars[-1][2] == place:
            bars[-1] = (name, bars[-1][1], place + 1, height, [*bars[-1][4], tally])
        else:
            bars.append((name, place, place + 1, height, [tally]))
    whole = len(stretches)
    return tuple(
        Bar(
            name=name,
            since=stretches[first][0],
            until=stretches[last - 1][0] + span,
            tally=together(tallies),
            x=round(100 * first / whole, 2),
            width=round(100 * (last - first) / whole, 2),
            height=height,
        )
        for name, first, last, height, tallies in bars
    )


def chart(given: Stretches, given_span: timedelta) -> Chart | None:
    """Return the line chart; None when nothing worked, so there is no line."""
    stretches, _ = _as_often_as_measured(given, given_span)
    values = [_value(tally) for _, tally in stretches]
    highest = max((high for _, high in filter(None, values)), default=0.0)
    if not highest:
        return None
    top = _ceiling(highest)
    step = WIDTH / len(stretches)
    runs = list(_runs(values))
    line = tuple(" ".join(_point(step, at, low, top) for at, low, _ in run) for run in runs)
    band = tuple(
        " ".join(
            [
                *(_point(step, at, high, top) for at, _, high in run),
                *(_point(step, at, low, top) for at, low, _ in reversed(run)),
            ]
        )
        for run in runs
    )
    scale = tuple((value, round(HEIGHT * (1 - value / top), 1)) for value in (0.0, top / 2, top))
    return Chart(lines=line, bands=band, scale=scale, marks=tuple(marks(given, given_span)))


def marks(stretches: Stretches, span: timedelta) -> Iterator[tuple[str, float]]:
    """Yield some moments with their places, in percents from the left: times of the day, days, or months."""
    every = max(1, len(stretches) // _MARKS)
    whole = span * len(stretches)
    form = next((form for longest, form in _FORMS if whole <= longest), "%Y-%m")
    for place in range(0, len(stretches) - every // 2, every):
        yield stretches[place][0].strftime(form), round(100 * place / len(stretches), 2)


def _as_often_as_measured(stretches: Stretches, span: timedelta) -> tuple[Stretches, timedelta]:
    """Return longer stretches where it was measured in few of these, so that what is drawn has no needless gaps."""
    places = [place for place, (_, tally) in enumerate(stretches) if tally is not None]
    apart = median_high(later - sooner for sooner, later in pairwise(places)) if len(places) > 1 else 1
    if apart == 1:
        return stretches, span
    group = 2 * apart
    grouped = [
        (stretches[first][0], [tally for _, tally in stretches[first : first + group] if tally is not None])
        for first in range(0, len(stretches), group)
    ]
    return [(at, together(tallies) if tallies else None) for at, tallies in grouped], group * span


def _look(tally: Tally) -> tuple[str, int]:
    if not tally.tried:
        return "dnf", _LOW
    if not tally.failed:
        return "pass", _LOW
    share = tally.failed / tally.tried
    return "fail", _LEAST_FAILED + round((STRIP_HEIGHT - _LEAST_FAILED) * sqrt(share))


def _value(tally: Tally | None) -> tuple[float, float] | None:
    if tally is None:
        return None
    low, high = percentile(tally.durations, 50), percentile(tally.durations, 95)
    return None if low is None or high is None else (low, high)


def _runs(values: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float, float]]]:
    """Yield the points without a gap, each with its place. One alone is as long as its stretch."""
    run: list[tuple[float, float, float]] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            run.append((place + 0.5, *value))
        elif run:
            yield run if len(run) > 1 else [(run[0][0] - 0.5, *run[0][1:]), (run[0][0] + 0.5, *run[0][1:])]
            run = []


def _point(step: float, at: float, value: float, top: float) -> str:
    return f"{at * step:.1f},{HEIGHT * (1 - value / top):.1f}"


def _ceiling(value: float) -> float:
    """Return the next round number that is not smaller."""
    power = 10.0 ** floor(log10(value))
    return next(factor * power for factor in (1, 2, 3, 4, 6, 8, 10) if factor * power >= value)
