"""Doing things at the same time, and telling whoever waits what is being done."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from time import monotonic
from typing import Any, Protocol, TypeVar

from allmende.errors import AllmendeError

T = TypeVar("T")


class Progress(Protocol):
    """Told when a step begins, and when it ends, with the seconds it took."""

    def __call__(self, step: str, *, done: bool, seconds: float = 0.0) -> None:
        """Note that `step` begins or ended."""
        ...


async def all_of(works: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Await all of `works` at the same time; when one fails, end the others and raise its error.

    Of several errors the first that a person can act on is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    every = [_first(one) if isinstance(one, BaseExceptionGroup) else one for one in failures.exceptions]
    return next((one for one in every if isinstance(one, AllmendeError)), every[0])


async def shown(progress: Progress, step: str, work: Awaitable[T]) -> T:
    """Await `work` as a step that is shown."""
    began = monotonic()
    progress(step, done=False)
    result = await work
    progress(step, done=True, seconds=monotonic() - began)
    return result


def remarks(progress: Progress) -> Callable[[str], None]:
    """Return what shows a remark that has no end of its own."""

    def remark(text: str) -> None:
        progress(text, done=True)

    return remark
