"""The record for other programs: CSV for spreadsheets, OSCAL, metrics for Prometheus, and what is due for CI."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from allmende.registry.api.metrics import CONTENT_TYPE, table_metrics
from allmende.registry.model.scores import SubjectRecord, Table
from allmende.registry.rules.due import SOON, Due, Why, due
from allmende.registry.rules.summary import summary
from allmende.registry.run import read
from allmende.registry.run.registry import Registry
from allmende.report.formats import oscal
from allmende.report.reading import reading
from allmende.standards.model import Target

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
MOST_DAYS = 400
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class DueView(BaseModel):
    """A testcase that must run again before `by`; `automated` tells whether a program can do it."""

    scope: str
    testcase: str
    automated: bool
    target: Target
    versions: tuple[str, ...]
    why: Why
    by: datetime

    @classmethod
    def of(cls, each: Due) -> "DueView":
        """Return the view of what is due."""
        return cls(
            scope=each.scope.id,
            testcase=each.testcase,
            automated=each.automated,
            target=each.target,
            versions=each.versions,
            why=each.why,
            by=each.by,
        )


class DueListView(BaseModel):
    """What is due of a subject, the most urgent first."""

    as_of: datetime
    subject: str
    due: list[DueView]


def export_routes(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes that write the record in the forms of other programs."""
    router = APIRouter(tags=["exports"])

    remembered = registry.memory.answers.of_this_minute

    @router.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """Return what every subject passes, in the text form of Prometheus."""
        now = clock()
        text = remembered(
            "/metrics", read.state(registry), now, lambda: table_metrics(read.cells(registry, now).entries.values())
        )
        return Response(text, media_type=CONTENT_TYPE)

    @router.get("/api/table.csv", response_class=Response)
    def table() -> Response:
        """Return the public table as CSV: a line per row and scope."""
        now = clock()
        text = remembered("/api/table.csv", read.state(registry), now, lambda: _table(read.table(registry, now)))
        return Response(text, media_type=CSV)

    @router.get("/api/subjects/{subject}/results.csv", response_class=Response)
    def results(subject: str) -> Response:
        """Return the newest result of each testcase of a subject as CSV."""
        now, state = clock(), read.state_of(registry, subject)
        address = f"/api/subjects/{subject}/results.csv"
        text = remembered(address, state, now, lambda: _results(read.subject_record(registry, subject, now)))
        return Response(text, media_type=CSV)

    @router.get("/api/subjects/{subject}/oscal/{scope}", response_class=Response)
    def assessment(subject: str, scope: str, version: str = "") -> Response:
        """Return what counts of a subject today as OSCAL assessment results (NIST, JSON).

        Read against a version of the scope: the one to speak of first, if none is named.
        """
        now = clock()
        found = read.score_called(registry, subject, scope, version, now)
        report = summary(*found, now)
        return Response(oscal.write(reading(report, registry.standards, found[1].version)), media_type=JSON)

    @router.get("/api/subjects/{subject}/due")
    def due_again(subject: str, days: Annotated[int, Query(ge=0, le=MOST_DAYS)] = SOON.days) -> DueListView:
        """Return which testcases of a subject must run again, and by when: now, or within so many days."""
        record = read.subject_record(registry, subject, clock())
        found = due(record.scores, record.as_of, timedelta(days=days))
        return DueListView(as_of=record.as_of, subject=subject, due=[DueView.of(each) for each in found])

    return router


def _table(table: Table) -> bytes:
    lines = [
        (
            row.name,
            row.operator,
            " ".join(subject.id for subject in row.subjects),
            cell.scope.id,
            cell.headline.version if cell.headline else "",
            cell.headline.outcome if cell.headline else "",
            cell.checked_at.isoformat(),
        )
        for row in table.rows
        for cell in row.cells
        if cell.checked_at is not None
    ]
    return _csv(("name", "operator", "subjects", "scope", "version", "outcome", "checked_at"), lines)


def _results(record: SubjectRecord) -> bytes:
    lines = []
    for score in record.scores:
        by_testcase = {line.testcase.id: line for version in reversed(score.versions) for line in version.testcases}
        for id_, line in by_testcase.items():
            result = line.result
            lines.append(
                (
                    score.scope.id,
                    id_,
                    line.outcome,
                    result.outcome if result else "",
                    result.checked_at.isoformat() if result else "",
                    line.expires_at.isoformat() if line.expires_at else "",
                    str(result.report) if result else "",
                    result.summary if result else "",
                )
            )
    headings = ("scope", "testcase", "outcome", "reported", "checked_at", "expires_at", "report", "summary")
    return _csv(headings, lines)


def _csv(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """Return the lines as RFC 4180 has them; what a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in line] for line in lines)
    return text.getvalue().encode()
