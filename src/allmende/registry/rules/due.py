"""Decide which testcases of a subject must run again, and by when, so that its versions keep counting."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from allmende.outcome import Outcome
from allmende.registry.model.scores import ScoredTestcase, SubjectScore
from allmende.standards.model import Scope, Target, Validity

SOON = timedelta(days=7)
"""How long before the end of its lifetime a result is due again, if nothing else is asked for."""


class Why(StrEnum):
    """Why a testcase is due."""

    MISSING = "missing"
    NOT_DETERMINED = "not determined"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A testcase that must run again before `by`, which is now where nothing counts.

    `versions` are those that count today and have the testcase, `target` is what it counts for in the newest of them.
    People judge what is not `automated`.
    """

    scope: Scope
    testcase: str
    automated: bool
    target: Target
    versions: tuple[str, ...]
    why: Why
    by: datetime


def due(scores: Iterable[SubjectScore], now: datetime, within: timedelta = SOON) -> tuple[Due, ...]:
    """Return what is due now or will be within a time, the most urgent first.

    Only scopes that something was reported for, and versions that count today. A failure is due like a pass: when its
    lifetime ends, or as soon as what was wrong is mended.
    """
    found = (each for score in scores for each in _of_scope(score, now, within))
    return tuple(
        sorted(found, key=lambda each: (each.by, each.target is not Target.MAIN, each.scope.id, each.testcase))
    )


def _of_scope(score: SubjectScore, now: datetime, within: timedelta) -> Iterator[Due]:
    lines: dict[str, tuple[ScoredTestcase, list[str]]] = {}
    for version in score.versions:
        if version.validity in (Validity.EFFECTIVE, Validity.WARN):
            for line in version.testcases:
                lines.setdefault(line.testcase.id, (line, []))[1].append(version.version.name)
    for id_, (line, versions) in lines.items():
        reason = _why(line, now + within)
        if reason is not None:
            why, by = reason
            yield Due(
                scope=score.scope,
                testcase=id_,
                automated=line.testcase.automated,
                target=line.target,
                versions=tuple(versions),
                why=why,
                by=by or now,
            )


def _why(line: ScoredTestcase, until: datetime) -> tuple[Why, datetime | None] | None:
    if line.outcome is Outcome.MISS:
        return Why.MISSING, None
    if line.outcome is Outcome.DNF:
        return Why.NOT_DETERMINED, None
    if line.expires_at is not None and line.expires_at <= until:
        return Why.EXPIRES, line.expires_at
    return None
