"""What is recorded: subjects, what was sent, and what it says."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from allmende.canonical import digest
from allmende.outcome import Evidence, Outcome
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Scope


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
class Subject:
    """What is tested: a cloud region, a cluster, a configuration.

    Subjects with the same `group` (a title; empty for none) are one row of the table. `country` is where it stands, as
    two capital letters (ISO 3166-1 alpha-2); empty when that is not known.
    """

    id: str
    name: str
    operator: str = ""
    description: str = ""
    group: str = ""
    url: str = ""
    health_url: str = ""
    country: str = ""


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
class LogEntry:
    """An entry of the transparency log: its number, from 0, and the bytes of which its leaf is the hash."""

    number: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """The worst outcome that was reported for a testcase on one day (UTC)."""

    day: str
    outcome: Outcome


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
