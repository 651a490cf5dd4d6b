"""The JSON and metrics of the SCS compliance monitor's addresses, so that a registry can stand in its place.

Translations only: which facts each address answers with is documented in `docs/reference/public-monitor-paths.md`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.registry.api.credentials import UNAUTHENTICATED, account_of, not_yours
from allmende.registry.api.metrics import CONTENT_TYPE, subject_metrics
from allmende.registry.api.problems import refused
from allmende.registry.api.public_status import status_document, without_offset
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.record import ReportedResult
from allmende.registry.model.refusals import Refusal
from allmende.registry.rules.public_monitor import NUMBERS
from allmende.registry.run import public_monitor, read
from allmende.registry.run.registry import Registry
from allmende.web.gate import Credentials
from allmende.web.problem import Problem, problem_response
from allmende.web.render import Templates

ANY_VERSION = "*"
"""What stands for the version of a result: it is of a testcase, whichever versions list that."""

MOST = 1000
MOST_SKIPPED = 2**31 - 1

Limit = Annotated[int, Query(ge=0, le=MOST)]
Skip = Annotated[int, Query(ge=0, le=MOST_SKIPPED)]

NOT_APPROVED = Problem(
    status=405,
    title="Results are not approved here",
    detail="A result counts as it was measured and signed; nobody can make a failure count as a pass.",
    next="Send a new report once it passes. What people judge: POST /api/reports/{report}/attestations/{testcase}.",
    type="urn:allmende:problem:not-approved",
)


class RecentResultView(BaseModel):
    """A result as the monitor lists it. `approval` tells whether it counts as a pass."""

    reportuuid: UUID
    subject: str
    checked_at: datetime
    scopeuuid: UUID
    version: str
    check: str
    result: int | None
    approval: bool

    @classmethod
    def of(cls, result: ReportedResult) -> "RecentResultView":
        """Return the view of a result."""
        return cls(
            reportuuid=result.report,
            subject=result.subject,
            checked_at=without_offset(result.checked_at),
            scopeuuid=result.scope,
            version=ANY_VERSION,
            check=result.testcase,
            result=NUMBERS[result.outcome],
            approval=result.is_approved,
        )


def own_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the routes on which an account finds what was reported of its subjects."""
    router = APIRouter(tags=["public monitor"])

    @router.get("/reports", response_class=Response, responses=dict(UNAUTHENTICATED))
    def reports(
        request: Request, credentials: Credentials, subject: str | None = None, limit: Limit = 10, skip: Skip = 0
    ) -> Response:
        """Return the newest reports of the account's subjects as documents of the SCS test suite, newest first."""
        account = account_of(registry, credentials, TokenScope.READ, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        if subject and subject not in account.subjects:
            return refused(not_yours(account, subject), request, templates)
        found = public_monitor.own_documents(registry, account, subject or None, limit, skip)
        return Response(to_json(found, fallback=str), media_type="application/json")

    @router.get("/results", response_model=list[RecentResultView], responses=dict(UNAUTHENTICATED))
    def results(
        request: Request,
        credentials: Credentials,
        *,
        approved: bool | None = None,
        limit: Limit = 10,
        skip: Skip = 0,
    ) -> Response:
        """Return the newest results of the account's subjects from the last seven days, newest first."""
        account = account_of(registry, credentials, TokenScope.READ, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        found = public_monitor.recent_results(registry, account, clock(), approved=approved, limit=limit, skip=skip)
        return JSONResponse([RecentResultView.of(result).model_dump(mode="json") for result in found])

    return router


def public_monitor_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the routes that answer with JSON or metrics; the views are pages."""
    router = APIRouter(tags=["public monitor"])

    @router.post("/results", status_code=405, response_class=Response)
    def approve(request: Request) -> Response:
        """Answer that results are not approved here."""
        response = problem_response(NOT_APPROVED, request, templates)
        response.headers["Allow"] = "GET"
        return response

    @router.get("/status", response_class=Response)
    def status(request: Request, subject: str | None = None, scopeuuid: UUID | None = None) -> Response:
        """Return what counts now of every subject, by scope: results, versions, and the versions that do not fail."""
        accepted = request.headers.get("Accept", "*/*")
        if not any(kind in accepted for kind in ("application/json", "application/*", "*/*")):
            raise HTTPException(406, "This address answers with application/json only.")
        now = clock()
        state = read.state(registry) if subject is None else read.state_of(registry, subject)
        key, stamp = ("/status", subject, scopeuuid), (state, now.astimezone(UTC).date())

        def document() -> bytes:
            if subject is None:
                standings = public_monitor.standings(registry, now)
            else:
                standings = public_monitor.standings_of(registry, subject, now)
            return to_json(status_document(standings, registry.standards, scopeuuid))

        return Response(registry.memory.answers.remembered(key, stamp, document), media_type="application/json")

    @router.get("/metrics/{subject}", response_class=Response)
    def metrics(subject: str) -> Response:
        """Return the metrics of one subject in the text form of Prometheus; they are public, as the record is."""
        return Response(subject_metrics(read.subject_record(registry, subject, clock())), media_type=CONTENT_TYPE)

    @router.get("/healthz", response_class=Response)
    def health() -> Response:
        """Answer with nothing when the registry and its database can be used."""
        read.list_subjects(registry)
        return Response()

    return router
