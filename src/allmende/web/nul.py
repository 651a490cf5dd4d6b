"""Refuses addresses with a NUL character: nothing has one in its name, and PostgreSQL cannot even be asked for it."""

from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PROBLEM = {
    "type": "urn:allmende:problem:unreadable-request",
    "status": HTTPStatus.BAD_REQUEST,
    "title": "The request cannot be read",
    "detail": "The address has a NUL character (%00).",
    "next": "Leave it out; no name has one.",
}


class NoNul:
    """ASGI middleware that answers requests for such addresses itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            response = JSONResponse(PROBLEM, HTTPStatus.BAD_REQUEST, media_type="application/problem+json")
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)
