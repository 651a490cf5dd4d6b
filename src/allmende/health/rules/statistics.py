"""Decide what tallies say: how often something failed, and how long it took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from allmende.health.model.tally import Of, Series, Tally
from allmende.health.rules.tallies import percentile, together

Counted = Iterable[tuple[Series, datetime, Tally]]
"""Tallies with what they are of, and when their stretch began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is said of one thing. `p50`, `p95`, `p99` are seconds of what worked: half, 95 and 99 in 100 took no longer.

    `tried` counts what worked or failed; what was skipped, or not seen by a blind monitor, counts for nothing.
    """

    tried: int
    failed: int
    blind: int
    p50: float | None
    p95: float | None
    p99: float | None

    @property
    def failing(self) -> float | None:
        """Which part of them failed, from 0 to 1; None when nothing was tried."""
        return self.failed / self.tried if self.tried else None

    @property
    def working(self) -> float | None:
        """Which part of them worked, from 0 to 1; None when nothing was tried."""
        return None if self.failing is None else 1 - self.failing


def figures(tally: Tally) -> Figures:
    """Return what a tally says."""
    return Figures(
        tried=tally.tried,
        failed=tally.failed,
        blind=tally.blind,
        p50=percentile(tally.durations, 50),
        p95=percentile(tally.durations, 95),
        p99=percentile(tally.durations, 99),
    )


def by_thing(counted: Counted, of: Of) -> Mapping[tuple[str, str], Tally]:
    """Return what was counted of this kind by service and thing, from all vantage points together."""
    found: dict[tuple[str, str], list[Tally]] = {}
    for series, _, tally in counted:
        if series.of is of:
            found.setdefault((series.service, series.what), []).append(tally)
    return {thing: together(tallies) for thing, tallies in sorted(found.items())}


def by_stretch(counted: Counted) -> Mapping[datetime, Tally]:
    """Return what was counted by the beginnings of stretches, oldest first."""
    found: dict[datetime, list[Tally]] = {}
    for _, at, tally in counted:
        found.setdefault(at, []).append(tally)
    return {at: tallies[0] if len(tallies) == 1 else together(tallies) for at, tallies in sorted(found.items())}
