"""Reads a request's body while it is counted: what is too large is refused before it is held."""

from starlette.requests import Request

from allmende.registry.model.refusals import Reason, Refusal


async def bounded(request: Request, most: int, what: str, hint: str) -> bytes | Refusal:
    """Return the body, or the refusal of one that has more than `most` bytes; `what` is what it should be."""
    too_large = Refusal(reason=Reason.TOO_LARGE, detail=f"{what} may have {most} bytes at most.", hint=hint)
    announced = request.headers.get("Content-Length", "0")
    if announced.isdecimal() and int(announced) > most:
        return too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return too_large
    return bytes(body)
