"""Blocking calls as awaitables, without ever holding up the end of the program.

The pools of the standard library join their threads at exit, so that Ctrl-C would wait for a hanging server. Here each
call gets its own daemon thread (some 50 µs, nothing beside a request).
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Lanes:
    """At most `width` blocking calls at a time.

    A call that was cancelled keeps its lane until it really ends: the limit is for the cloud's load, not for our tasks.
    """

    def __init__(self, width: int) -> None:
        self._free = asyncio.Semaphore(width)

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """Return what `work()` returns or raises; cancellable at any time.

        Raises TimeoutError when it takes longer than `seconds`, not counting the time until a lane is free.
        """
        await self._free.acquire()
        async with asyncio.timeout(seconds):
            return await self._started(work)

    def _started(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        promise: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            self._free.release()
            if promise.cancelled():
                return
            if error is not None:
                promise.set_exception(error)
            else:
                promise.set_result(result)  # type: ignore[arg-type]  # without an error there is a result

        def call() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as caught:  # noqa: BLE001 -- carried over to the task that waits
                error = caught
            if not loop.is_closed():
                try:
                    loop.call_soon_threadsafe(settle, result, error)
                except RuntimeError:
                    return  # the loop was closed in this very moment: nobody waits any more

        threading.Thread(target=call, name="cloud request", daemon=True).start()
        return promise
