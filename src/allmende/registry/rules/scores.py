"""Decide what is shown of the current results: score cards per subject and scope, and the public table.

What a result and a set of results are worth is `standards.verdict`'s; this chooses versions and worst members.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult, DayOutcome, StoredResult, Subject
from allmende.registry.model.scores import (
    ScoredTestcase,
    SubjectScore,
    Table,
    TableCell,
    TableRow,
    Verdict,
    VersionScore,
)
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Scope, Standards, Target, Validity, Version
from allmende.standards.verdict import PRECEDENCE, ScoreCard, score_card, verdict

CurrentBySubject = Mapping[tuple[str, UUID], Sequence[CurrentResult]]
"""The current results by subject and scope."""


def table(
    subjects: Iterable[Subject],
    current: CurrentBySubject,
    standards: Standards,
    now: datetime,
) -> Table:
    """Return the public table: a row per group, or per subject that is in none, in alphabetical order."""
    judged = (
        (
            subject,
            cells(
                subject,
                {UUID(scope.uuid): current.get((subject.id, UUID(scope.uuid)), ()) for scope in standards.scopes},
                standards,
                now,
            ),
        )
        for subject in subjects
    )
    return table_of(judged, standards, now)


def table_of(judged: Iterable[tuple[Subject, tuple[TableCell, ...]]], standards: Standards, now: datetime) -> Table:
    """Return the public table that subjects make, each with its `cells`."""
    ordered = sorted(judged, key=lambda each: _row_key(each[0]))
    rows = [_row(tuple(members)) for _, members in groupby(ordered, key=lambda each: _row_key(each[0]))]
    return Table(as_of=now, scopes=standards.scopes, rows=tuple(sorted(rows, key=lambda row: row.name.casefold())))


def cells(
    subject: Subject, current: Mapping[UUID, Sequence[CurrentResult]], standards: Standards, now: datetime
) -> tuple[TableCell, ...]:
    """Return what the table shows of a subject alone: a cell per scope, from its current results by scope."""
    return tuple(_cell(subject, current.get(UUID(scope.uuid), ()), scope, standards, now) for scope in standards.scopes)


def subject_score(
    subject: Subject,
    scope: Scope,
    current: Sequence[CurrentResult],
    full: Mapping[str, StoredResult],
    standards: Standards,
    now: datetime,
    excluded: Mapping[str, Exclusion] | None = None,
) -> SubjectScore:
    """Return the score cards of a subject for a scope; `full` has the current results by testcase, with evidence.

    What is `excluded` (by testcase) is shown with its exclusion; nothing else follows from it.
    """
    passes = {result.testcase: result.last_passed for result in current}
    versions = []
    for version, validity, card in _cards(scope, current, standards, now):
        lines = tuple(
            ScoredTestcase(
                testcase=standards.testcases[score.testcase],
                target=score.target,
                outcome=score.outcome,
                result=full.get(score.testcase),
                expires_at=score.valid_until,
                last_passed=passes.get(score.testcase),
                exclusion=(excluded or {}).get(score.testcase),
            )
            for score in card.scores
        )
        versions.append(
            VersionScore(
                version=version,
                validity=validity,
                outcome=card.verdict,
                counts={target: _counts(card, target) for target in Target},
                testcases=lines,
            )
        )
    return SubjectScore(subject=subject, scope=scope, versions=tuple(versions), checked_at=_newest(current))


def verdicts(
    scope: Scope, current: Sequence[CurrentResult], standards: Standards, now: datetime
) -> Mapping[str, Outcome]:
    """Return the verdict on each version of the scope that is not deprecated; none when nothing was ever reported."""
    today = now.astimezone(UTC).date()
    versions = [v for v in scope.versions if scope.validity(v.name, today) is not Validity.DEPRECATED]
    judgeable = _judgeable(current, now)
    return {v.name: score_card(v, standards, judgeable, now).verdict for v in versions} if current else {}


def days(outcomes: Iterable[tuple[str, datetime, Outcome]]) -> dict[str, tuple[DayOutcome, ...]]:
    """Return per testcase the worst outcome of each day (UTC) that has one, oldest first."""
    found: dict[str, dict[date, Outcome]] = {}
    for testcase, checked_at, outcome in outcomes:
        by_day = found.setdefault(testcase, {})
        day = checked_at.astimezone(UTC).date()
        by_day[day] = verdict((outcome, by_day.get(day, outcome)))
    return {
        testcase: tuple(DayOutcome(day=day.isoformat(), outcome=outcome) for day, outcome in sorted(by_day.items()))
        for testcase, by_day in found.items()
    }


def _row(members: tuple[tuple[Subject, tuple[TableCell, ...]], ...]) -> TableRow:
    first = members[0][0]
    shown = []
    for of_scope in zip(*(of_member for _, of_member in members), strict=True):
        newest = [cell.checked_at for cell in of_scope if cell.checked_at is not None]
        shown.append(replace(min(of_scope, key=_goodness), checked_at=min(newest, default=None)))
    return TableRow(
        name=first.group or first.name,
        operator=first.operator,
        description=first.description,
        subjects=tuple(subject for subject, _ in members),
        cells=tuple(shown),
    )


def _cell(
    subject: Subject, results: Sequence[CurrentResult], scope: Scope, standards: Standards, now: datetime
) -> TableCell:
    verdicts = tuple(
        Verdict(version=version.name, validity=validity, outcome=card.verdict, counts=_counts(card, Target.MAIN))
        for version, validity, card in (_cards(scope, results, standards, now) if results else ())
    )
    return TableCell(scope=scope, verdicts=verdicts, worst=subject.id, checked_at=_newest(results))


def _goodness(cell: TableCell) -> tuple[int, int]:
    """Order cells by their headline, worst first; a member that never reported is the worst of its group."""
    if cell.headline is None:
        return (0, 0)
    return (1 + PRECEDENCE.index(cell.headline.outcome), cell.headline.counts.get(Outcome.PASS, 0))


def _cards(
    scope: Scope, results: Sequence[CurrentResult], standards: Standards, now: datetime
) -> Iterable[tuple[Version, Validity, ScoreCard]]:
    """Yield the score cards that are shown, newest version first.

    These are of all versions that are not deprecated and, when none that counts is passed, of the newest deprecated one
    that is: «passed a version that no longer counts» is more than nothing.
    """
    judgeable = _judgeable(results, now)
    today = now.astimezone(UTC).date()
    counts_already = False
    outdated = False
    for version in scope.versions:
        validity = scope.validity(version.name, today)
        if validity is Validity.DEPRECATED and (counts_already or outdated):
            continue
        card = score_card(version, standards, judgeable, now)
        passed = card.verdict is Outcome.PASS
        if validity is Validity.DEPRECATED:
            if not passed:
                continue
            outdated = True
        elif passed and validity is not Validity.DRAFT:
            counts_already = True
        yield version, validity, card


def _judgeable(results: Iterable[CurrentResult], now: datetime) -> Sequence[CurrentResult]:
    """Return the results none of which is from the future.

    A clock that is a little ahead must not hide a result that has replaced an older one.
    """
    return [result if result.checked_at <= now else replace(result, checked_at=now) for result in results]


def _counts(card: ScoreCard, target: Target) -> Mapping[Outcome, int]:
    return Counter(score.outcome for score in card.under(target))


def _newest(results: Iterable[CurrentResult]) -> datetime | None:
    return max((result.checked_at for result in results), default=None)


def _row_key(subject: Subject) -> tuple[str, str, str]:
    return (
        subject.group or subject.name,
        subject.operator if subject.group else "",
        "" if subject.group else subject.id,
    )
