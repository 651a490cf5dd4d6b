"""Keep the register of integrators: who they are, what they refer to, and their certificates.

Each thing that is done with a certificate is an entry of the log.
"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import UnknownNameError, UsageError
from allmende.outcome import Outcome
from allmende.printable import printable
from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import Act, CertificateAct
from allmende.registry.model.integrators import (
    CertificateStanding,
    Integrator,
    IntegratorCertificate,
    IntegratorRecord,
    Layer,
    Reference,
    ScoredReference,
)
from allmende.registry.model.record import Subject
from allmende.registry.model.refusals import Refusal
from allmende.registry.rules import credentials, leaves, notifications, scores
from allmende.registry.rules import integrators as rules
from allmende.registry.rules.certificates import expiry, is_over, no_assessor
from allmende.registry.run.administer import known_subject, well_formed
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry
from allmende.registry.store import events, log, reports, revision
from allmende.registry.store import integrators as store

_LEVEL = "compatible"
_MOST_TEXT = 2000


def put(registry: Registry, account: Account, integrator: Integrator) -> Refusal | None:
    """Make an integrator known, or give the known one its new face; a refusal when the account is no assessor's."""
    well_formed(Subject(id=integrator.id, name=integrator.name, url=integrator.url, country=integrator.country))
    refused = no_assessor(account)
    if refused is None:
        with registry.database.writing() as connection:
            store.put(connection, integrator)
    return refused


def refer(registry: Registry, account: Account, reference: Reference) -> Refusal | None:
    """Record what an integrator refers to, as the account's assessor has examined it."""
    refused = no_assessor(account)
    if refused is not None:
        return refused
    fault = rules.fault_of_reference(reference)
    if fault:
        raise UsageError(fault, hint="See the scoring system of scs-0007.")
    for text in (reference.environment, reference.shown):
        if printable(text) != text or len(text) > _MOST_TEXT:
            raise UsageError(f"A reference has texts of {_MOST_TEXT} printable characters at most.", hint="Shorten it.")
    with registry.database.writing() as connection:
        _known(connection, reference.integrator)
        if reference.subject is not None:
            known_subject(connection, reference.subject)
        store.add_reference(connection, reference)
    return None


def end_reference(registry: Registry, account: Account, id_: UUID, until: date) -> Refusal | None:
    """Let what an integrator manages or operates end on that day; UnknownNameError when there is no such reference."""
    refused = no_assessor(account)
    if refused is not None:
        return refused
    with registry.database.writing() as connection:
        found = store.reference(connection, id_)
        if found is None:
            raise UnknownNameError(f"There is no reference {id_}.", hint="See: allmende registry integrator show ID")
        fault = rules.fault_of_reference(replace(found, until=until))
        if fault:
            raise UsageError(fault, hint=f"It began on {found.since}.")
        store.end_reference(connection, id_, until)
    return None


def certify(
    registry: Registry, notary: Notary, account: Account, wish: tuple[UUID, str, Layer], now: datetime
) -> IntegratorCertificate | Refusal:
    """Certify what the references are worth today for a year, or say why not; `wish`: new id, integrator and layer."""
    id_, name, layer = wish
    with registry.database.writing() as connection:
        store.lock(connection, name)
        integrator = _known(connection, name)
        scored = _scored(registry, connection, name, now)
        refused = rules.objection_to_certify(account, layer, scored, store.certificates(connection, name), now)
        if refused is not None:
            return refused
        points = sum(each.points for each in scored if each.reference.layer is layer)
        tier = rules.tier(points)
        if tier is None:
            raise AssertionError(f"{points} points reach no tier.")
        end = expiry(now)
        stated = credentials.CertifiedIntegrator(integrator=name, name=integrator.name, layer=layer, tier=tier)
        made = IntegratorCertificate(
            id=id_,
            integrator=name,
            layer=layer,
            tier=tier,
            points=points,
            issued_at=now,
            expires_at=end,
            credential=credentials.signed(id_, stated, (now, end), notary.key),
            acts=(CertificateAct(certificate=id_, at=now, account=account.name, act=Act.ISSUE),),
        )
        store.add_certificate(connection, made)
        _record(connection, made)
    return made


def act(
    registry: Registry, account: Account, id_: UUID, what: Act, reason: str, now: datetime
) -> IntegratorCertificate | Refusal:
    """Suspend, resume or revoke a certificate, or say why not; UnknownNameError when there is none."""
    with registry.database.writing() as connection:
        store.lock(connection, _found(connection, id_).integrator)
        found = _found(connection, id_)
        asked = CertificateAct(certificate=id_, at=now, account=account.name, act=what, reason=reason)
        scored = _scored(registry, connection, found.integrator, now)
        refused = rules.objection_to_act(account, found, scored, asked)
        if refused is not None:
            return refused
        store.add_act(connection, asked)
        changed = replace(found, acts=(*found.acts, asked))
        _record(connection, changed)
    return changed


def record_of(registry: Registry, id_: str, now: datetime) -> IntegratorRecord:
    """Return everything that is known of an integrator; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        return _record_of(registry, connection, _known(connection, id_), now)


def records(registry: Registry, now: datetime) -> tuple[IntegratorRecord, ...]:
    """Return all integrators by their names."""
    with registry.database.reading() as connection:
        return tuple(_record_of(registry, connection, each, now) for each in store.everyone(connection))


def certificate(registry: Registry, id_: UUID, now: datetime) -> CertificateStanding:
    """Return a certificate with what it is worth; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        found = _found(connection, id_)
        return rules.shown(found, _scored(registry, connection, found.integrator, now), now)


def _record_of(registry: Registry, connection: Connection, integrator: Integrator, now: datetime) -> IntegratorRecord:
    scored = _scored(registry, connection, integrator.id, now)
    kept = (each for each in store.certificates(connection, integrator.id) if not is_over(each.expires_at, now))
    return IntegratorRecord(
        integrator=integrator,
        references=scored,
        certificates=tuple(rules.shown(each, scored, now) for each in kept),
    )


def _scored(registry: Registry, connection: Connection, integrator: str, now: datetime) -> tuple[ScoredReference, ...]:
    return tuple(
        rules.scored(each, _verdict(registry, connection, each, now), rules.today(now))
        for each in store.references(connection, integrator)
    )


def _verdict(registry: Registry, connection: Connection, reference: Reference, now: datetime) -> Outcome | None:
    """Return PASS when the subject passes a version that counts of the scope «compatible» of its layer."""
    if reference.subject is None:
        return None
    scope = next(each for each in registry.standards.scopes if (each.level, each.layer) == (_LEVEL, reference.layer))
    current = reports.current(connection, reference.subject).get((reference.subject, UUID(scope.uuid)), ())
    subject = known_subject(connection, reference.subject)
    headline = scores.subject_score(subject, scope, current, {}, registry.standards, now).headline
    return headline.outcome if headline is not None else Outcome.MISS


def _record(connection: Connection, certificate: IntegratorCertificate) -> None:
    log.append(connection, [leaves.of_integrator(certificate)])
    revision.advance(connection)
    events.add(connection, [notifications.of_integrator(certificate)])


def _known(connection: Connection, id_: str) -> Integrator:
    found = store.find(connection, id_)
    if found is None:
        raise UnknownNameError(
            f"There is no integrator {id_}.", hint="See: allmende registry integrator list, or /integrators"
        )
    return found


def _found(connection: Connection, id_: UUID) -> IntegratorCertificate:
    found = store.certificate(connection, id_)
    if found is None:
        raise UnknownNameError(
            f"There is no certificate {id_} of an integrator.",
            hint="See: allmende registry integrator list, or /integrators",
        )
    return found
