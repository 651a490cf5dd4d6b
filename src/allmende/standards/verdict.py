"""Turns results into a verdict: the one place where it is decided how long a result counts and what a set is worth.

The command line, the API, the pages and the badges call this. Times are instants; calendar periods are those of UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar, assert_never

from allmende.outcome import Outcome
from allmende.standards.model import Lifetime, Standards, Target, Version

PRECEDENCE = (Outcome.FAIL, Outcome.MISS, Outcome.DNF, Outcome.PASS)
"""Of a set of outcomes the first of these that occurs is the set's (scs-0003-v2, «Concept definitions»)."""


class Judgement(Protocol):
    """What a run said of a testcase and when; a report's result is one."""

    @property
    def testcase(self) -> str:
        """Id of the testcase."""

    @property
    def outcome(self) -> Outcome:
        """PASS, FAIL or DNF."""

    @property
    def checked_at(self) -> datetime:
        """When, with its time zone."""


Judged = TypeVar("Judged", bound=Judgement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of a score card.

    `outcome` is what counts now: MISS where there is no result or the newest one's lifetime is over. `last` is the
    newest result all the same; it was found at `checked_at` and counts until just before `valid_until`.
    """

    testcase: str
    target: Target
    outcome: Outcome
    last: Outcome | None = None
    checked_at: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard:
    """What one subject's results are worth for one version of a scope at the time `at`.

    `scores` has a line for each testcase of the version, in its order. Only those under the target main decide the
    verdict; the others are shown.
    """

    version: str
    at: datetime
    scores: tuple[Score, ...]

    @property
    def verdict(self) -> Outcome:
        """The outcome of the version: that of its main testcases."""
        return self.verdict_under(Target.MAIN)

    def verdict_under(self, target: Target) -> Outcome:
        """Return the outcome of the testcases under one target."""
        return verdict(score.outcome for score in self.under(target))

    def under(self, target: Target) -> tuple[Score, ...]:
        """Return the lines under one target."""
        return tuple(score for score in self.scores if score.target is target)

    def count(self, outcome: Outcome, target: Target = Target.MAIN) -> int:
        """Return how many testcases under a target have this outcome."""
        return sum(score.outcome is outcome for score in self.under(target))


def verdict(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of a set of testcases; MISS for the empty set, because nothing was attempted."""
    return min(outcomes, key=PRECEDENCE.index, default=Outcome.MISS)


@lru_cache(maxsize=4096)  # a table asks for each result of a report, and these are from a few moments
def expiry(checked_at: datetime, lifetime: Lifetime) -> datetime:
    """Return the instant, in UTC, from which a result of `checked_at` no longer counts.

    A result counts until the calendar period after its own has ended; one that lives a year, until the end of the month
    after the same month of the next year (scs-0003-v2; scs-0004-v1, «Regulations» 2 and 3). ValueError for a time
    without a time zone.
    """
    if checked_at.tzinfo is None:
        raise ValueError(f"A time without a time zone cannot expire: {checked_at}.")
    day = checked_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match lifetime:
        case Lifetime.DAY:
            return day + timedelta(days=2)
        case Lifetime.WEEK:
            return day + timedelta(days=14 - day.weekday())
        case Lifetime.MONTH:
            return _first_of_month(day, months_later=2)
        case Lifetime.QUARTER:
            return _first_of_month(day, months_later=6 - (day.month - 1) % 3)
        case Lifetime.YEAR:
            return _first_of_month(day, months_later=14)
        case _:
            assert_never(lifetime)


def score_card(version: Version, standards: Standards, results: Iterable[Judgement], now: datetime) -> ScoreCard:
    """Return what `results` of one subject are worth for `version` at the time `now`.

    The newest result of a testcase counts; of two at the same instant, the worse. Results from after `now` and of
    testcases that the version does not list are ignored.
    """
    found = newest(result for result in results if result.checked_at <= now)
    return ScoreCard(
        version=version.name,
        at=now,
        scores=tuple(
            _score(id_, target, standards.testcases[id_].lifetime, found.get(id_), now)
            for module in version.modules
            for target in Target
            for id_ in module.targets.get(target, ())
        ),
    )


def newest(results: Iterable[Judged]) -> dict[str, Judged]:
    """Return the newest result of each testcase, in the order of their first; of two at the same instant, the worse."""
    found: dict[str, Judged] = {}
    for result in results:
        if _supersedes(result, found.get(result.testcase)):
            found[result.testcase] = result
    return found


def _supersedes(result: Judgement, known: Judgement | None) -> bool:
    if known is None or result.checked_at != known.checked_at:
        return known is None or result.checked_at > known.checked_at
    return PRECEDENCE.index(result.outcome) < PRECEDENCE.index(known.outcome)


def _score(testcase: str, target: Target, lifetime: Lifetime, result: Judgement | None, now: datetime) -> Score:
    if result is None:
        return Score(testcase=testcase, target=target, outcome=Outcome.MISS)
    valid_until = expiry(result.checked_at, lifetime)
    return Score(
        testcase=testcase,
        target=target,
        outcome=result.outcome if now < valid_until else Outcome.MISS,
        last=result.outcome,
        checked_at=result.checked_at,
        valid_until=valid_until,
    )


def _first_of_month(day: datetime, *, months_later: int) -> datetime:
    years, month = divmod(day.month - 1 + months_later, 12)
    return day.replace(year=day.year + years, month=month + 1, day=1)
