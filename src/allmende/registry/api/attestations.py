"""Attestations as data. What waits and what was decided is public; deciding takes an assessor's token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.registry.api.credentials import account_of
from allmende.registry.api.problems import refused
from allmende.registry.api.views import ResultView
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.assessment import Attestation, Decision, Ruling
from allmende.registry.model.refusals import Refusal
from allmende.registry.run.attest import attested, decide
from allmende.registry.run.registry import Registry
from allmende.web.gate import Credentials
from allmende.web.render import Templates

_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "No assessor's account, or one that reports for this subject itself",
        404: "There is no such attestation",
        409: "It was decided already",
        422: "The reason is missing",
    }.items()
}


class RulingView(BaseModel):
    """A decision of an assessor."""

    at: datetime
    account: str
    decision: Decision
    reason: str

    @classmethod
    def of(cls, ruling: Ruling) -> "RulingView":
        """Return the view of a decision."""
        return cls(at=ruling.at, account=ruling.account, decision=ruling.decision, reason=ruling.reason)


class AttestationView(BaseModel):
    """What an operator states of a testcase that people judge; it counts from when it is accepted."""

    subject: str
    scope: UUID
    account: str
    is_open: bool
    decision: Decision | None
    result: ResultView
    rulings: list[RulingView]
    page: str

    @classmethod
    def of(cls, attestation: Attestation) -> "AttestationView":
        """Return the view of an attestation."""
        report = attestation.report
        return cls(
            subject=report.subject,
            scope=report.scope,
            account=report.account,
            is_open=attestation.is_open,
            decision=attestation.decision,
            result=ResultView.of(attestation.result),
            rulings=[RulingView.of(ruling) for ruling in attestation.rulings],
            page=f"/reports/{report.id}#{attestation.result.testcase}",
        )


class DecisionBody(BaseModel):
    """What an assessor decides, and why; rejecting and asking need a reason."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: str = ""


def attestation_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the routes of attestations."""
    router = APIRouter(prefix="/api", tags=["attestations"])

    @router.get("/attestations")
    def attestations(
        subject: str | None = None, *, is_open: Annotated[bool | None, Query(alias="open")] = None
    ) -> list[AttestationView]:
        """Return attestations, newest first; with `open`, only those that wait for a decision, or only the others."""
        found = attested(registry, subject)
        return [AttestationView.of(each) for each in found if is_open is None or each.is_open is is_open]

    @router.post(
        "/reports/{report}/attestations/{testcase}",
        response_model=AttestationView,
        responses=_REFUSALS,
        status_code=201,
    )
    def rule(request: Request, report: UUID, testcase: str, body: DecisionBody, credentials: Credentials) -> Response:
        """Decide on the attestation of a testcase in a report."""
        account = account_of(registry, credentials, TokenScope.DECIDE, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        answer = decide(registry, account, (report, testcase), body.decision, body.reason, clock())
        if isinstance(answer, Refusal):
            return refused(answer, request, templates)
        return JSONResponse(AttestationView.of(answer).model_dump(mode="json"), status_code=201)

    return router
