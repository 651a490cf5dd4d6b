"""What the API answers when it cannot do what was asked: one problem per reason, and its HTTP status."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from allmende.errors import StoreError, UnknownNameError
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.run.log import KeyReplacedError
from allmende.storage.database import StoreFullError
from allmende.web.problem import Handler, Problem, problem_response
from allmende.web.render import Templates

_LOG = logging.getLogger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Allmende registry", charset="UTF-8"'}
RETRY_AFTER_S = 30

# 401: it is not proven who this comes from. 403: it is, and they may not. 422: the content is at fault.
STATUS: Mapping[Reason, HTTPStatus] = {
    Reason.NOT_AUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Reason.TOKEN_ENDED: HTTPStatus.UNAUTHORIZED,
    Reason.TOKEN_SCOPE: HTTPStatus.FORBIDDEN,
    Reason.UNSIGNED: HTTPStatus.UNAUTHORIZED,
    Reason.SIGNATURE_INVALID: HTTPStatus.UNAUTHORIZED,
    Reason.UNKNOWN_SIGNER: HTTPStatus.FORBIDDEN,
    Reason.FOREIGN_SUBJECT: HTTPStatus.FORBIDDEN,
    Reason.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Reason.UNSUPPORTED_FORM: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Reason.CONFLICT: HTTPStatus.CONFLICT,
    Reason.NOT_ADMIN: HTTPStatus.FORBIDDEN,
    Reason.NOT_ASSESSOR: HTTPStatus.FORBIDDEN,
    Reason.OWN_ATTESTATION: HTTPStatus.FORBIDDEN,
    Reason.NO_ATTESTATION: HTTPStatus.NOT_FOUND,
    Reason.NOT_NAMED: HTTPStatus.CONFLICT,
    Reason.DECIDED_ALREADY: HTTPStatus.CONFLICT,
    Reason.NOT_CERTIFIABLE: HTTPStatus.CONFLICT,
    Reason.CERTIFIED_ALREADY: HTTPStatus.CONFLICT,
    Reason.STANDING: HTTPStatus.CONFLICT,
    Reason.TOO_MANY_ATTEMPTS: HTTPStatus.TOO_MANY_REQUESTS,
}

TITLES: Mapping[Reason, str] = {
    Reason.NOT_AUTHENTICATED: "Who sends this is not known",
    Reason.TOKEN_ENDED: "The token holds no longer",
    Reason.TOKEN_SCOPE: "The token was not made for this",
    Reason.UNSIGNED: "The report is not signed",
    Reason.SIGNATURE_INVALID: "The signature does not hold",
    Reason.UNKNOWN_SIGNER: "The report was signed by somebody else",
    Reason.FOREIGN_SUBJECT: "This account does not report for this subject",
    Reason.TOO_LARGE: "The submission is too large",
    Reason.UNSUPPORTED_FORM: "The form of the report is not known",
    Reason.MALFORMED: "The report cannot be read",
    Reason.NO_RESULTS: "The report says nothing",
    Reason.FROM_THE_FUTURE: "The report is from the future",
    Reason.TOO_OLD: "The report is too old",
    Reason.INCONSISTENT_TIMES: "The report contradicts itself",
    Reason.UNKNOWN_SCOPE: "The scope is not known",
    Reason.UNKNOWN_TESTCASE: "The scope has no such testcase",
    Reason.DUPLICATE_TESTCASE: "A testcase has several results",
    Reason.EXCLUSION: "An exclusion is not in order",
    Reason.CONFLICT: "Another report has this id",
    Reason.NOT_ADMIN: "This account does not run the registry",
    Reason.NOT_ASSESSOR: "This account is no assessor's",
    Reason.OWN_ATTESTATION: "Nobody decides on what is their own",
    Reason.NO_ATTESTATION: "There is no such attestation",
    Reason.NOT_NAMED: "No statement names this file",
    Reason.DECIDED_ALREADY: "This was decided already",
    Reason.NOT_CERTIFIABLE: "This cannot be certified now",
    Reason.CERTIFIED_ALREADY: "There is a certificate already",
    Reason.STANDING: "The certificate does not allow this now",
    Reason.PASSWORD: "This cannot be a password",
    Reason.TOO_MANY_ATTEMPTS: "Too many attempts",
    Reason.NO_REASON: "The reason is missing or cannot be shown",
}


class RefusedError(Exception):
    """What another part of the server asked for is refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


UNKNOWN_NAME = "There is nothing of that name"
UNREADABLE = "The request cannot be read"
STORE_FULL = Problem(
    type="urn:allmende:problem:store-full",
    status=HTTPStatus.INSUFFICIENT_STORAGE,
    title="The registry has no room left",
    detail="The registry's disk is full. Nothing of this request was stored.",
    next="Tell whoever runs this registry, and send it again later.",
)
KEY_REPLACED = Problem(
    type="urn:allmende:problem:key-replaced",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    title="The registry has to be restarted",
    detail="The log has a newer key than this process, so this process signs nothing.",
    next="Tell whoever runs this registry to restart it. Everything else goes on.",
)
STORE_UNAVAILABLE = Problem(
    type="urn:allmende:problem:store-unavailable",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    title="The registry cannot reach its record",
    detail="The registry's database cannot be used now. Nothing of this request was stored.",
    next="Send it again in a minute. If it stays so, tell whoever runs this registry.",
)


def problem_of(refusal: Refusal) -> Problem:
    """Return a refusal as the problem that is answered."""
    return Problem(
        type=f"urn:allmende:problem:{refusal.reason}",
        status=STATUS.get(refusal.reason, HTTPStatus.UNPROCESSABLE_ENTITY),
        title=TITLES[refusal.reason],
        detail=refusal.detail,
        next=refusal.hint,
    )


def refused(refusal: Refusal, request: Request, templates: Templates) -> Response:
    """Answer a refusal."""
    problem = problem_of(refusal)
    response = problem_response(problem, request, templates)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers.update(CHALLENGE)
    return response


def error_handlers(templates: Templates) -> dict[int | type[Exception], Handler]:
    """Return the handlers of the errors that reading and writing the record can end with."""

    def handler(describe: Callable[[Exception], Problem]) -> Handler:
        async def handle(request: Request, error: Exception) -> Response:
            problem = describe(error)
            if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _LOG.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
            response = problem_response(problem, request, templates)
            if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                response.headers["Retry-After"] = str(RETRY_AFTER_S)
            return response

        return handle

    async def refuse(request: Request, error: Exception) -> Response:
        if not isinstance(error, RefusedError):
            raise error
        return refused(error.refusal, request, templates)

    return {
        RefusedError: refuse,
        RequestValidationError: handler(_unreadable),
        UnknownNameError: handler(_unknown),
        StoreFullError: handler(lambda _: STORE_FULL),
        KeyReplacedError: handler(lambda _: KEY_REPLACED),
        StoreError: handler(lambda _: STORE_UNAVAILABLE),
    }


def _unreadable(error: Exception) -> Problem:
    errors = error.errors() if isinstance(error, RequestValidationError) else ()
    said = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in errors)
    return Problem(
        type="urn:allmende:problem:unreadable-request",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title=UNREADABLE,
        detail=f"{said}.",
        next="GET /api/openapi.json says what the API understands.",
    )


def _unknown(error: Exception) -> Problem:
    return Problem(
        type="urn:allmende:problem:unknown-name",
        status=HTTPStatus.NOT_FOUND,
        title=UNKNOWN_NAME,
        detail=str(error),
        next=getattr(error, "hint", ""),
    )
