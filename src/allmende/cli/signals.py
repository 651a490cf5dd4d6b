"""What ends long work in an orderly way besides Ctrl-C: the signals of shells, CI systems and service managers."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

T = TypeVar("T")
ENDING = (signal.SIGTERM, signal.SIGHUP)


def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` and return what it returns; typer.Abort where Ctrl-C or a signal ended it before it had a result.

    Python's own end for a task that is cancelled is a traceback and the code 1, which would mean «not conformant».
    """
    try:
        return asyncio.run(work)
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Abort from None


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Cancel the task that runs the block when a signal asks for its end, so that it can clean up."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be cancelled")
    for number in ENDING:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)
