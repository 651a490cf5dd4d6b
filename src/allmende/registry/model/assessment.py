"""What people decide: on attestations, and on certificates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from allmende.outcome import Outcome
from allmende.registry.model.record import StoredReport, StoredResult, Subject
from allmende.standards.model import Scope


class Decision(StrEnum):
    """What an assessor says of an attestation (scs-0004-v1, «Regulations» 5)."""

    ACCEPT = "accept"
    REJECT = "reject"
    ASK = "ask"
    """For further measures or information; the operator answers with a new attestation, or the assessor decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One decision on the attestation of a testcase in a report, by an assessor's account, with its reason."""

    report: UUID
    testcase: str
    at: datetime
    account: str
    decision: Decision
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What an operator states, signed, of a testcase that people judge, and what was decided on it, oldest first.

    It counts from when it is accepted, and until the lifetime of the testcase ends, which begins with the statement.
    """

    report: StoredReport
    result: StoredResult
    rulings: tuple[Ruling, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The last decision; None while there is none."""
        return self.rulings[-1].decision if self.rulings else None

    @property
    def is_open(self) -> bool:
        """Whether it waits for the assessor, or for an answer to the assessor."""
        return self.decision in (None, Decision.ASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file that the statement in a report names by its SHA-256, and that was handed in; `size` is in bytes."""

    report: UUID
    sha256: str
    name: str
    size: int
    account: str
    received_at: datetime


class Act(StrEnum):
    """What an assessor does with a certificate."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


class Standing(StrEnum):
    """What a certificate is worth at a moment."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAct:
    """One thing that was done with a certificate, by an assessor's account, with its reason; it is public."""

    certificate: UUID
    at: datetime
    account: str
    act: Act
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An assessor's statement that a subject conforms to a version of a scope (scs-0004-v1, «Regulations»).

    `credential` is that statement as it was signed: a W3C Verifiable Credential as a JSON Web Token. `acts` begin with
    the issue.
    """

    id: UUID
    subject: str
    scope: UUID
    version: str
    issued_at: datetime
    expires_at: datetime
    credential: str
    acts: tuple[CertificateAct, ...]

    @property
    def last(self) -> CertificateAct:
        """What was done last."""
        return self.acts[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """A certificate with what is to be shown beside it.

    `outcome` is the verdict on its version today; one that is not PASS calls for a review, and revokes nothing by
    itself (scs-0004-v1, «Regulations» 8).
    """

    certificate: Certificate
    subject: Subject
    scope: Scope
    standing: Standing
    outcome: Outcome

    @property
    def is_due_for_review(self) -> bool:
        """Whether it is active although its version does not pass today."""
        return self.standing is Standing.ACTIVE and self.outcome is not Outcome.PASS
