"""Doing a piece of work in a cloud step by step, and noting how each step ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from allmende.clouds.lease import Holding
from allmende.clouds.settling import WentWrongError
from allmende.collect.visit import Visit
from allmende.errors import CloudAuthError, CloudError, CloudNotFoundError, CloudRefusedError
from allmende.facts.attempts import Attempt, Attempts, Ending
from allmende.facts.fact import Fact

T = TypeVar("T")

UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429


class StoppedError(Exception):
    """A step did not work, so what follows it is not tried."""


class Work:
    """The steps that were tried so far. `say` tells the person who waits what is being tried."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._steps: list[Attempt] = []

    @property
    def attempts(self) -> Attempts:
        """All steps, with the one that did not work, if any, at the end."""
        return Attempts(steps=tuple(self._steps))

    async def step(
        self, what: str, work: Awaitable[T], *, seen: Callable[[T], str] = lambda _: "done", seconds: float = 120.0
    ) -> T:
        """Do one step and return what it gives; StoppedError, with the step noted, where it did not work."""
        self._say(what)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(seconds):
                result = await work
        except TimeoutError:
            ended = Attempt(what=what, ending=Ending.LATE, seen=f"not within {seconds:g} s", seconds=seconds)
        except WentWrongError as error:
            ended = Attempt(what=what, ending=Ending.BROKEN, seen=str(error), seconds=loop.time() - began)
        except CloudError as error:
            ended = Attempt(
                what=what,
                ending=_ending(error),
                seen=str(error),
                seconds=loop.time() - began,
                status=error.status,
                request_id=error.request_id,
            )
        else:
            self._steps.append(Attempt(what=what, ending=Ending.DONE, seen=seen(result), seconds=loop.time() - began))
            return result
        self._steps.append(ended)
        raise StoppedError


@asynccontextmanager
async def working(visit: Visit, fact: type[Fact]) -> AsyncIterator[tuple[Work, Holding]]:
    """Yield the steps of the work for a fact, and what it holds; a step that does not work ends the block, no more."""
    work = Work(lambda words: visit.say(fact, words))
    async with visit.leases.held() as holding:
        with suppress(StoppedError):
            yield work, holding


def _ending(error: CloudError) -> Ending:
    if "quota" in str(error).lower() or error.status in (UNAUTHORIZED, TOO_MANY_REQUESTS, 413):
        return Ending.BLIND
    if isinstance(error, CloudRefusedError | CloudNotFoundError) and error.status is not None:
        return Ending.REFUSED
    return Ending.REFUSED if isinstance(error, CloudAuthError) and error.status else Ending.BLIND
