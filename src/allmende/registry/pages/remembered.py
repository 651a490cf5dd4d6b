"""Pages that stay the same until the record changes, or the minute does, which they are told by."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

from allmende.registry.run.registry import Registry
from allmende.web.languages import language_of


def remembered(
    registry: Registry, request: Request, state: int | None, now: datetime, make: Callable[[], bytes]
) -> bytes:
    """Return what `make` answers to this request in this state of what it shows; made anew where it says who asks."""
    if "Authorization" in request.headers:
        return make()
    address = (str(request.base_url), request.url.path, request.url.query, language_of(request))
    return registry.memory.answers.of_this_minute(address, state, now, make)
