"""Accept a submission: who sent it, who signed it, what it says, whether that may be recorded; then record it.

In this order: nothing is read before its signature is verified, and all of a submission is stored, or nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from allmende.errors import DocumentError, SignatureError
from allmende.registry.model.accounts import Account
from allmende.registry.model.record import Receipt, ReceiptLine, Submission
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules import notifications
from allmende.registry.rules.admission import (
    Admission,
    brought_up_to_date,
    conflict,
    content_digest,
    refusal,
)
from allmende.registry.rules.attestations import counting_at_once
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.registry.store import accounts, events, reports
from allmende.report import formats
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.report.keys import PublicKey, parse_public_key
from allmende.report.sign import UnknownSignerError, UnsignedError, split, verified
from allmende.standards.model import Standards


class _RefusedError(Exception):
    """Ends the transaction without storing anything."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.detail)
        self.refusal = refused


def accept(registry: Registry, account: Account, form: Form, body: bytes, now: datetime) -> Receipt | Refusal:
    """Record the reports in `body` (signature, ampersand, documents), or say why not.

    Reports that are in the record already are named in the receipt and change nothing. StoreError when the database
    cannot be written; then nothing was stored.
    """
    try:
        signature, content = split(body)
        signer = verified(content, signature, _keys(registry, account))
        documents = formats.read(form, content, max_documents=registry.limits.max_documents)
    except SignatureError as error:
        return _unverified(error, account)
    except DocumentError as error:
        return Refusal(reason=Reason.MALFORMED, detail=str(error), hint=error.hint)
    refused = refusal(
        documents, Admission(account=account, standards=registry.standards, limits=registry.limits, now=now)
    )
    if refused is not None:
        return refused
    submission = Submission(
        account=account.name,
        media_type=form,
        signature=signature,
        content=content,
        fingerprint=signer.fingerprint,
        received_at=now,
    )
    try:
        with registry.database.writing() as connection:
            lines = _record(connection, registry.standards, submission, documents)
    except _RefusedError as error:
        return error.refusal
    return Receipt(digest=submission.digest, fingerprint=submission.fingerprint, lines=lines)


def _keys(registry: Registry, account: Account) -> tuple[PublicKey, ...]:
    with registry.database.reading() as connection:
        return tuple(parse_public_key(key.public_key) for key in accounts.keys_of(connection, account.name))


def _unverified(error: SignatureError, account: Account) -> Refusal:
    if isinstance(error, UnsignedError):
        return Refusal(reason=Reason.UNSIGNED, detail=str(error), hint=error.hint)
    if isinstance(error, UnknownSignerError):
        return Refusal(
            reason=Reason.UNKNOWN_SIGNER,
            detail=f"The key {error.signer.fingerprint} that signed this is not registered for {account.name}.",
            hint="Sign with a registered key, or ask the registry to add this one.",
        )
    return Refusal(reason=Reason.SIGNATURE_INVALID, detail=str(error), hint=error.hint)


def _record(
    connection: Connection, standards: Standards, submission: Submission, documents: Sequence[Report]
) -> tuple[ReceiptLine, ...]:
    """Store what is new among the documents, and append it to the log."""
    for subject in sorted({report.subject for report in documents}):
        reports.lock(connection, subject)
    known = {report.id: reports.content_digest(connection, report.id) for report in documents}
    for report in documents:
        refused = conflict(report, known[report.id])
        if refused is not None:
            raise _RefusedError(refused)
    new = [report for report in documents if known[report.id] is None]
    if new:
        number = reports.add_submission(connection, submission)
        for report in new:
            _record_one(connection, standards, number, report)
    return tuple(
        ReceiptLine(
            report=report.id,
            subject=report.subject,
            scope=report.scope,
            results=len(report.results),
            is_new=known[report.id] is None,
        )
        for report in documents
    )


def _record_one(connection: Connection, standards: Standards, submission: int, report: Report) -> None:
    reports.add(connection, submission, report, content_digest(report))
    current = reports.current(connection, report.subject).get((report.subject, report.scope), ())
    counting = counting_at_once(report.results, standards)
    known = {result.testcase: result for result in current}
    changed = brought_up_to_date(known, report.id, counting)
    reports.put_current(connection, report.subject, report.scope, changed)
    stored = reports.find(connection, report.id)
    if stored is None:
        raise AssertionError(f"The report {report.id} is not stored.")
    events.add(connection, notifications.of_transitions(stored, known, changed))
    counts = tuple({**known, **{result.testcase: result for result in changed}}.values())
    log.record_report(connection, standards, stored, counts)
