"""Decide whether a service keeps its objective: how much of what may fail has failed, and whether it fails too fast.

The windows and factors are those of the Site Reliability Workbook, chapter «Alerting on SLOs»: a burn rate of 1 uses
up the whole budget in exactly the period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.health.model.tally import Grain, Tally
from allmende.health.rules.tallies import together

OBJECTIVE = 0.995
"""In which part of the iterations a service is to work."""
PERIOD = timedelta(days=30)

_FEWEST_FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Too fast is a burn rate of `factor` or more, over `long` and still over `short`, in stretches of `grain`."""

    long: timedelta
    short: timedelta
    factor: float
    grain: Grain


WINDOWS = (
    Window(long=timedelta(hours=1), short=timedelta(minutes=5), factor=14.4, grain=Grain.FIVE_MINUTES),
    Window(long=timedelta(hours=6), short=timedelta(minutes=30), factor=6.0, grain=Grain.FIVE_MINUTES),
    Window(long=timedelta(days=3), short=timedelta(hours=6), factor=1.0, grain=Grain.HOUR),
)


def burn_rate(tally: Tally) -> float:
    """Return how many times faster than allowed it fails; 0 when nothing was tried."""
    return (tally.failing or 0.0) / (1 - OBJECTIVE)


def budget_left(tally: Tally) -> float | None:
    """Return which part of what may fail in the period is left; less than 0 when more failed; None of nothing."""
    return None if tally.failing is None else 1 - burn_rate(tally)


def burning(tallies: Mapping[Grain, Mapping[datetime, Tally]], now: datetime) -> Window | None:
    """Return the window in which a service fails too fast; None when it does in none, or too little failed to say so.

    `tallies` are by the beginnings of stretches; those count that began within a window.
    """
    for window in WINDOWS:
        stretches = tallies.get(window.grain, {})
        long = together(tally for at, tally in stretches.items() if at > now - window.long)
        short = together(tally for at, tally in stretches.items() if at > now - window.short)
        is_fast = min(burn_rate(long), burn_rate(short)) >= window.factor
        if is_fast and long.failed >= _FEWEST_FAILED:
            return window
    return None
