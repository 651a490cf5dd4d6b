"""What a run of Tempest over the demanded tests reported."""

from dataclasses import dataclass
from enum import StrEnum

from allmende.facts.fact import Fact


class TempestOutcome(StrEnum):
    """What Tempest says of one test."""

    PASS = "pass"  # noqa: S105 -- a word of the field, no password
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class TempestResult:
    """One test: its class and method, and why it failed or was skipped, in a line.

    `request_id` is that of the cloud's last answer before it failed, where Tempest noted one.
    """

    test: str
    outcome: TempestOutcome
    reason: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TempestRun(Fact):
    """What Tempest reported, `demanded` being how many tests the standard lists.

    `missing` are tests without result, and `why_missing` says why. What the run could not remove, or found to have
    appeared meanwhile under other names, is `left_behind`. `release` is Tempest's.
    """

    release: str
    demanded: int
    results: tuple[TempestResult, ...]
    projects: int = 1
    missing: tuple[str, ...] = ()
    why_missing: str = ""
    left_behind: tuple[str, ...] = ()
