"""The writing half of the API: `POST /reports`, and a report's bytes for those who may see them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.registry.api.bodies import bounded
from allmende.registry.api.credentials import account_of, not_yours
from allmende.registry.api.problems import refused
from allmende.registry.api.views import ReceiptView
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.reading import may_read
from allmende.registry.run import read
from allmende.registry.run.accept import accept
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form
from allmende.web.gate import Credentials
from allmende.web.render import Templates

_BODY = {
    "requestBody": {
        "required": True,
        "description": "The OpenSSH signature (namespace `report`), an ampersand, and the bytes that were signed.",
        "content": {form.value: {"schema": {"type": "string", "format": "binary"}} for form in Form},
    }
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated, not signed, or the signature does not hold",
        403: "Signed by a key that is not the account's, or for a subject that is not",
        409: "Another report with this id is in the record",
        413: "Too large",
        415: "None of the known forms",
        422: "The report cannot be read or may not be recorded",
        503: "The database cannot be used now",
        507: "The database's disk is full",
    }.items()
}


def submitting_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the routes that need an account."""
    router = APIRouter(tags=["reports"])

    @router.post(
        "/reports", status_code=201, response_model=ReceiptView, openapi_extra=_BODY, responses={200: {}, **_REFUSALS}
    )
    async def submit(request: Request, credentials: Credentials) -> Response:
        """Record signed reports: 201 when one is new, 200 when all are in the record already."""
        account = await run_in_threadpool(account_of, registry, credentials, TokenScope.SUBMIT, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        form = _form(request)
        if isinstance(form, Refusal):
            return refused(form, request, templates)
        body = await bounded(request, registry.limits.max_bytes, "A submission", "Send one report per submission.")
        if isinstance(body, Refusal):
            return refused(body, request, templates)
        answer = await run_in_threadpool(accept, registry, account, form, body, clock())
        if isinstance(answer, Refusal):
            return refused(answer, request, templates)
        status = 201 if any(line.is_new for line in answer.lines) else 200
        return JSONResponse(ReceiptView.of(answer).model_dump(mode="json"), status_code=status)

    @router.get("/api/reports/{report}/document", response_class=Response)
    def document(request: Request, report: UUID, credentials: Credentials) -> Response:
        """Return a report's bytes as they were signed.

        Those of Allmende's own form are public. Reports of the SCS test suite hold the output of its programs, which
        may name what is internal, and are given to those who report for the subject, to assessors and to auditors.
        """
        submission = read.submission_of(registry, report)
        if submission.media_type != Form.OWN:
            account = account_of(registry, credentials, TokenScope.READ, clock())
            if isinstance(account, Refusal):
                return refused(account, request, templates)
            subject = read.report_record(registry, report).subject.id
            if not may_read(account, subject, submission.account):
                return refused(not_yours(account, subject), request, templates)
        media_type = "application/json" if submission.media_type == Form.OWN else "application/octet-stream"
        return Response(submission.content, media_type=media_type)

    return router


def _form(request: Request) -> Form | Refusal:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("Content-Encoding", "identity")
    if media_type in set(Form) and encoding == "identity":
        return Form(media_type)
    return Refusal(
        reason=Reason.UNSUPPORTED_FORM,
        detail=f"A report cannot be sent as {media_type or 'nothing'} ({encoding}).",
        hint=f"Send one of these content types, not compressed: {', '.join(Form)}.",
    )
