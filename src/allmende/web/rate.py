"""Limits how many requests one client may send in a minute; what writes counts as several.

A client is an address: of IPv6 the network (/64), of which each customer has one. Who is on this machine is not
limited: a reverse proxy says for whom it asks.
"""

from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from allmende.web.problem import Problem, problem_response
from allmende.web.render import Templates

COST_OF_WRITING = 10
TOO_MANY = Problem(
    type="urn:allmende:problem:too-many-requests",
    status=HTTPStatus.TOO_MANY_REQUESTS,
    title="Too many requests",
    detail="So many requests from one address are not answered in one minute.",
    next="Wait as long as the header Retry-After says (in seconds), then send it again.",
)
_READING = ("GET", "HEAD", "OPTIONS")


class RateLimit:
    """ASGI middleware that lets so many requests a minute pass from each client."""

    def __init__(self, app: ASGIApp, *, per_minute: int, templates: Templates) -> None:
        self._app = app
        self._templates = templates
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or tell the client to wait."""
        client = client_of(scope["client"]) if scope["type"] == "http" and scope.get("client") else None
        cost = 1 if scope.get("method") in _READING else COST_OF_WRITING
        if client is None or self._limiter.hit(self._limit, client, cost=cost):
            await self._app(scope, receive, send)
            return
        response = problem_response(TOO_MANY, Request(scope), self._templates)
        reset = self._limiter.get_window_stats(self._limit, client).reset_time
        response.headers["Retry-After"] = str(max(1, ceil(reset - time())))
        await response(scope, receive, send)


def client_of(address: tuple[str, int]) -> str | None:
    """Return who is counted as one client; None for who is on this machine, or is no address."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return None
    return str(found) if found.version == IPv4Address(0).version else str(ip_network((found, 64), strict=False))
