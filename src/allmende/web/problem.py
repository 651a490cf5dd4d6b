"""Says what went wrong: a page in words for a browser, `application/problem+json` (RFC 9457) for a program."""

from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.web.headers import HEADERS
from allmende.web.render import Templates

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: what happened (`title`, `detail`) and what to do next (`next`).

    `type` is a URI by which a program tells kinds of problems apart; about:blank when the status says it all.
    """

    status: int
    title: str
    detail: str
    next: str
    type: str = "about:blank"


NOT_FOUND = Problem(
    status=HTTPStatus.NOT_FOUND,
    title="There is no page here",
    detail="The address may be mistyped, or what it named was removed from the register.",
    next="Look for it in the table of subjects.",
)
OUR_MISTAKE = Problem(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    title="This page could not be made",
    detail="The mistake is ours, not yours. It was written to the server's log; nothing was changed.",
    next="Try again in a minute. If it stays, tell whoever runs this register the address and the time.",
)


def problem_response(problem: Problem, request: Request, templates: Templates) -> Response:
    """Return the problem in the form that the client asked for."""
    if "text/html" in request.headers.get("Accept", ""):
        response = templates.respond(request, "problem.html", {"problem": problem}, status=problem.status)
    else:
        document = {**asdict(problem), "instance": request.url.path}
        response = JSONResponse(document, status_code=problem.status, media_type="application/problem+json")
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return response


def problem_handlers(templates: Templates) -> dict[int | type[Exception], Handler]:
    """Return Starlette's exception handlers for everything that no route answered itself."""

    async def http_problem(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = problem_response(_described(error), request, templates)
        response.headers.update(error.headers or {})
        return response

    async def our_mistake(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- logged by the server
        # Starlette answers this outside of every middleware, so the headers that those add are still missing.
        response = problem_response(OUR_MISTAKE, request, templates)
        response.headers.update(HEADERS)
        return response

    return {HTTPException: http_problem, Exception: our_mistake}


def _described(error: HTTPException) -> Problem:
    usual = HTTPStatus(error.status_code)
    said = error.detail if error.detail != usual.phrase else ""
    if usual is HTTPStatus.NOT_FOUND:
        return Problem(status=usual, title=NOT_FOUND.title, detail=said or NOT_FOUND.detail, next=NOT_FOUND.next)
    return Problem(
        status=usual,
        title=usual.phrase,
        detail=said or f"{usual.description}.",
        next="Check the request, or start from the table of subjects.",
    )
