"""What changed between two reports: which testcases have another outcome, and what was seen differently.

Decides what is worse and what is better. Worse is what passed and no longer surely does, or surely fails now; better is
what passes now. A failure that could no longer be determined is neither: it may still fail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from allmende.outcome import Outcome
from allmende.report.document import Report, ReportedEvidence, Result
from allmende.standards.verdict import newest


class Direction(StrEnum):
    """Where a testcase went, in the order in which it matters."""

    WORSE = "worse"
    UNCLEAR = "unclear"
    NEW = "new"
    GONE = "gone"
    BETTER = "better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that was seen differently: before and after, None where it was not looked at."""

    before: ReportedEvidence | None
    after: ReportedEvidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A testcase whose outcome differs; one of the two results is None where that report has none."""

    testcase: str
    direction: Direction
    before: Result | None
    after: Result | None
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two reports, what changed from one to the other, and how many testcases have the outcome they had."""

    before: Report
    after: Report
    changes: tuple[Change, ...]
    unchanged: int

    def that_are(self, direction: Direction) -> tuple[Change, ...]:
        """Return the changes in one direction."""
        return tuple(change for change in self.changes if change.direction is direction)


def difference(before: Report, after: Report) -> Difference:
    """Return what changed from one report to another, by direction and then in the order of the reports."""
    old, new = newest(before.results), newest(after.results)
    testcases = dict.fromkeys([*old, *new])
    changes = [change for id_ in testcases if (change := _change(id_, old.get(id_), new.get(id_)))]
    order = list(Direction)
    return Difference(
        before=before,
        after=after,
        changes=tuple(sorted(changes, key=lambda change: order.index(change.direction))),
        unchanged=len(testcases) - len(changes),
    )


def _change(testcase: str, before: Result | None, after: Result | None) -> Change | None:
    if before and after and before.outcome is after.outcome:
        return None
    return Change(
        testcase=testcase,
        direction=_direction(before, after),
        before=before,
        after=after,
        sightings=_sightings(before.evidence if before else (), after.evidence if after else ()),
    )


def _direction(before: Result | None, after: Result | None) -> Direction:
    if before is None:
        return Direction.NEW
    if after is None:
        return Direction.GONE
    if after.outcome is Outcome.PASS:
        return Direction.BETTER
    if before.outcome is Outcome.PASS or after.outcome is Outcome.FAIL:
        return Direction.WORSE
    return Direction.UNCLEAR


def _sightings(before: Sequence[ReportedEvidence], after: Sequence[ReportedEvidence]) -> tuple[Sighting, ...]:
    """Return what was seen differently, paired by what was looked at; what offends now comes first."""
    return tuple(sorted(_paired(before, after), key=lambda pair: pair.after is None or pair.after.ok))


def _paired(before: Sequence[ReportedEvidence], after: Sequence[ReportedEvidence]) -> Iterator[Sighting]:
    old, new = [each for each in before if each not in after], [each for each in after if each not in before]
    for subject in dict.fromkeys(each.subject for each in [*old, *new]):
        pairs = zip_longest((e for e in old if e.subject == subject), (e for e in new if e.subject == subject))
        yield from (Sighting(before=one, after=other) for one, other in pairs)
