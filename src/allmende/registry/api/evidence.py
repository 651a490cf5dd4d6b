"""Files of evidence: handed in by who reports for the subject, read by them, by assessors and by auditors."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.registry.api.bodies import bounded
from allmende.registry.api.credentials import account_of
from allmende.registry.api.problems import refused
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.assessment import EvidenceFile
from allmende.registry.model.refusals import Refusal
from allmende.registry.run import evidence
from allmende.registry.run.registry import Registry
from allmende.report.attestation import MOST_BYTES
from allmende.web.gate import Credentials
from allmende.web.render import Templates

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "For a subject that is not the account's",
        404: "There is no such report, or no such file",
        409: "The report has no statement that names this file",
        413: "Too large",
        415: "Of no type that evidence may have",
    }.items()
}


class EvidenceView(BaseModel):
    """A file of evidence that is kept; `size` is in bytes."""

    report: UUID
    sha256: str
    name: str
    size: int
    account: str
    received_at: datetime

    @classmethod
    def of(cls, file: EvidenceFile) -> "EvidenceView":
        """Return the view of a file."""
        return cls(
            report=file.report,
            sha256=file.sha256,
            name=file.name,
            size=file.size,
            account=file.account,
            received_at=file.received_at,
        )


def evidence_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the routes of files of evidence."""
    router = APIRouter(prefix="/api/reports/{report}/evidence", tags=["attestations"])

    @router.post("", status_code=201, response_model=EvidenceView, openapi_extra=_BODY, responses=_REFUSALS)
    async def hand_in(request: Request, report: UUID, credentials: Credentials) -> Response:
        """Hand in a file that a statement in the report names by its SHA-256. Once more changes nothing."""
        account = await run_in_threadpool(account_of, registry, credentials, TokenScope.SUBMIT, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        content = await bounded(request, MOST_BYTES, "A file of evidence", "Name the address where it can be read.")
        if isinstance(content, Refusal):
            return refused(content, request, templates)
        answer = await run_in_threadpool(evidence.hand_in, registry, account, report, content, clock())
        if isinstance(answer, Refusal):
            return refused(answer, request, templates)
        return JSONResponse(EvidenceView.of(answer).model_dump(mode="json"), status_code=201)

    @router.get("/{sha256}", response_class=Response, responses=_REFUSALS)
    def content(request: Request, report: UUID, sha256: str, credentials: Credentials) -> Response:
        """Return a file that was handed in."""
        account = account_of(registry, credentials, TokenScope.READ, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        answer = evidence.content(registry, account, report, sha256)
        if isinstance(answer, Refusal):
            return refused(answer, request, templates)
        return Response(answer[1], media_type="application/octet-stream")

    return router
