"""The reading half of the API: the table, subjects, reports and standards as JSON. Everything here is public."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from allmende.registry.api.views import (
    DayView,
    ReportRecordView,
    ScopeView,
    StandardsView,
    SubjectRecordView,
    TableView,
    TestcaseView,
    VersionView,
)
from allmende.registry.run import read
from allmende.registry.run.registry import Registry
from allmende.standards.model import Scope, Target

HISTORY_DAYS = 548
"""18 months, which scs-0004 promises to be public."""


def reading_routes(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes that read the record."""
    router = APIRouter(prefix="/api", tags=["record"])

    def remembered(address: str, state: int | None, now: datetime, make: Callable[[], BaseModel]) -> Response:
        document = registry.memory.answers.of_this_minute(
            address, state, now, lambda: make().model_dump_json().encode()
        )
        return Response(document, media_type="application/json")

    @router.get("/health")
    def health() -> dict[str, str]:
        """Answer that the registry and its database can be used."""
        read.list_subjects(registry)
        return {"status": "ok"}

    @router.get("/table", response_model=TableView)
    def table() -> Response:
        """Return the public table: subjects and groups by scopes. It may be from earlier in the same minute."""
        now = clock()
        return remembered("/table", read.state(registry), now, lambda: TableView.of(read.table(registry, now)))

    @router.get("/subjects/{subject}", response_model=SubjectRecordView)
    def subject(subject: str) -> Response:
        """Return a subject's score cards with evidence, and its newest reports, as of this minute."""
        now, state = clock(), read.state_of(registry, subject)
        return remembered(
            f"/subjects/{subject}",
            state,
            now,
            lambda: SubjectRecordView.of(read.subject_record(registry, subject, now)),
        )

    @router.get("/subjects/{subject}/history/{scope}")
    def history(
        subject: str, scope: str, days: Annotated[int, Query(ge=1, le=HISTORY_DAYS)] = HISTORY_DAYS
    ) -> dict[str, list[DayView]]:
        """Return per testcase the worst outcome of each day that had a result."""
        found = read.scope_called(registry, scope)
        since = clock() - timedelta(days=days)
        by_testcase = read.history(registry, subject, UUID(found.uuid), since)
        return {id_: [DayView(day=d.day, outcome=d.outcome) for d in of_days] for id_, of_days in by_testcase.items()}

    @router.get("/reports/{report}")
    def report(report: UUID) -> ReportRecordView:
        """Return a report with its results and exclusions."""
        return ReportRecordView.of(read.report_record(registry, report), clock())

    @router.get("/reports/{report}/signature", response_class=Response)
    def signature(report: UUID) -> Response:
        """Return the OpenSSH signature of a report, for `ssh-keygen -Y check-novalidate -n report -s FILE`."""
        return Response(read.submission_of(registry, report).signature, media_type="text/plain; charset=us-ascii")

    _add_catalogue(router, registry, clock)
    return router


def _add_catalogue(router: APIRouter, registry: Registry, clock: Callable[[], datetime]) -> None:
    @router.get("/standards")
    def standards() -> StandardsView:
        """Return the scopes, their versions and the testcases."""
        today = clock().astimezone(UTC).date()
        return StandardsView(
            scopes=[_scope_view(scope, today) for scope in registry.standards.scopes],
            testcases=[TestcaseView.of(testcase) for testcase in registry.standards.testcases.values()],
        )

    @router.get("/scopes/{scope}")
    def scope(scope: str) -> ScopeView:
        """Return one scope, by its id or UUID."""
        return _scope_view(read.scope_called(registry, scope), clock().astimezone(UTC).date())


def _scope_view(scope: Scope, today: date) -> ScopeView:
    return ScopeView(
        id=scope.id,
        uuid=UUID(scope.uuid),
        name=scope.name,
        level=scope.level,
        layer=scope.layer,
        url=scope.url,
        versions=[
            VersionView(
                name=version.name,
                validity=scope.validity(version.name, today),
                testcases={target: list(version.testcases(target)) for target in Target},
            )
            for version in scope.versions
        ],
    )
