"""Issue certificates, suspend, resume and revoke them, and read them. Each of these is an entry of the log."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import Act, Certificate, CertificateAct, CertificateRecord
from allmende.registry.model.record import Subject
from allmende.registry.model.refusals import Refusal
from allmende.registry.rules import credentials, leaves, notifications, scores
from allmende.registry.rules.admission import known_scope
from allmende.registry.rules.certificates import (
    Application,
    expiry,
    is_shown,
    objection_to_act,
    objection_to_issue,
    standing,
)
from allmende.registry.run import read
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry
from allmende.registry.store import certificates, events, log, reports, revision, subjects
from allmende.standards.model import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be certified: a subject for a version of a scope, by their names. `id` is the new certificate's."""

    id: UUID
    subject: str
    scope: str
    version: str


def issue(registry: Registry, notary: Notary, account: Account, wish: Wish, now: datetime) -> Certificate | Refusal:
    """Issue a certificate for a year, or say why not. UnknownNameError for a subject, scope or version that is none."""
    scope = read.scope_called(registry, wish.scope)
    if wish.version not in {version.name for version in scope.versions}:
        raise UnknownNameError(f"{scope.name} has no version {wish.version}.", hint=f"See /scopes/{scope.id}.")
    with registry.database.writing() as connection:
        subject = subjects.find(connection, wish.subject)
        if subject is None:
            raise UnknownNameError(f"There is no subject {wish.subject}.", hint="The public table lists the subjects.")
        reports.lock(connection, subject.id)
        application = Application(
            subject=subject,
            scope=scope,
            version=wish.version,
            outcome=_outcome(registry, connection, subject.id, scope, wish.version, now),
            validity=scope.validity(wish.version, now.astimezone(UTC).date()),
        )
        existing = certificates.everything(connection, subject.id)
        refused = objection_to_issue(account, application, existing, registry.standards, now)
        if refused is not None:
            return refused
        end = expiry(now)
        certificate = Certificate(
            id=wish.id,
            subject=subject.id,
            scope=UUID(scope.uuid),
            version=wish.version,
            issued_at=now,
            expires_at=end,
            credential=credentials.signed(
                wish.id, credentials.certified(subject, scope, wish.version), (now, end), notary.key
            ),
            acts=(CertificateAct(certificate=wish.id, at=now, account=account.name, act=Act.ISSUE),),
        )
        certificates.add(connection, certificate)
        _record(connection, certificate, scope.name)
    return certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What an assessor could certify now: a subject that surely passes a version, for which nothing stands."""

    subject: Subject
    scope: Scope
    version: str


def candidates(registry: Registry, account: Account, now: datetime) -> tuple[Candidate, ...]:
    """Return what this account could certify now; of each subject and scope the newest version that passes."""
    shown = read.cells(registry, now).entries.values()
    with registry.database.reading() as connection:
        existing: dict[str, list[Certificate]] = {}
        for each in certificates.everything(connection):
            existing.setdefault(each.subject, []).append(each)
    found = []
    for entry in shown:
        for cell in entry.worked:
            first = cell.headline
            if first is None or first.outcome is not Outcome.PASS:
                continue
            application = Application(
                subject=entry.subject,
                scope=cell.scope,
                version=first.version,
                outcome=first.outcome,
                validity=first.validity,
            )
            kept = existing.get(entry.subject.id, ())
            if objection_to_issue(account, application, kept, registry.standards, now) is None:
                found.append(Candidate(subject=entry.subject, scope=cell.scope, version=first.version))
    return tuple(found)


def act(
    registry: Registry, account: Account, id_: UUID, what: Act, reason: str, now: datetime
) -> Certificate | Refusal:
    """Suspend, resume or revoke a certificate, or say why not; UnknownNameError when there is none."""
    with registry.database.writing() as connection:
        found = _found(connection, id_)
        reports.lock(connection, found.subject)
        found = _found(connection, id_)
        asked = CertificateAct(certificate=id_, at=now, account=account.name, act=what, reason=reason)
        refused = objection_to_act(account, found, asked)
        if refused is not None:
            return refused
        certificates.add_act(connection, asked)
        changed = replace(found, acts=(*found.acts, asked))
        scope = known_scope(registry.standards, str(found.scope))
        _record(connection, changed, scope.name if scope else "")
    return changed


def record_of(registry: Registry, id_: UUID, now: datetime) -> CertificateRecord:
    """Return a certificate with its standing and the verdict today; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        return _shown(registry, connection, _found(connection, id_), now)


def records(registry: Registry, now: datetime, subject: str | None = None) -> tuple[CertificateRecord, ...]:
    """Return the certificates that are shown, of one subject or of all, those that end last first."""
    with registry.database.reading() as connection:
        found = [each for each in certificates.everything(connection, subject) if is_shown(each, now)]
        return tuple(_shown(registry, connection, each, now) for each in found)


def _shown(registry: Registry, connection: Connection, certificate: Certificate, now: datetime) -> CertificateRecord:
    subject = subjects.find(connection, certificate.subject)
    scope = known_scope(registry.standards, str(certificate.scope))
    if subject is None or scope is None:
        raise UnknownNameError(
            f"What the certificate {certificate.id} is for is no longer known.",
            hint="Run a release of Allmende that knows its scope.",
        )
    return CertificateRecord(
        certificate=certificate,
        subject=subject,
        scope=scope,
        standing=standing(certificate, now),
        outcome=_outcome(registry, connection, subject.id, scope, certificate.version, now),
    )


def _record(connection: Connection, certificate: Certificate, scope: str) -> None:
    """Append what was done last with a certificate to the log, and let it be told."""
    log.append(connection, [leaves.of_certificate(certificate)])
    revision.advance(connection, certificate.subject)
    events.add(connection, [notifications.of_certificate(certificate, scope)])


def _outcome(
    registry: Registry, connection: Connection, subject: str, scope: Scope, version: str, now: datetime
) -> Outcome:
    current = reports.current(connection, subject).get((subject, UUID(scope.uuid)), ())
    return scores.verdicts(scope, current, registry.standards, now).get(version, Outcome.MISS)


def _found(connection: Connection, id_: UUID) -> Certificate:
    found = certificates.find(connection, id_)
    if found is None:
        raise UnknownNameError(f"There is no certificate {id_}.", hint="/certificates lists them.")
    return found
