"""The rows of submissions, reports and results, and of the current results that follow from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Executable, RowMapping, Select, and_, func, insert, not_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from allmende.outcome import Evidence, Outcome
from allmende.registry.model.assessment import Decision
from allmende.registry.model.record import CurrentResult, ReportedResult, StoredReport, StoredResult, Submission
from allmende.registry.store import revision
from allmende.registry.store.tables import current_results, exclusions, reports, results, rulings, subjects, submissions
from allmende.report.document import Report, Result
from allmende.standards.exclusions import Exclusion

_SKEW = timedelta(hours=1)


def _replacing(put: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    replaced = {name: put.excluded[name] for name in ("report", "outcome", "checked_at", "last_passed")}
    return put.on_conflict_do_update(index_elements=["subject", "scope", "testcase"], set_=replaced)


# Made once: making the statement would take as long as half of carrying it out.
_put_current: Mapping[str, Executable] = {
    "sqlite": _replacing(sqlite.insert(current_results)),
    "postgresql": _replacing(postgresql.insert(current_results)),
}


def add_submission(connection: Connection, submission: Submission) -> int:
    """Store the bytes of a submission; return its number."""
    number = connection.execute(
        insert(submissions)
        .values(
            digest=submission.digest,
            account=submission.account,
            media_type=submission.media_type,
            signature=submission.signature,
            content=submission.content,
            fingerprint=submission.fingerprint,
            received_at=submission.received_at,
        )
        .returning(submissions.c.id)
    ).scalar_one()
    return int(number)


def add(connection: Connection, submission: int, report: Report, content_digest: str) -> None:
    """Store a report with its results and exclusions."""
    connection.execute(
        insert(reports).values(
            id=report.id,
            submission=submission,
            content_digest=content_digest,
            subject=report.subject,
            scope=report.scope,
            scope_name=report.scope_name,
            tool=f"{report.tool.name} {report.tool.version}",
            complete=report.complete,
            requests=report.requests,
            started_at=report.started_at,
            finished_at=report.finished_at,
        )
    )
    connection.execute(insert(results), [_result_row(report.id, result) for result in report.results])
    if report.exclusions:
        rows = [{"report": report.id, **exclusion.model_dump()} for exclusion in report.exclusions]
        connection.execute(insert(exclusions), rows)


def content_digest(connection: Connection, id_: UUID) -> str | None:
    """Return the content digest of the report with this id; None when there is none."""
    return connection.execute(select(reports.c.content_digest).where(reports.c.id == id_)).scalar()


def find(connection: Connection, id_: UUID) -> StoredReport | None:
    """Return the report with this id; None when there is none."""
    row = connection.execute(_stored_reports().where(reports.c.id == id_)).mappings().one_or_none()
    return None if row is None else StoredReport(**row)


def newest(connection: Connection, subject: str, limit: int) -> tuple[StoredReport, ...]:
    """Return the newest reports of a subject, newest first."""
    query = _stored_reports().where(reports.c.subject == subject).order_by(reports.c.finished_at.desc()).limit(limit)
    return tuple(StoredReport(**row) for row in connection.execute(query).mappings())


def newest_ids(connection: Connection, of: Collection[str], limit: int, skip: int) -> tuple[UUID, ...]:
    """Return the ids of the newest reports of these subjects, newest first."""
    query = select(reports.c.id).where(reports.c.subject.in_(of)).order_by(reports.c.finished_at.desc(), reports.c.id)
    return tuple(connection.execute(query.limit(limit).offset(skip)).scalars())


def submission_of(connection: Connection, id_: UUID) -> Submission | None:
    """Return the submission a report came in, with its bytes; None when there is no such report."""
    columns = [column for column in submissions.c if column.name not in ("id", "digest")]
    query = select(*columns).join(reports, reports.c.submission == submissions.c.id).where(reports.c.id == id_)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Submission(**row)


def results_of(connection: Connection, id_: UUID) -> tuple[StoredResult, ...]:
    """Return the results of a report by their testcases."""
    rows = connection.execute(select(results).where(results.c.report == id_).order_by(results.c.testcase))
    return tuple(map(_stored_result, rows.mappings()))


def exclusions_of(connection: Connection, report: UUID) -> tuple[Exclusion, ...]:
    """Return the exclusions that a report declares, by their testcases."""
    rows = connection.execute(select(exclusions).where(exclusions.c.report == report).order_by(exclusions.c.testcase))
    return tuple(map(_exclusion, rows.mappings()))


def exclusions_behind(connection: Connection, subject: str) -> Mapping[UUID, Sequence[Exclusion]]:
    """Return the exclusions of the reports that a subject's current results came in, by those reports."""
    behind = select(current_results.c.report).where(current_results.c.subject == subject)
    found: dict[UUID, list[Exclusion]] = {}
    for row in connection.execute(select(exclusions).where(exclusions.c.report.in_(behind))).mappings():
        found.setdefault(row["report"], []).append(_exclusion(row))
    return found


def lock(connection: Connection, subject: str) -> None:
    """Let other transactions that change the current results of this subject wait for the end of this one."""
    connection.execute(select(subjects.c.id).where(subjects.c.id == subject).with_for_update())


def current(connection: Connection, *of: str) -> Mapping[tuple[str, UUID], Sequence[CurrentResult]]:
    """Return the current results, of these subjects or of all when none is named, by subject and scope."""
    query = select(current_results)
    if of:
        query = query.where(current_results.c.subject.in_(of))
    found: dict[tuple[str, UUID], list[CurrentResult]] = {}
    for row in connection.execute(query):
        found.setdefault((row.subject, row.scope), []).append(
            CurrentResult(
                testcase=row.testcase,
                outcome=Outcome(row.outcome),
                checked_at=row.checked_at,
                report=row.report,
                last_passed=row.last_passed,
            )
        )
    return found


def current_in_full(connection: Connection, subject: str) -> tuple[tuple[UUID, StoredResult], ...]:
    """Return the current results of a subject with their evidence, each with the scope it belongs to."""
    query = (
        select(current_results.c.scope, results)
        .join(
            results,
            and_(results.c.report == current_results.c.report, results.c.testcase == current_results.c.testcase),
        )
        .where(current_results.c.subject == subject)
    )
    return tuple((row["scope"], _stored_result(row)) for row in connection.execute(query).mappings())


def put_current(connection: Connection, subject: str, scope: UUID, changed: Iterable[CurrentResult]) -> None:
    """Store these current results in the place of those there were, as the last step of what changed the subject."""
    rows = [
        {
            "subject": subject,
            "scope": scope,
            "testcase": result.testcase,
            "report": result.report,
            "outcome": result.outcome,
            "checked_at": result.checked_at,
            "last_passed": result.last_passed,
        }
        for result in changed
    ]
    if rows:
        connection.execute(_put_current[connection.dialect.name], rows)
    # Other writers wait from here on.
    revision.advance(connection, subject)


def outcomes_since(
    connection: Connection, subject: str, scope: UUID, since: datetime
) -> tuple[tuple[str, datetime, Outcome], ...]:
    """Return testcase, time and outcome of every result since then, oldest first."""
    query = (
        select(results.c.testcase, results.c.checked_at, results.c.outcome)
        .join(reports, reports.c.id == results.c.report)
        .where(reports.c.subject == subject, reports.c.scope == scope, reports.c.finished_at >= since)
        .where(results.c.checked_at >= since)
        .order_by(results.c.checked_at)
    )
    return tuple((row.testcase, row.checked_at, Outcome(row.outcome)) for row in connection.execute(query))


def recent_results(
    connection: Connection,
    of: Collection[str],
    since: datetime,
    *,
    manual: Collection[str],
    approved: bool | None,
    limit: int,
    skip: int,
) -> tuple[ReportedResult, ...]:
    """Return the results of these subjects since then, newest first; only those that are approved, or not, if asked.

    A pass is approved, that of a testcase which people judge (`manual`) when an assessor has accepted it.
    """
    accepted = select(rulings.c.id).where(
        rulings.c.report == results.c.report,
        rulings.c.testcase == results.c.testcase,
        rulings.c.decision == Decision.ACCEPT,
    )
    counts = and_(results.c.outcome == Outcome.PASS, or_(results.c.testcase.not_in(manual), accepted.exists()))
    query = (
        select(reports.c.subject, reports.c.scope, results, counts.label("is_approved"))
        .join(reports, reports.c.id == results.c.report)
        # A run ends after its results; the first condition is the one that an index helps with.
        .where(reports.c.subject.in_(of), reports.c.finished_at >= since - _SKEW, results.c.checked_at >= since)
        .order_by(results.c.checked_at.desc(), results.c.report, results.c.testcase)
        .limit(limit)
        .offset(skip)
    )
    if approved is not None:
        query = query.where(counts if approved else not_(counts))
    return tuple(
        ReportedResult(
            report=row.report,
            subject=row.subject,
            scope=row.scope,
            testcase=row.testcase,
            outcome=Outcome(row.outcome),
            checked_at=row.checked_at,
            is_approved=bool(row.is_approved),
        )
        for row in connection.execute(query)
    )


def count(connection: Connection) -> int:
    """Return how many reports there are."""
    return connection.execute(select(func.count()).select_from(reports)).scalar_one()


def _stored_reports() -> Select[tuple[object, ...]]:
    of_report = [column for column in reports.c if column.name not in ("submission", "content_digest")]
    of_submission = [submissions.c[name] for name in ("received_at", "account", "fingerprint", "digest", "media_type")]
    return select(*of_report, *of_submission).join(submissions, submissions.c.id == reports.c.submission)


def _result_row(report: UUID, result: Result) -> dict[str, object]:
    return {
        "report": report,
        "testcase": result.testcase,
        "outcome": result.outcome,
        "checked_at": result.checked_at,
        "summary": result.summary,
        "evidence": [evidence.model_dump(mode="json") for evidence in result.evidence],
        "notes": list(result.notes),
    }


def _exclusion(row: RowMapping) -> Exclusion:
    return Exclusion(**{name: row[name] for name in ("testcase", "reason", "owner", "expires")})


def _stored_result(row: RowMapping) -> StoredResult:
    return StoredResult(
        report=row["report"],
        testcase=row["testcase"],
        outcome=Outcome(row["outcome"]),
        checked_at=row["checked_at"],
        summary=row["summary"],
        evidence=tuple(Evidence(**evidence) for evidence in row["evidence"]),
        notes=tuple(row["notes"]),
    )
