"""The values of the public record: accounts, subjects, stored reports and results, and what is shown of them.

Values only. What may be stored and what follows from it is decided in `rules`; rows and SQL are the `store`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from allmende.canonical import digest
from allmende.outcome import Evidence, Outcome
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Scope, Target, Testcase, Validity, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a submission may be.

    `max_bytes` bounds signature and documents together, `max_documents` the documents of one stream. A report may lie
    `clock_skew` in the future, because clocks differ, and `oldest` in the past: the longest lifetime of a result is a
    year and ends with the following month (scs-0003-v2), so an older one can never count.
    """

    max_bytes: int = 2 * 1024 * 1024
    max_documents: int = 50
    clock_skew: timedelta = timedelta(minutes=5)
    oldest: timedelta = timedelta(days=397)


class Role(StrEnum):
    """What an account may do beside reporting for its subjects."""

    ADMIN = "admin"
    """Runs the registry: adds subjects and changes how they are described."""
    ASSESSOR = "assessor"
    """Works for the certification body: decides on attestations, issues and revokes certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who takes part: a name with tokens and signing keys, the subjects it may report for, and what else it may do."""

    name: str
    created_at: datetime
    subjects: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()


class TokenScope(StrEnum):
    """What a token may be used for, within what its account may do."""

    SUBMIT = "submit"
    """Send reports."""
    READ = "read"
    """Read what is not public, for instance the bytes of one's own reports in the test suite's form."""
    DECIDE = "decide"
    """Decide as an assessor."""
    MANAGE = "manage"
    """Add subjects and change how they are described, as an admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A secret by which an account is recognised; of the secret, `hash` (argon2id) is kept.

    `name` tells people what it is for. It ends with `expires_at` or when it is revoked; `used_at` is exact to the hour.
    """

    id: str
    account: str
    name: str
    scopes: frozenset[TokenScope]
    hash: str = field(repr=False)
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A public key that signs for an account, as one line of OpenSSH's public key format."""

    account: str
    public_key: str
    fingerprint: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is tested: a cloud region, a cluster, a configuration.

    Subjects with the same `group` (a title; empty for none) are one row of the table.
    """

    id: str
    name: str
    operator: str = ""
    description: str = ""
    group: str = ""
    url: str = ""
    health_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The bytes one account sent, as they were signed; several reports may have come in one submission."""

    account: str
    media_type: str
    signature: bytes
    content: bytes
    fingerprint: str
    received_at: datetime

    @property
    def digest(self) -> str:
        """The SHA-256 of the signed bytes, in hexadecimal digits."""
        return digest(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report in the record. `digest` is the SHA-256 of the signed bytes, `fingerprint` names the key that signed."""

    id: UUID
    subject: str
    scope: UUID
    scope_name: str
    tool: str
    complete: bool
    requests: int
    started_at: datetime
    finished_at: datetime
    received_at: datetime
    account: str
    fingerprint: str
    digest: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """The result of one testcase in one report."""

    report: UUID
    testcase: str
    outcome: Outcome
    checked_at: datetime
    summary: str
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResult:
    """The outcome of one testcase in one report, with the subject and scope it is about.

    `is_approved` tells whether it is a pass that a program judged, or that an assessor has accepted.
    """

    report: UUID
    subject: str
    scope: UUID
    testcase: str
    outcome: Outcome
    checked_at: datetime
    is_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentResult:
    """The newest result of a testcase for a subject and scope, and when the testcase last surely passed."""

    testcase: str
    outcome: Outcome
    checked_at: datetime
    report: UUID
    last_passed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredTestcase:
    """One line of a score card.

    `outcome` is MISS when there is no result or its lifetime has ended; `result` is the newest one, also when it no
    longer counts. `expires_at` is when it ceases to count, `last_passed` when the testcase last surely passed.
    `exclusion` explains the outcome and does not change it; it may be over by now.
    """

    testcase: Testcase
    target: Target
    outcome: Outcome
    result: StoredResult | None = None
    expires_at: datetime | None = None
    last_passed: datetime | None = None
    exclusion: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionScore:
    """The score card of a subject for one version of a scope.

    `outcome` is that of the main testcases; `counts` says how many testcases of each target have which outcome.
    """

    version: Version
    validity: Validity
    outcome: Outcome
    counts: Mapping[Target, Mapping[Outcome, int]]
    testcases: tuple[ScoredTestcase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScore:
    """What follows from the results of one subject for one scope.

    `versions` holds those that are effective, tolerated or draft today, newest first. `checked_at` is when the newest
    result is from; None when there is none.
    """

    subject: Subject
    scope: Scope
    versions: tuple[VersionScore, ...]
    checked_at: datetime | None = None

    @property
    def headline(self) -> VersionScore | None:
        """The version to speak of first: the newest effective or tolerated one that passes, else the newest of them."""
        counting = [v for v in self.versions if v.validity in (Validity.EFFECTIVE, Validity.WARN)]
        return next((v for v in counting if v.outcome is Outcome.PASS), counting[0] if counting else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One version in a cell of the table, with the counts of its main testcases."""

    version: str
    validity: Validity
    outcome: Outcome
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """What a row shows for one scope: a verdict per version, newest first; empty when nothing was ever reported.

    `worst` is the id of the subject that decided; of a group, that is its worst member. `checked_at` is the oldest of
    the members' newest results: the cell is as fresh as its stalest member.
    """

    scope: Scope
    verdicts: tuple[Verdict, ...]
    worst: str
    checked_at: datetime | None = None

    @property
    def headline(self) -> Verdict | None:
        """The verdict to speak of first; chosen as in `SubjectScore`."""
        counting = [v for v in self.verdicts if v.validity in (Validity.EFFECTIVE, Validity.WARN)]
        return next((v for v in counting if v.outcome is Outcome.PASS), counting[0] if counting else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row of the public table: a subject, or a group of them."""

    name: str
    operator: str
    description: str
    subjects: tuple[Subject, ...]
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The public table: rows in alphabetical order, one cell per scope, in the order of `scopes`."""

    as_of: datetime
    scopes: tuple[Scope, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """Everything the record says of one subject: its scores per scope and its newest reports, newest first."""

    as_of: datetime
    subject: Subject
    scores: tuple[SubjectScore, ...]
    reports: tuple[StoredReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecord:
    """One report with its results and exclusions, and where it belongs.

    `scope` is None when the catalogue no longer has it.
    """

    report: StoredReport
    subject: Subject
    scope: Scope | None
    results: tuple[StoredResult, ...]
    exclusions: tuple[Exclusion, ...] = ()


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


class EventKind(StrEnum):
    """What somebody may want to be told of."""

    TESTCASE = "testcase"
    """The result of a testcase that counts has another outcome than before."""
    VERDICT = "verdict"
    """The verdict on a version of a scope changed."""
    ATTESTATION = "attestation"
    """An assessor decided on an attestation."""
    CERTIFICATE = "certificate"
    """A certificate was issued, suspended, resumed or revoked."""
    EXPIRING = "expiring"
    """Results, a certificate or a token are about to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: of a subject, in one sentence, with the page that has more; `id` grows with each.

    `account` is set where it concerns one account only, as a token does. `key` is the same for events that say the same
    again, so that they are told of once.
    """

    id: int = 0
    at: datetime
    kind: EventKind
    subject: str | None
    account: str | None = None
    said: str
    page: str
    key: str = ""


class Channel(StrEnum):
    """How somebody is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An account wants to be told of events of its subjects (`subject`: of one of them), of these kinds.

    `position` is the id of the last event that was looked at for it. `secret` signs what a webhook gets.
    """

    id: UUID
    account: str
    channel: Channel
    address: str
    secret: str = field(repr=False)
    kinds: frozenset[EventKind]
    subject: str | None
    made_at: datetime
    position: int
    ended_at: datetime | None = None


class DeliveryState(StrEnum):
    """How it stands with a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message of one or more events to one subscription; `error` is what the last attempt ended with."""

    id: int
    subscription: UUID
    events: tuple[int, ...]
    state: DeliveryState
    attempts: int
    next_at: datetime
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An entry of the transparency log: its number, from 0, and the bytes of which its leaf is the hash."""

    number: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """The worst outcome that was reported for a testcase on one day (UTC)."""

    day: str
    outcome: Outcome


class Reason(StrEnum):
    """Why a submission is refused; the last part of the `type` of the problem that is answered."""

    NOT_AUTHENTICATED = "not-authenticated"
    TOKEN_ENDED = "token-ended"  # noqa: S105 -- a reason, no secret
    TOKEN_SCOPE = "token-scope"  # noqa: S105 -- likewise
    UNSIGNED = "unsigned"
    SIGNATURE_INVALID = "signature-invalid"
    UNKNOWN_SIGNER = "unknown-signer"
    FOREIGN_SUBJECT = "foreign-subject"
    TOO_LARGE = "too-large"
    UNSUPPORTED_FORM = "unsupported-form"
    MALFORMED = "malformed"
    NO_RESULTS = "no-results"
    FROM_THE_FUTURE = "from-the-future"
    TOO_OLD = "too-old"
    INCONSISTENT_TIMES = "inconsistent-times"
    UNKNOWN_SCOPE = "unknown-scope"
    UNKNOWN_TESTCASE = "unknown-testcase"
    DUPLICATE_TESTCASE = "duplicate-testcase"
    EXCLUSION = "exclusion-not-in-order"
    CONFLICT = "conflict"
    NOT_ADMIN = "not-admin"
    NOT_ASSESSOR = "not-assessor"
    OWN_ATTESTATION = "own-attestation"
    NO_ATTESTATION = "no-attestation"
    DECIDED_ALREADY = "decided-already"
    NO_REASON = "no-reason"
    NOT_CERTIFIABLE = "not-certifiable"
    CERTIFIED_ALREADY = "certified-already"
    STANDING = "standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A submission is not accepted: nothing of it is stored. `detail` is one sentence, `hint` what to do next."""

    reason: Reason
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One report of an accepted submission; `is_new` is False when the very same report was in the record already."""

    report: UUID
    subject: str
    scope: UUID
    results: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A submission is accepted. `digest` is the SHA-256 of the signed bytes."""

    digest: str
    fingerprint: str
    lines: tuple[ReceiptLine, ...] = field(default=())
