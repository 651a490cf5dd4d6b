"""The JSON of the API: what a client sees of the record. Times are ISO 8601 in UTC, outcomes the standard's words."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, ReportRecord, StoredReport, StoredResult, Subject
from allmende.registry.model.scores import SubjectRecord, Table, TableCell, VersionScore
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Scope, Target, Testcase, Validity


class ScopeReference(BaseModel):
    """A scope by its names."""

    id: str
    uuid: UUID
    name: str

    @classmethod
    def of(cls, scope: Scope) -> "ScopeReference":
        """Return the reference to a scope."""
        return cls(id=scope.id, uuid=UUID(scope.uuid), name=scope.name)


class SubjectView(BaseModel):
    """A subject."""

    id: str
    name: str
    operator: str
    description: str
    group: str
    url: str
    health_url: str
    country: str

    @classmethod
    def of(cls, subject: Subject) -> "SubjectView":
        """Return the view of a subject."""
        return cls(
            id=subject.id,
            name=subject.name,
            operator=subject.operator,
            description=subject.description,
            group=subject.group,
            url=subject.url,
            health_url=subject.health_url,
            country=subject.country,
        )


class VerdictView(BaseModel):
    """The outcome of one version, with how many of its main testcases have which outcome."""

    version: str
    validity: Validity
    outcome: Outcome
    counts: dict[Outcome, int]


class CellView(BaseModel):
    """What a row says of a scope; `version` and `outcome` are those to speak of first, null when there are none."""

    scope: str
    version: str | None
    outcome: Outcome | None
    checked_at: datetime | None
    worst: str
    verdicts: list[VerdictView]

    @classmethod
    def of(cls, cell: TableCell) -> "CellView":
        """Return the view of a cell."""
        verdicts = [
            VerdictView(version=v.version, validity=v.validity, outcome=v.outcome, counts=dict(v.counts))
            for v in cell.verdicts
        ]
        headline = cell.headline
        return cls(
            scope=cell.scope.id,
            version=headline.version if headline else None,
            outcome=headline.outcome if headline else None,
            checked_at=cell.checked_at,
            worst=cell.worst,
            verdicts=verdicts,
        )


class RowView(BaseModel):
    """A row of the table: a subject, or a group of them."""

    name: str
    operator: str
    description: str
    subjects: list[SubjectView]
    cells: list[CellView]


class TableView(BaseModel):
    """The public table."""

    as_of: datetime
    scopes: list[ScopeReference]
    rows: list[RowView]

    @classmethod
    def of(cls, table: Table) -> "TableView":
        """Return the view of the table."""
        rows = [
            RowView(
                name=row.name,
                operator=row.operator,
                description=row.description,
                subjects=[SubjectView.of(subject) for subject in row.subjects],
                cells=[CellView.of(cell) for cell in row.cells],
            )
            for row in table.rows
        ]
        return cls(as_of=table.as_of, scopes=[ScopeReference.of(scope) for scope in table.scopes], rows=rows)


class ExclusionView(BaseModel):
    """A testcase is knowingly left as it is; its result stays what it is. `is_over` once `expires` has passed."""

    testcase: str
    reason: str
    owner: str
    expires: date
    is_over: bool

    @classmethod
    def of(cls, exclusion: Exclusion, now: datetime) -> "ExclusionView":
        """Return the view of an exclusion as it stands now."""
        return cls(
            testcase=exclusion.testcase,
            reason=exclusion.reason,
            owner=exclusion.owner,
            expires=exclusion.expires,
            is_over=exclusion.is_over(now),
        )


class EvidenceView(BaseModel):
    """One thing that was looked at."""

    subject: str
    seen: str
    demanded: str
    ok: bool


class ResultView(BaseModel):
    """The result of one testcase in one report."""

    report: UUID
    testcase: str
    outcome: Outcome
    checked_at: datetime
    summary: str
    evidence: list[EvidenceView]
    notes: list[str]

    @classmethod
    def of(cls, result: StoredResult) -> "ResultView":
        """Return the view of a result."""
        return cls(
            report=result.report,
            testcase=result.testcase,
            outcome=result.outcome,
            checked_at=result.checked_at,
            summary=result.summary,
            evidence=[
                EvidenceView(subject=e.subject, seen=e.seen, demanded=e.demanded, ok=e.ok) for e in result.evidence
            ],
            notes=list(result.notes),
        )


class ScoredTestcaseView(BaseModel):
    """One line of a score card; MISS when there is no result or its lifetime has ended. `runbook` is a page here."""

    testcase: str
    title: str
    target: Target
    outcome: Outcome
    expires_at: datetime | None
    last_passed: datetime | None
    exclusion: ExclusionView | None
    runbook: str
    result: ResultView | None


class VersionScoreView(BaseModel):
    """The score card of one version."""

    version: str
    validity: Validity
    outcome: Outcome
    counts: dict[Target, dict[Outcome, int]]
    testcases: list[ScoredTestcaseView]

    @classmethod
    def of(cls, score: VersionScore, now: datetime) -> "VersionScoreView":
        """Return the view of a score card as it stands now."""
        lines = [
            ScoredTestcaseView(
                testcase=line.testcase.id,
                title=line.testcase.title,
                target=line.target,
                outcome=line.outcome,
                expires_at=line.expires_at,
                last_passed=line.last_passed,
                exclusion=ExclusionView.of(line.exclusion, now) if line.exclusion else None,
                runbook=f"/testcases/{line.testcase.id}",
                result=ResultView.of(line.result) if line.result else None,
            )
            for line in score.testcases
        ]
        return cls(
            version=score.version.name,
            validity=score.validity,
            outcome=score.outcome,
            counts={target: dict(counts) for target, counts in score.counts.items()},
            testcases=lines,
        )


class SubjectScoreView(BaseModel):
    """What follows from the results of a subject for a scope."""

    scope: ScopeReference
    checked_at: datetime | None
    versions: list[VersionScoreView]


class ReportView(BaseModel):
    """A report, without its results."""

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

    @classmethod
    def of(cls, report: StoredReport) -> "ReportView":
        """Return the view of a report."""
        return cls(**{name: getattr(report, name) for name in cls.model_fields})


class SubjectRecordView(BaseModel):
    """Everything the record says of one subject."""

    as_of: datetime
    subject: SubjectView
    scores: list[SubjectScoreView]
    reports: list[ReportView]

    @classmethod
    def of(cls, record: SubjectRecord) -> "SubjectRecordView":
        """Return the view of a record."""
        scores = [
            SubjectScoreView(
                scope=ScopeReference.of(score.scope),
                checked_at=score.checked_at,
                versions=[VersionScoreView.of(version, record.as_of) for version in score.versions],
            )
            for score in record.scores
        ]
        return cls(
            as_of=record.as_of,
            subject=SubjectView.of(record.subject),
            scores=scores,
            reports=[ReportView.of(report) for report in record.reports],
        )


class ReportRecordView(BaseModel):
    """One report with its results and exclusions."""

    report: ReportView
    subject: SubjectView
    results: list[ResultView]
    exclusions: list[ExclusionView]

    @classmethod
    def of(cls, record: ReportRecord, now: datetime) -> "ReportRecordView":
        """Return the view of a report as it stands now."""
        return cls(
            report=ReportView.of(record.report),
            subject=SubjectView.of(record.subject),
            results=[ResultView.of(result) for result in record.results],
            exclusions=[ExclusionView.of(exclusion, now) for exclusion in record.exclusions],
        )


class DayView(BaseModel):
    """The worst outcome of a testcase on one day (UTC)."""

    day: str
    outcome: Outcome


class ReceiptLineView(BaseModel):
    """One report of an accepted submission; `is_new` is false when it was in the record already."""

    report: UUID
    subject: str
    scope: UUID
    results: int
    is_new: bool
    page: str


class ReceiptView(BaseModel):
    """A submission was accepted; `digest` is the SHA-256 of the signed bytes, `fingerprint` names the key."""

    digest: str
    fingerprint: str
    reports: list[ReceiptLineView]

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptView":
        """Return the view of a receipt."""
        lines = [
            ReceiptLineView(
                report=line.report,
                subject=line.subject,
                scope=line.scope,
                results=line.results,
                is_new=line.is_new,
                page=f"/reports/{line.report}",
            )
            for line in receipt.lines
        ]
        return cls(digest=receipt.digest, fingerprint=receipt.fingerprint, reports=lines)


class VersionView(BaseModel):
    """A version of a scope: its validity today, and the ids of its testcases by target."""

    name: str
    validity: Validity
    testcases: dict[Target, list[str]]


class ScopeView(BaseModel):
    """A scope with its versions, newest first."""

    id: str
    uuid: UUID
    name: str
    level: str
    layer: str
    url: str
    versions: list[VersionView]


class TestcaseView(BaseModel):
    """A testcase: what is demanded, where, and how to satisfy it."""

    id: str
    title: str
    standard: str
    section: str
    demand: str
    remedy: str
    url: str
    lifetime: str
    automated: bool
    own: bool
    attestation: tuple[str, ...]
    parameters: Mapping[str, str | tuple[str, ...]]

    @classmethod
    def of(cls, testcase: Testcase) -> "TestcaseView":
        """Return the view of a testcase."""
        return cls(**{name: getattr(testcase, name) for name in cls.model_fields})


class StandardsView(BaseModel):
    """What is demanded: scopes with their versions, and testcases."""

    scopes: list[ScopeView]
    testcases: list[TestcaseView]
