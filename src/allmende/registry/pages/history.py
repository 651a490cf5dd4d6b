"""What counted for a testcase over the last 18 months, as a strip of stretches.

An outcome counts from the day of its report until the next report, or until its lifetime ends. Where nothing counted,
the strip is empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from allmende.outcome import Outcome
from allmende.registry.model.record import DayOutcome
from allmende.standards.model import Lifetime, Testcase
from allmende.standards.verdict import expiry

SHOWN = timedelta(days=548)
MONTHS_PER_MARK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One outcome counted from the day `since` until before the day `until`; `x` and `width` are percents."""

    outcome: Outcome
    since: date
    until: date
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The stretches of one testcase, oldest first."""

    testcase: Testcase
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days that are shown, the last one included."""

    first: date
    last: date

    def place(self, day: date) -> float:
        """Return where a day begins, in percents of the period."""
        whole = self.last - self.first + timedelta(days=1)
        return round(max(day - self.first, timedelta()) / whole * 100, 2)

    def marks(self) -> Iterator[tuple[str, float]]:
        """Yield the first days of quarters with their places: `2026-04`."""
        for month in range(self.first.year * 12 + self.first.month, self.last.year * 12 + self.last.month):
            if month % MONTHS_PER_MARK == 0:
                day = date(month // 12, month % 12 + 1, 1)
                yield day.isoformat()[:7], self.place(day)


def period(now: datetime) -> Period:
    """Return the 18 months that end today."""
    today = now.astimezone(UTC).date()
    return Period(first=today - SHOWN, last=today)


def strip(testcase: Testcase, days: Sequence[DayOutcome], shown: Period) -> Strip:
    """Return the strip of a testcase from the worst outcomes of the days on which it was reported, oldest first."""
    tomorrow = shown.last + timedelta(days=1)
    merged: list[tuple[Outcome, date, date]] = []
    for outcome, since, ends in _counted(days, testcase.lifetime, tomorrow):
        if merged and merged[-1][0] is outcome and merged[-1][2] == since:
            merged[-1] = (outcome, merged[-1][1], ends)
        else:
            merged.append((outcome, since, ends))
    stretches = (
        Stretch(
            outcome=outcome,
            since=since,
            until=ends,
            x=shown.place(since),
            width=round(shown.place(ends) - shown.place(since), 2),
        )
        for outcome, since, ends in merged
    )
    return Strip(testcase=testcase, stretches=tuple(stretch for stretch in stretches if stretch.width > 0))


def _counted(days: Sequence[DayOutcome], lifetime: Lifetime, tomorrow: date) -> Iterator[tuple[Outcome, date, date]]:
    """Yield from when until when each outcome counted."""
    reported = [date.fromisoformat(day.day) for day in days]
    for day, since, superseded in zip(days, reported, [*reported[1:], tomorrow], strict=False):
        ended = expiry(datetime(since.year, since.month, since.day, tzinfo=UTC), lifetime).date()
        yield day.outcome, since, min(ended, superseded, tomorrow)
