"""Keep the files that attestations name, and give them to who may read them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import Attestation, EvidenceFile
from allmende.registry.model.record import StoredReport
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.attestations import manual
from allmende.registry.rules.evidence import admitted
from allmende.registry.rules.reading import may_read
from allmende.registry.run.read import known_report
from allmende.registry.run.registry import Registry
from allmende.registry.store import attestations, evidence, reports


def hand_in(
    registry: Registry, account: Account, report: UUID, content: bytes, now: datetime
) -> EvidenceFile | Refusal:
    """Keep a file that a statement in the report names, or say why not. A file that is kept already stays as it is."""
    with registry.database.writing() as connection:
        stored = known_report(connection, report)
        reports.lock(connection, stored.subject)
        stated = attestations.of_report(connection, report, manual(registry.standards))
        kept = evidence.bytes_of_subject(connection, stored.subject)
        named = admitted(account, stored.subject, stated, content, kept)
        if isinstance(named, Refusal):
            return named
        before = _found(connection, stored, named.sha256)
        if before is not None:
            return before
        file = EvidenceFile(
            report=report,
            sha256=named.sha256,
            name=named.name,
            size=len(content),
            account=account.name,
            received_at=now,
        )
        evidence.add(connection, file, content)
        return file


def handed_in(registry: Registry, stated: Iterable[Attestation]) -> tuple[EvidenceFile, ...]:
    """Return the files that were handed in for these attestations."""
    with registry.database.reading() as connection:
        return evidence.of_reports(connection, {each.report.id for each in stated})


def content(registry: Registry, account: Account, report: UUID, sha256: str) -> tuple[EvidenceFile, bytes] | Refusal:
    """Return a file with its content, for who may read it; UnknownNameError when it was not handed in."""
    with registry.database.reading() as connection:
        stored = known_report(connection, report)
        if not may_read(account, stored.subject, stored.account):
            return Refusal(
                reason=Reason.FOREIGN_SUBJECT,
                detail=f"This file is for those who report for {stored.subject}, for assessors and auditors.",
            )
        file, found = _found(connection, stored, sha256), evidence.content_of(connection, report, sha256)
        if file is None or found is None:
            raise UnknownNameError(
                f"No file with the SHA-256 {sha256} was handed in for this report.",
                hint="The report names the files that belong to it.",
            )
        return file, found


def _found(connection: Connection, report: StoredReport, sha256: str) -> EvidenceFile | None:
    return next((each for each in evidence.of_reports(connection, {report.id}) if each.sha256 == sha256), None)
