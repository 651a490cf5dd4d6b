"""The error document of each service."""

from http import HTTPStatus

from allmende.testing.fake.model import RefusedError, Reply, json_reply

_FAULTS = {
    400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound", 409: "conflictingRequest",
    413: "overLimit", 429: "overLimit", 500: "computeFault", 503: "serviceUnavailable",
}  # fmt: skip
_NEUTRON = {403: "PolicyNotAuthorized", 404: "HTTPNotFound", 409: "Conflict", 500: "HTTPInternalServerError"}


def refusal(service: str, refused: RefusedError) -> Reply:
    """Return a service's answer to a call that it refuses."""
    status, message, title = refused.status, refused.message, HTTPStatus(refused.status).phrase
    match service:
        case "image":
            page = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1>{message}</body>"
            return Reply(status=status, body=f"{page}</html>".encode(), content_type="text/html; charset=UTF-8")
        case "network":
            kind = refused.type or _NEUTRON.get(status, "BadRequest")
            return json_reply({"NeutronError": {"type": kind, "message": message, "detail": ""}}, status)
        case "compute" | "block-storage":
            again = {"retryAfter": "0"} if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else {}
            return json_reply(
                {_FAULTS.get(status, "computeFault"): {"code": status, "message": message, **again}}, status
            )
        case "key-manager":
            return json_reply({"code": status, "title": title, "description": message}, status)
        case "load-balancer":
            side = "Client" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Server"
            return json_reply({"faultcode": side, "faultstring": message, "debuginfo": None}, status)
        case "s3":
            return s3_error(status, {403: "AccessDenied", 503: "SlowDown"}.get(status, "InternalError"), message)
        case _:
            return json_reply({"error": {"code": status, "message": message, "title": title}}, status)


def unauthenticated() -> Reply:
    """Return what every service says to a token that is not valid."""
    message = "The request you have made requires authentication."
    return json_reply({"error": {"code": 401, "title": "Unauthorized", "message": message}}, 401)


def s3_error(status: int, code: str, message: str) -> Reply:
    """Return the error document of S3."""
    document = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Reply(status=status, body=document.encode(), content_type="application/xml")
