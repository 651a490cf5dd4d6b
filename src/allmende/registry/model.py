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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who reports: a name with tokens and signing keys, and the ids of the subjects it may report for."""

    name: str
    created_at: datetime
    subjects: frozenset[str] = frozenset()


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
    """The outcome of one testcase in one report, with the subject and scope it is about."""

    report: UUID
    subject: str
    scope: UUID
    testcase: str
    outcome: Outcome
    checked_at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """The worst outcome that was reported for a testcase on one day (UTC)."""

    day: str
    outcome: Outcome


class Reason(StrEnum):
    """Why a submission is refused; the last part of the `type` of the problem that is answered."""

    NOT_AUTHENTICATED = "not-authenticated"
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
