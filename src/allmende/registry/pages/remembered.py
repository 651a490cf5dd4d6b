"""Pages that stay the same until the record changes, or the minute does, which they are told by."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

from allmende.registry.run.registry import Registry

SAID_WHO = ("Authorization", "Cookie")


def remembered(
    registry: Registry, request: Request, state: int | None, now: datetime, make: Callable[[], bytes]
) -> bytes:
    """Return what `make` answers to this request in this state of what it shows; made anew where it says who asks."""
    if any(name in request.headers for name in SAID_WHO):
        return make()
    address = (str(request.base_url), request.url.path, request.url.query, request.headers.get("Accept-Language", ""))
    return registry.memory.remembered(address, state, now, make)
