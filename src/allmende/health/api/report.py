"""The writing half of the monitor's API: monitors elsewhere tell of iterations."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.security import HTTPBasicCredentials
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from allmende.errors import UsageError
from allmende.health.model.samples import State
from allmende.health.rules.document import MOST_BYTES, read
from allmende.health.run.record import keep
from allmende.storage.database import Database
from allmende.web.forms import chunks
from allmende.web.gate import Credentials, Gate

_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "Not for this cloud, or by a token that was not made for this",
        413: "Too large",
        422: "No iteration, or one that says what cannot be",
    }.items()
}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "An iteration, as «allmende monitor» writes it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class TakenView(BaseModel):
    """What an iteration says of its cloud."""

    state: State


def reporting_routes(database: Database, clock: Callable[[], datetime], gate: Gate) -> APIRouter:
    """Return the route by which monitors elsewhere report; `gate` decides who may for which cloud."""
    router = APIRouter(prefix="/api/monitor", tags=["monitor"])

    @router.post("/iterations", responses=_ANSWERS, openapi_extra=_BODY)
    async def report(request: Request, credentials: Credentials) -> TakenView:
        """Keep an iteration. Sent again, it changes nothing, so send it again when no answer came."""
        content = b"".join([chunk async for chunk in chunks(request, MOST_BYTES)])
        return await run_in_threadpool(_taken, content, credentials)

    def _taken(content: bytes, credentials: HTTPBasicCredentials | None) -> TakenView:
        clouds, now = gate(credentials), clock()
        try:
            iteration = read(content, now)
            if iteration.cloud not in clouds:
                said = f"This account does not report for the cloud {iteration.cloud}."
                raise HTTPException(HTTPStatus.FORBIDDEN, said)
            return TakenView(state=keep(database, iteration, now))
        except UsageError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error} {error.hint}") from error

    return router
