"""What is shown of the record: score cards, and the public table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from allmende.outcome import Outcome
from allmende.registry.model.record import StoredReport, StoredResult, Subject
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Scope, Target, Testcase, Validity, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredTestcase:
    """One line of a score card.

    `outcome` is MISS when there is no result or its lifetime has ended; `result` is the newest one, also when it no
    longer counts. `expires_at` is when it ceases to count, `last_passed` when the testcase last surely passed.
    `exclusion` explains the outcome and does not change it; it may be over by now.
    """

    testcase: Testcase
    target: Target
    outcome: Outcome
    result: StoredResult | None = None
    expires_at: datetime | None = None
    last_passed: datetime | None = None
    exclusion: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionScore:
    """The score card of a subject for one version of a scope.

    `outcome` is that of the main testcases; `counts` says how many testcases of each target have which outcome.
    """

    version: Version
    validity: Validity
    outcome: Outcome
    counts: Mapping[Target, Mapping[Outcome, int]]
    testcases: tuple[ScoredTestcase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScore:
    """What follows from the results of one subject for one scope.

    `versions` holds those that are effective, tolerated or draft today, newest first. `checked_at` is when the newest
    result is from; None when there is none.
    """

    subject: Subject
    scope: Scope
    versions: tuple[VersionScore, ...]
    checked_at: datetime | None = None

    @property
    def headline(self) -> VersionScore | None:
        """The version to speak of first: the newest effective or tolerated one that passes, else the newest of them."""
        return _to_speak_of(self.versions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One version in a cell of the table, with the counts of its main testcases."""

    version: str
    validity: Validity
    outcome: Outcome
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """What a row shows for one scope: a verdict per version, newest first; empty when nothing was ever reported.

    `worst` is the id of the subject that decided; of a group, that is its worst member. `checked_at` is the oldest of
    the members' newest results: the cell is as fresh as its stalest member.
    """

    scope: Scope
    verdicts: tuple[Verdict, ...]
    worst: str
    checked_at: datetime | None = None

    @property
    def headline(self) -> Verdict | None:
        """The verdict to speak of first; chosen as in `SubjectScore`."""
        return _to_speak_of(self.verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row of the public table: a subject, or a group of them."""

    name: str
    operator: str
    description: str
    subjects: tuple[Subject, ...]
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The public table: rows in alphabetical order, one cell per scope, in the order of `scopes`."""

    as_of: datetime
    scopes: tuple[Scope, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """Everything the record says of one subject: its scores per scope and its newest reports, newest first."""

    as_of: datetime
    subject: Subject
    scores: tuple[SubjectScore, ...]
    reports: tuple[StoredReport, ...]


_Judged = TypeVar("_Judged", VersionScore, Verdict)


def _to_speak_of(newest_first: Sequence[_Judged]) -> _Judged | None:
    counting = [each for each in newest_first if each.validity in (Validity.EFFECTIVE, Validity.WARN)]
    return next((each for each in counting if each.outcome is Outcome.PASS), counting[0] if counting else None)
