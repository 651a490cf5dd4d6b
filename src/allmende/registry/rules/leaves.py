"""What an entry of the log says: the canonical JSON (RFC 8785) of which each entry is the hash.

Every entry has a `kind` and the moment `at` which it speaks of. Readers pass over kinds that they do not know.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from allmende.canonical import canonical_bytes, digest
from allmende.errors import DocumentError
from allmende.outcome import Outcome
from allmende.registry.model.assessment import Act, Certificate, Decision, Ruling
from allmende.registry.model.integrators import IntegratorCertificate, Layer, Tier
from allmende.registry.model.record import StoredReport
from allmende.registry.rules.checkpoint import VerifierKey


class _Leaf(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyLeaf(_Leaf):
    """From here on, this key signs the checkpoints; `key` is a verifier key."""

    kind: Literal["key"] = "key"
    at: AwareDatetime
    key: str


class ReportLeaf(_Leaf):
    """A signed report was accepted. `digest` is the SHA-256 of the signed bytes, `fingerprint` names who signed."""

    kind: Literal["report"] = "report"
    at: AwareDatetime
    report: UUID
    subject: str
    scope: UUID
    account: str
    fingerprint: str
    digest: str
    media_type: str


class VerdictLeaf(_Leaf):
    """A subject's verdict on a version of a scope became `outcome`; it was `before` (null: there was none)."""

    kind: Literal["verdict"] = "verdict"
    at: AwareDatetime
    subject: str
    scope: UUID
    version: str
    outcome: Outcome
    before: Outcome | None


class DecisionLeaf(_Leaf):
    """An assessor decided on the attestation of a testcase in a report; of the reason, the log has the SHA-256."""

    kind: Literal["decision"] = "decision"
    at: AwareDatetime
    report: UUID
    testcase: str
    account: str
    decision: Decision
    reason_digest: str


class CertificateLeaf(_Leaf):
    """Something was done with a certificate. Of the signed credential and of the reason, the log has the SHA-256."""

    kind: Literal["certificate"] = "certificate"
    at: AwareDatetime
    certificate: UUID
    act: Act
    account: str
    subject: str
    scope: UUID
    version: str
    expires_at: AwareDatetime
    credential_digest: str
    reason_digest: str


class IntegratorLeaf(_Leaf):
    """Something was done with the certificate of an integrator, which had so many points at its issue."""

    kind: Literal["integrator"] = "integrator"
    at: AwareDatetime
    certificate: UUID
    act: Act
    account: str
    integrator: str
    layer: Layer
    tier: Tier
    points: int
    expires_at: AwareDatetime
    credential_digest: str
    reason_digest: str


class OtherLeaf(BaseModel):
    """Something that a newer registry records."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    at: AwareDatetime


Leaf = KeyLeaf | ReportLeaf | VerdictLeaf | DecisionLeaf | CertificateLeaf | IntegratorLeaf

_KNOWN: TypeAdapter[Leaf] = TypeAdapter(Annotated[Leaf, Field(discriminator="kind")])
_KINDS = frozenset({"key", "report", "verdict", "decision", "certificate", "integrator"})


def content_of(leaf: Leaf) -> bytes:
    """Return the bytes of which the entry is the hash."""
    moments = {name: moment(value) for name, value in leaf if isinstance(value, datetime)}
    return canonical_bytes(leaf.model_dump(mode="json") | moments)


def read(content: bytes) -> Leaf | OtherLeaf:
    """Return what an entry says; DocumentError when these are no bytes of an entry."""
    try:
        document: Any = json.loads(content)
        if isinstance(document, Mapping) and document.get("kind") in _KINDS:
            return _KNOWN.validate_json(content)
        return OtherLeaf.model_validate(document)
    except (ValueError, ValidationError) as error:
        raise DocumentError("An entry of the log cannot be read.") from error


def of_report(report: StoredReport) -> ReportLeaf:
    """Return the entry of a report that is in the record."""
    return ReportLeaf(
        at=report.received_at,
        report=report.id,
        subject=report.subject,
        scope=report.scope,
        account=report.account,
        fingerprint=report.fingerprint,
        digest=report.digest,
        media_type=report.media_type,
    )


def of_ruling(ruling: Ruling) -> DecisionLeaf:
    """Return the entry of a decision."""
    return DecisionLeaf(
        at=ruling.at,
        report=ruling.report,
        testcase=ruling.testcase,
        account=ruling.account,
        decision=ruling.decision,
        reason_digest=digest(ruling.reason.encode()),
    )


def of_certificate(certificate: Certificate) -> CertificateLeaf:
    """Return the entry of what was done last with a certificate."""
    return CertificateLeaf(
        at=certificate.last.at,
        certificate=certificate.id,
        act=certificate.last.act,
        account=certificate.last.account,
        subject=certificate.subject,
        scope=certificate.scope,
        version=certificate.version,
        expires_at=certificate.expires_at,
        credential_digest=digest(certificate.credential.encode()),
        reason_digest=digest(certificate.last.reason.encode()),
    )


def of_integrator(certificate: IntegratorCertificate) -> IntegratorLeaf:
    """Return the entry of what was done last with the certificate of an integrator."""
    return IntegratorLeaf(
        at=certificate.last.at,
        certificate=certificate.id,
        act=certificate.last.act,
        account=certificate.last.account,
        integrator=certificate.integrator,
        layer=certificate.layer,
        tier=certificate.tier,
        points=certificate.points,
        expires_at=certificate.expires_at,
        credential_digest=digest(certificate.credential.encode()),
        reason_digest=digest(certificate.last.reason.encode()),
    )


def of_key(key: VerifierKey, now: datetime) -> KeyLeaf:
    """Return the entry of a key that signs from now on."""
    return KeyLeaf(at=now, key=key.line)


def moment(when: datetime) -> str:
    """Return a moment as entries write it: in UTC, with microseconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
