"""Read the record: the table, one subject, one report. Every answer is assembled from the store and `rules`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.registry.model.events import Event
from allmende.registry.model.record import DayOutcome, ReportRecord, StoredReport, Subject, Submission
from allmende.registry.model.scores import SubjectRecord, SubjectScore, Table, TableCell, VersionScore
from allmende.registry.rules import exclusions, scores
from allmende.registry.rules.admission import known_scope
from allmende.registry.run.memory import State
from allmende.registry.run.registry import Registry
from allmende.registry.store import events, reports, revision, subjects
from allmende.standards.model import Scope

NEWEST_REPORTS = 20
NEWEST_EVENTS = 100


def state(registry: Registry) -> int:
    """Return the number of the state the record is in; it grows with every change of what is shown."""
    with registry.database.reading() as connection:
        return revision.number(connection)


def state_of(registry: Registry, subject: str) -> int | None:
    """Return the number of the state in which a subject was changed last; None when there is no such subject."""
    with registry.database.reading() as connection:
        return revision.of_subject(connection, subject)


def cells(registry: Registry, now: datetime) -> State[tuple[TableCell, ...]]:
    """Return the cells of the table for each subject alone."""
    with registry.database.reading() as connection:
        return registry.memory.cells.state(
            connection, now, lambda subject, current: scores.cells(subject, current, registry.standards, now)
        )


def table(registry: Registry, now: datetime) -> Table:
    """Return the public table as of `now`."""
    entries = cells(registry, now).entries.values()
    return scores.table_of(((entry.subject, entry.worked) for entry in entries), registry.standards, now)


def list_subjects(registry: Registry) -> tuple[Subject, ...]:
    """Return all subjects by their ids."""
    with registry.database.reading() as connection:
        return subjects.everyone(connection)


def subject_record(registry: Registry, subject: str, now: datetime) -> SubjectRecord:
    """Return what the record says of the subject with this id; UnknownNameError when there is none.

    A scope for which nothing was ever reported has no score.
    """
    with registry.database.reading() as connection:
        found = _subject(connection, subject)
        return SubjectRecord(
            as_of=now,
            subject=found,
            scores=_scores(registry, connection, found, now),
            reports=reports.newest(connection, subject, NEWEST_REPORTS),
        )


def score_called(
    registry: Registry, subject: str, scope: str, version: str, now: datetime
) -> tuple[SubjectScore, VersionScore]:
    """Return the score card of a subject for a version, the one to speak of first if none is named.

    UnknownNameError when nothing was reported for the scope, or the version does not count.
    """
    wanted = scope_called(registry, scope)
    found = next((each for each in subject_record(registry, subject, now).scores if each.scope.id == wanted.id), None)
    shown = found.versions if found else ()
    named = next((each for each in shown if each.version.name == version), None) if version else None
    card = named if version or found is None else found.headline
    if found is None or card is None:
        raise UnknownNameError(
            f"There is no score card of {subject} for {wanted.name} {version}".rstrip() + ".",
            hint=f"What there is: /subjects/{subject}",
        )
    return found, card


def report_record(registry: Registry, report: UUID) -> ReportRecord:
    """Return one report with its results; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        found = known_report(connection, report)
        return ReportRecord(
            report=found,
            subject=_subject(connection, found.subject),
            scope=known_scope(registry.standards, str(found.scope)),
            results=reports.results_of(connection, report),
            exclusions=reports.exclusions_of(connection, report),
        )


def submission_of(registry: Registry, report: UUID) -> Submission:
    """Return the bytes in which a report came, with their signature; UnknownNameError when there is no such report."""
    with registry.database.reading() as connection:
        known_report(connection, report)
        found = reports.submission_of(connection, report)
    if found is None:
        raise AssertionError(f"The report {report} has no submission.")
    return found


def history(registry: Registry, subject: str, scope: UUID, since: datetime) -> dict[str, tuple[DayOutcome, ...]]:
    """Return per testcase the worst outcome of each day with a result since then, oldest first."""
    with registry.database.reading() as connection:
        return scores.days(reports.outcomes_since(connection, subject, scope, since))


def subject_called(registry: Registry, id_: str) -> Subject:
    """Return the subject with this id; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        return _subject(connection, id_)


def happened(registry: Registry, subject: str | None) -> tuple[Event, ...]:
    """Return what happened lately to a subject, or to any, newest first: changes, rulings, acts on certificates."""
    with registry.database.reading() as connection:
        return events.newest(connection, NEWEST_EVENTS, subject)


def scope_called(registry: Registry, name: str) -> Scope:
    """Return the scope with this id, UUID or name; UnknownNameError when there is none."""
    try:
        return registry.standards.scope(name)
    except KeyError as error:
        raise UnknownNameError(
            f"There is no scope {name}.", hint="The pages of the scopes list them, and so does /api/standards."
        ) from error


def _scores(registry: Registry, connection: Connection, subject: Subject, now: datetime) -> tuple[SubjectScore, ...]:
    current = reports.current(connection, subject.id)
    full = reports.current_in_full(connection, subject.id)
    declared = reports.exclusions_behind(connection, subject.id)
    return tuple(
        scores.subject_score(
            subject,
            scope,
            current[subject.id, UUID(scope.uuid)],
            {result.testcase: result for of_scope, result in full if str(of_scope) == scope.uuid},
            registry.standards,
            now,
            exclusions.standing(current[subject.id, UUID(scope.uuid)], declared),
        )
        for scope in registry.standards.scopes
        if (subject.id, UUID(scope.uuid)) in current
    )


def _subject(connection: Connection, id_: str) -> Subject:
    found = subjects.find(connection, id_)
    if found is None:
        raise UnknownNameError(
            f"There is no subject {id_}.", hint="The public table lists the subjects, and so does /api/table."
        )
    return found


def known_report(connection: Connection, id_: UUID) -> StoredReport:
    """Return the report with this id; UnknownNameError when there is none."""
    found = reports.find(connection, id_)
    if found is None:
        raise UnknownNameError(f"There is no report {id_}.", hint="Each subject's page lists its reports: /")
    return found
