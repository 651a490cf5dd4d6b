"""What changed between runs: which testcase went from which outcome to which, and since when the old one held. Pure.

A run that was interrupted, or that left a testcase out, says nothing of it, and what held goes on to hold. Whether a
cloud recovered is told from what was surely seen: between a FAIL and a DNF nothing was repaired.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from allmende.outcome import Outcome
from allmende.report.document import Result
from allmende.web.words import STATES, relative


class Turn(StrEnum):
    """What a transition means to whoever runs the cloud."""

    NEW = "first seen"
    BROKEN = "broken"
    MENDED = "mended"
    LOST = "no longer determined"
    FOUND = "determined again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An outcome that a testcase has had in every run since `since`; `seen_at` is the last of them.

    `surely` is the newest PASS or FAIL, `last_passed` when the testcase last surely passed; None where that never was.
    """

    outcome: Outcome
    since: datetime
    seen_at: datetime
    surely: Outcome | None
    last_passed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A testcase has another outcome than before; `before` is None where it was seen for the first time.

    `at` is when the new outcome was seen first, `before.since` since when the old one held. `summary` is what the check
    says now.
    """

    testcase: str
    before: Held | None
    outcome: Outcome
    at: datetime
    summary: str

    @property
    def turn(self) -> Turn:
        """What it means."""
        if self.before is None:
            return Turn.NEW
        if self.outcome is Outcome.DNF:
            return Turn.LOST
        if self.before.surely in (None, self.outcome):
            return Turn.FOUND
        return Turn.MENDED if self.outcome is Outcome.PASS else Turn.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known after some runs: per testcase the outcome that holds."""

    held: Mapping[str, Held] = field(default_factory=lambda: MappingProxyType({}))


def watched(watch: Watch, results: Iterable[Result]) -> tuple[Watch, tuple[Transition, ...]]:
    """Return what is known after one more run with these results, and what changed by it, in the order of the run."""
    held = dict(watch.held)
    changes = []
    for result in results:
        before = held.get(result.testcase)
        held[result.testcase] = _held(before, result)
        if before is None or before.outcome is not result.outcome:
            changes.append(
                Transition(
                    testcase=result.testcase,
                    before=before,
                    outcome=result.outcome,
                    at=result.checked_at,
                    summary=result.summary,
                )
            )
    return Watch(held=MappingProxyType(held)), tuple(changes)


def transitions(runs: Iterable[Iterable[Result]]) -> Iterator[Transition]:
    """Yield what changed over a sequence of runs, oldest first."""
    watch = Watch()
    for results in runs:
        watch, changes = watched(watch, results)
        yield from changes


def in_words(transition: Transition) -> str:
    """Return a transition as one line for a person."""
    state = STATES[transition.outcome]
    line = f"{transition.at:%H:%M:%S} {state.symbol} {transition.testcase}: {transition.turn}, {transition.outcome}"
    if transition.before is None:
        return line
    held = _span(transition.at - transition.before.since)
    line += f" after {held} of {transition.before.outcome}"
    if transition.turn is Turn.BROKEN and transition.before.last_passed:
        line += f"; last passed {relative(transition.before.last_passed, transition.at)}"
    return line


def json_line(transition: Transition) -> str:
    """Return a transition as one line of JSON (`allmende.transition/1`); times are ISO 8601 with their offset."""
    before = transition.before
    return json.dumps(
        {
            "schema": "allmende.transition/1",
            "testcase": transition.testcase,
            "turn": transition.turn.name.lower(),
            "at": transition.at.isoformat(),
            "outcome": transition.outcome,
            "summary": transition.summary,
            "before": before and {"outcome": before.outcome, "since": before.since.isoformat()},
            "last_passed": before.last_passed.isoformat() if before and before.last_passed else None,
        },
        ensure_ascii=False,
    )


def _held(before: Held | None, result: Result) -> Held:
    at, outcome = result.checked_at, result.outcome
    known = before or Held(outcome=outcome, since=at, seen_at=at, surely=None, last_passed=None)
    return Held(
        outcome=outcome,
        since=known.since if known.outcome is outcome else at,
        seen_at=at,
        surely=known.surely if outcome is Outcome.DNF else outcome,
        last_passed=at if outcome is Outcome.PASS else known.last_passed,
    )


def _span(span: timedelta) -> str:
    """Return a span in its two largest units: `2 h 5 min`."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")) if n]
    return " ".join(parts[:2]) or "0 s"
