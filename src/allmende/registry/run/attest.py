"""Attestations: what operators state of testcases that people judge, and what assessors decide on it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import Attestation, Decision, Ruling
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.admission import brought_up_to_date
from allmende.registry.rules.attestations import manual, objection
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.registry.store import attestations, reports

NEWEST = 200


def attested(registry: Registry, subject: str | None = None) -> tuple[Attestation, ...]:
    """Return the attestations in the newest `NEWEST` reports that have any, of one subject or of all, newest first."""
    with registry.database.reading() as connection:
        return attestations.newest(connection, manual(registry.standards), NEWEST, subject)


def attested_in(registry: Registry, report: UUID) -> tuple[Attestation, ...]:
    """Return the attestations that this report holds."""
    with registry.database.reading() as connection:
        return attestations.of_report(connection, report, manual(registry.standards))


def decide(
    registry: Registry,
    account: Account,
    place: tuple[UUID, str],
    decision: Decision,
    reason: str,
    now: datetime,
) -> Attestation | Refusal:
    """Record a decision on the attestation at `place` (report and testcase), or say why not.

    What is accepted counts from now on, and until the lifetime of the testcase ends, which begins with the statement.
    """
    report, testcase = place
    with registry.database.writing() as connection:
        stored = reports.find(connection, report)
        if stored is not None:
            reports.lock(connection, stored.subject)
        found = attestations.of_report(connection, report, {testcase} & manual(registry.standards))
        if not found:
            return Refusal(
                reason=Reason.NO_ATTESTATION,
                detail=f"The report {report} attests nothing of {testcase}.",
                hint="GET /api/attestations lists what waits for a decision.",
            )
        refused = objection(account, found[0], decision, reason)
        if refused is not None:
            return refused
        ruling = Ruling(
            report=report, testcase=testcase, at=now, account=account.name, decision=decision, reason=reason
        )
        attestations.add(connection, ruling)
        if decision is Decision.ACCEPT:
            _count(connection, found[0])
        log.record_ruling(connection, registry.standards, found[0].report, ruling)
        return replace(found[0], rulings=(*found[0].rulings, ruling))


def _count(connection: Connection, attestation: Attestation) -> None:
    report = attestation.report
    current = reports.current(connection, report.subject).get((report.subject, report.scope), ())
    known = {result.testcase: result for result in current}
    changed = brought_up_to_date(known, report.id, [attestation.result])
    reports.put_current(connection, report.subject, report.scope, changed)
