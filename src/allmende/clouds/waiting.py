"""Waiting for something to happen in a cloud: often at first, later less often, never much longer than it took."""

import asyncio
from collections.abc import Awaitable, Callable

SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
SHARE_OF_ELAPSED = 0.15
"""A pause is this part of the time that was waited so far, so that it adds no more than that to any event."""


async def until(happened: Callable[[], Awaitable[bool]]) -> float:
    """Return the seconds until `happened` said yes; the caller limits how long."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not await happened():
        await asyncio.sleep(pause(loop.time() - began))
    return loop.time() - began


def pause(elapsed: float) -> float:
    """Return how long to wait before looking again, in seconds, when so much time has passed."""
    return min(LONGEST_PAUSE_SECONDS, max(SHORTEST_PAUSE_SECONDS, SHARE_OF_ELAPSED * elapsed))
