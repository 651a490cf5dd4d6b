"""What many samples say together, and what of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Of(StrEnum):
    """What a series is of."""

    CALL = "call"
    """One kind of request."""
    STEP = "step"
    """One step of a scenario."""
    API = "api"
    """All requests to a service."""
    REQUESTS = "requests"
    """All requests to a cloud."""
    SERVICE = "service"
    """Whether all steps of a service worked in an iteration."""
    SCENARIO = "scenario"
    """Whether an iteration of a scenario worked."""
    ITERATIONS = "iterations"
    """Whether iterations worked, of whatever scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is counted, wherever it is seen. `service` and `what` as in samples; empty where it is more than one."""

    of: Of
    service: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Series:
    """What is counted together: a thing of a cloud's region, as seen from a vantage point."""

    cloud: str
    region: str
    vantage: str
    of: Of
    service: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often something was tried and failed, was not seen by a blind monitor, and how long it took where it worked.

    `durations` counts by slot (`rules.tallies.slot`), so that tallies can be put together; `seconds` is their sum.
    """

    tried: int = 0
    failed: int = 0
    blind: int = 0
    seconds: float = 0.0
    durations: Mapping[int, int] = field(default_factory=dict)

    @property
    def failing(self) -> float | None:
        """Which part of what was tried failed, from 0 to 1; None when nothing was."""
        return self.failed / self.tried if self.tried else None


class Grain(StrEnum):
    """The stretches of time by which tallies are kept."""

    FIVE_MINUTES = "5 min"
    HOUR = "hour"
    DAY = "day"
    THIRTY_DAYS = "30 days"
    EVER = "ever"
    """All time, for counters that only grow."""
