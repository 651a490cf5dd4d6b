"""What a check can say: an outcome, what was seen, and why something could not be seen.

Leaves the meaning of a testcase to `standards`, and the verdict over many testcases to `standards.verdict`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Result of a testcase (scs-0003-v2).

    MISS appears on score cards only: no result, or none recent enough.
    """

    PASS = "PASS"  # noqa: S105 -- the standard's word, no password
    FAIL = "FAIL"
    DNF = "DNF"
    MISS = "MISS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that was looked at.

    `subject` names it («flavor SCS-2V-8»), `seen` and `demanded` are short phrases with values, `ok` tells whether they
    agree.
    """

    subject: str
    seen: str
    demanded: str = ""
    ok: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The judgement of one testcase.

    `summary` is one sentence for a person; `evidence` lists offenders first. Never MISS.
    """

    outcome: Outcome
    summary: str
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A fact that could not be observed, with the reason and, where known, the request id of the cloud's answer."""

    reason: str
    request_id: str = ""


def passed(summary: str, evidence: Iterable[Evidence] = (), *, notes: Iterable[str] = ()) -> Finding:
    """Everything demanded was seen."""
    return Finding(outcome=Outcome.PASS, summary=summary, evidence=tuple(evidence), notes=tuple(notes))


def failed(summary: str, evidence: Iterable[Evidence], *, notes: Iterable[str] = ()) -> Finding:
    """Something demanded was surely absent or wrong."""
    return Finding(outcome=Outcome.FAIL, summary=summary, evidence=tuple(evidence), notes=tuple(notes))


def undetermined(reason: str, evidence: Iterable[Evidence] = (), *, notes: Iterable[str] = ()) -> Finding:
    """It could not be determined; `reason` says why."""
    return Finding(outcome=Outcome.DNF, summary=reason, evidence=tuple(evidence), notes=tuple(notes))
