"""What a run is told, what it says on the way, and what it found. Values only, without the weight of an SDK."""

from dataclasses import dataclass
from datetime import datetime

from allmende.facts.openstack import Member
from allmende.outcome import Finding
from allmende.runner.plan import Plan
from allmende.standards.model import Target, Testcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a fact, and all of them together, may take, in seconds."""

    fact_seconds: float = 120.0
    total_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run is: the facts that are in (or were given up), and those that are waited for, by name."""

    settled: tuple[str, ...]
    awaited: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found for one testcase."""

    testcase: Testcase
    target: Target
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run found, as whom.

    `complete` is False when it was interrupted: testcases whose facts were not in are absent.
    """

    plan: Plan
    member: Member
    started_at: datetime
    finished_at: datetime
    judgements: tuple[Judgement, ...]
    requests: int
    complete: bool = True
