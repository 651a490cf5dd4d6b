"""Read the record as the SCS compliance monitor would tell it: standings, and what an account itself reported."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.registry.model.accounts import Account
from allmende.registry.model.record import CurrentResult, ReportedResult, Subject
from allmende.registry.rules.attestations import manual
from allmende.registry.rules.public_monitor import GROUP_PREFIX, ScopeStanding, Standings, scope_standing
from allmende.registry.rules.reading import may_read, reads_everything
from allmende.registry.run.read import known_report
from allmende.registry.run.registry import Registry
from allmende.registry.store import reports, subjects
from allmende.report import formats
from allmende.report.formats import Form
from allmende.standards.model import Scope

RECENT = timedelta(days=7)
"""How old the results of `recent_results` may be."""


def standings(registry: Registry, now: datetime, *, with_drafts: bool = False) -> Standings:
    """Return the standings of all subjects for all scopes where a result counts now."""

    def work(_: Subject, current: Mapping[UUID, Sequence[CurrentResult]]) -> Mapping[str, ScopeStanding]:
        return _standings(registry, current, now, with_drafts=with_drafts)

    memory = registry.memory.with_drafts if with_drafts else registry.memory.standings
    with registry.database.reading() as connection:
        state = memory.state(connection, now, work)
    return {id_: entry.worked for id_, entry in state.entries.items() if entry.worked}


def standings_of(registry: Registry, subject: str, now: datetime) -> Standings:
    """Return the standings of one subject; nothing when there is no such subject or none of its results counts."""
    with registry.database.reading() as connection:
        current = {scope: results for (_, scope), results in reports.current(connection, subject).items()}
    found = _standings(registry, current, now, with_drafts=False)
    return {subject: found} if found else {}


def _standings(
    registry: Registry, current: Mapping[UUID, Sequence[CurrentResult]], now: datetime, *, with_drafts: bool
) -> Mapping[str, ScopeStanding]:
    found = {
        scope.id: scope_standing(scope, results, registry.standards, now, with_drafts=with_drafts)
        for scope in registry.standards.scopes
        if (results := current.get(UUID(scope.uuid)))
    }
    return {id_: standing for id_, standing in found.items() if standing.results}


def members(registry: Registry, name: str) -> tuple[Subject, ...]:
    """Return the subject with this id or, after `group-`, those of the group with this title.

    UnknownNameError when there is none.
    """
    with registry.database.reading() as connection:
        everyone = subjects.everyone(connection)
    found = tuple(subject for subject in everyone if subject.id == name)
    if not found and name.startswith(GROUP_PREFIX):
        found = tuple(subject for subject in everyone if subject.group == name.removeprefix(GROUP_PREFIX))
    if not found:
        raise UnknownNameError(f"There is no subject or group {name}.", hint="The public table lists them.")
    return found


def detail(
    registry: Registry, name: str, scope: Scope, now: datetime, *, with_drafts: bool
) -> tuple[tuple[Subject, ScopeStanding], ...]:
    """Return the standing for a scope of a subject, or of each member of a group; UnknownNameError when none is."""
    found = members(registry, name)
    with registry.database.reading() as connection:
        current = [reports.current(connection, subject.id).get((subject.id, UUID(scope.uuid)), ()) for subject in found]
    return tuple(
        (subject, scope_standing(scope, results, registry.standards, now, with_drafts=with_drafts))
        for subject, results in zip(found, current, strict=True)
    )


def own_documents(
    registry: Registry, account: Account, subject: str | None, limit: int, skip: int
) -> list[Mapping[str, Any]]:
    """Return the newest reports that the account may read, or those of one subject, as documents of the SCS test suite.

    They hold what the suite's programs printed, so they are for those who may report for the subject, and few others.
    """
    with registry.database.reading() as connection:
        readable = _readable(connection, account)
        wanted = readable if subject is None else readable & {subject}
        ids = reports.newest_ids(connection, wanted, limit, skip)
        sent = [(id_, reports.submission_of(connection, id_)) for id_ in ids]
    return [
        formats.public_document(Form(submission.media_type), submission.content, id_)
        for id_, submission in sent
        if submission is not None
    ]


def own_document(registry: Registry, account: Account, report: UUID) -> Mapping[str, Any] | None:
    """Return a report as a document of the SCS test suite; None when the account may not read it.

    UnknownNameError when there is no such report.
    """
    with registry.database.reading() as connection:
        found = known_report(connection, report)
        submission = reports.submission_of(connection, report)
    if submission is None or not may_read(account, found.subject, found.account):
        return None
    return formats.public_document(Form(submission.media_type), submission.content, report)


def recent_results(
    registry: Registry, account: Account, now: datetime, *, approved: bool | None, limit: int, skip: int
) -> tuple[ReportedResult, ...]:
    """Return the newest results of what the account may read, from the last seven days, newest first."""
    with registry.database.reading() as connection:
        return reports.recent_results(
            connection,
            _readable(connection, account),
            now - RECENT,
            manual=manual(registry.standards),
            approved=approved,
            limit=limit,
            skip=skip,
        )


def _readable(connection: Connection, account: Account) -> frozenset[str]:
    if not reads_everything(account):
        return account.subjects
    return frozenset(subject.id for subject in subjects.everyone(connection))
