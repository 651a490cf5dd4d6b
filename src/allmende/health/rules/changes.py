"""Decide whether something takes longer, or less long, than it used to, and since which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from allmende.health.model.tally import Tally
from allmende.health.rules.tallies import percentile, together

COMPARED = timedelta(days=28)
"""What is usual is what was in so many days before."""

_LONGEST_DAYS = 7
_FEWEST = 20
_FACTOR = 2.0
_EACH_DAY = 1.5
_LEAST_S = 0.2
_PERCENT = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Since this day, 95 in 100 took `now` seconds at most, where it was `before`."""

    since: datetime
    before: float
    now: float

    @property
    def is_slower(self) -> bool:
        """Whether it takes longer."""
        return self.now > self.before


def usual_p95(days: Mapping[datetime, Tally], first: datetime) -> float | None:
    """Return what is usual: the median of the daily 95th percentiles of the 28 days before; None of too little.

    One bad day does not change it.
    """
    before = [tally for day, tally in days.items() if first - COMPARED <= day < first]
    if sum(_number(tally) for tally in before) < _FEWEST:
        return None
    return median_low(value for tally in before if (value := _p95(tally)) is not None)


def change(days: Mapping[datetime, Tally], today: datetime) -> Change | None:
    """Return what changed within the last week; None when nothing did, or too little was measured to say so.

    A change is by a factor of 2, over all the days since as a whole and by 1.5 on each of them. `days` are tallies by
    the beginnings of days.
    """
    for length in range(_LONGEST_DAYS, 0, -1):
        first = today - timedelta(days=length - 1)
        usual = usual_p95(days, first)
        since = [tally for day, tally in days.items() if first <= day <= today]
        whole = together(since)
        now = _p95(whole)
        if usual is None or now is None or _number(whole) < _FEWEST or abs(now - usual) < _LEAST_S:
            continue
        each = [value / usual for tally in since if (value := _p95(tally)) is not None]
        if len(each) < length:
            continue
        slower = now / usual >= _FACTOR and min(each) >= _EACH_DAY
        faster = now / usual <= 1 / _FACTOR and max(each) <= 1 / _EACH_DAY
        if slower or faster:
            return Change(since=first, before=usual, now=now)
    return None


def _p95(tally: Tally) -> float | None:
    return percentile(tally.durations, _PERCENT)


def _number(tally: Tally) -> int:
    return sum(tally.durations.values())
