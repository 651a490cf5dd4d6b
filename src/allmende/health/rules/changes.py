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


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day says of how long something took: its tally, how many worked, and what 95 in 100 took at most."""

    tally: Tally
    number: int
    p95: float | None


def daily(days: Mapping[datetime, Tally]) -> Mapping[datetime, Day]:
    """Return the days by their beginnings."""
    return {
        day: Day(tally=tally, number=sum(tally.durations.values()), p95=percentile(tally.durations, _PERCENT))
        for day, tally in days.items()
    }


def usual_p95(days: Mapping[datetime, Day], first: datetime) -> float | None:
    """Return what is usual: the median of the daily 95th percentiles of the 28 days before; None of too little.

    One bad day does not change it.
    """
    before = [each for day, each in days.items() if first - COMPARED <= day < first]
    if sum(each.number for each in before) < _FEWEST:
        return None
    return median_low(each.p95 for each in before if each.p95 is not None)


def change(days: Mapping[datetime, Day], today: datetime) -> Change | None:
    """Return what changed within the last week; None when nothing did, or too little was measured to say so.

    A change is by a factor of 2, over all the days since as a whole and by 1.5 on each of them.
    """
    for length in range(_LONGEST_DAYS, 0, -1):
        first = today - timedelta(days=length - 1)
        since = [each for day, each in days.items() if first <= day <= today]
        usual = usual_p95(days, first)
        each_day = [each.p95 / usual for each in since if each.p95 is not None] if usual else []
        if usual is None or len(each_day) < length:
            continue
        slower, faster = min(each_day) >= _EACH_DAY, max(each_day) <= 1 / _EACH_DAY
        if not (slower or faster):
            continue
        now = percentile(together(each.tally for each in since).durations, _PERCENT)
        if now is None or sum(each.number for each in since) < _FEWEST or abs(now - usual) < _LEAST_S:
            continue
        if (slower and now / usual >= _FACTOR) or (faster and now / usual <= 1 / _FACTOR):
            return Change(since=first, before=usual, now=now)
    return None
