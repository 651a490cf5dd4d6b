"""Adding a subject and changing how it is described, by an admin's token. What is reported of it stays."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.errors import UsageError
from allmende.registry.api.credentials import account_of
from allmende.registry.api.problems import refused
from allmende.registry.api.views import SubjectView
from allmende.registry.model.accounts import Account, Role, TokenScope
from allmende.registry.model.record import Subject
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.run import administer
from allmende.registry.run.registry import Registry
from allmende.web.gate import Credentials
from allmende.web.render import Templates

_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "No admin's account",
        422: "An id or a description that cannot be one",
    }.items()
}


class SubjectBody(BaseModel):
    """How a subject is described; what is left out is empty, and its name is then its id."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    operator: str = ""
    description: str = ""
    group: str = ""
    url: str = ""
    health_url: str = ""
    country: str = ""


def subject_routes(registry: Registry, clock: Callable[[], datetime], templates: Templates) -> APIRouter:
    """Return the route that puts a subject."""
    router = APIRouter(prefix="/api/subjects", tags=["subjects"])

    @router.put("/{subject}", response_model=SubjectView, responses=_REFUSALS)
    def put(request: Request, subject: str, body: SubjectBody, credentials: Credentials) -> Response:
        """Make a subject known, or describe the known one anew."""
        account = account_of(registry, credentials, TokenScope.MANAGE, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        if Role.ADMIN not in account.roles:
            return refused(_not_admin(account), request, templates)
        described = Subject(id=subject, **{**body.model_dump(), "name": body.name or subject})
        try:
            administer.ensure_subject(registry, described)
        except UsageError as error:
            return refused(Refusal(reason=Reason.MALFORMED, detail=str(error), hint=error.hint), request, templates)
        return JSONResponse(SubjectView.of(described).model_dump(mode="json"))

    return router


def _not_admin(account: Account) -> Refusal:
    return Refusal(
        reason=Reason.NOT_ADMIN,
        detail=f"The account {account.name} is no admin's.",
        hint="Who runs the registry makes one: allmende registry account add NAME --role admin",
    )
