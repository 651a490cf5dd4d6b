"""What a run is told, what it says on the way, and what it found. Values only, without the weight of an SDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from allmende.facts.fact import Fact
from allmende.facts.openstack import Member
from allmende.outcome import Finding, Unavailable
from allmende.runner.plan import Plan
from allmende.standards.model import Target, Testcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long all facts together may take, in seconds, and each of them at most; by itself each has its own limit."""

    total_seconds: float = 1800.0
    fact_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Something that a run waits for: since when (on the clock of the event loop), how long it usually takes."""

    name: str
    began: float
    doing: str = ""
    usual_seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run is: the facts that are in (or were given up), by name, and those that are waited for."""

    settled: tuple[str, ...]
    awaited: tuple[Awaited, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found for one testcase, and when."""

    testcase: Testcase
    target: Target
    finding: Finding
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run found, as whom.

    `complete` is False when it was interrupted: testcases whose facts were not in are absent. `left_behind` names what
    it created in the cloud and could not remove. `facts` are what the judgements were made from.
    """

    plan: Plan
    member: Member
    started_at: datetime
    finished_at: datetime
    judgements: tuple[Judgement, ...]
    requests: int
    complete: bool = True
    left_behind: tuple[str, ...] = ()
    facts: Mapping[type[Fact], Fact | Unavailable] = field(default_factory=dict, repr=False)
