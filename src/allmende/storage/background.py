"""What has to be done again and again beside the requests: by this process, or shared out through PostgreSQL.

Both ways keep the same contract: each chore is done about every so many seconds, one that fails is told of in the
log and done again the next time, and when the block ends nothing is under way. On SQLite there is one process, which
does them. On PostgreSQL procrastinate keeps the queue in the same database: of the servers that share it, one does a
chore each time, and what a server that died had begun is done by another.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from allmende.errors import StoreError
from allmende.storage.database import Database

if TYPE_CHECKING:
    from procrastinate import App, JobContext

_LOG = logging.getLogger(__name__)
_AT_ONCE = 2
_LOOK_FOR_STALLED_S = 60
_PAUSE_S = 2
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """What is done about every `seconds`: a divisor of a minute, minutes that divide an hour, or an hour."""

    name: str
    seconds: int
    do: Callable[[], object]


def background(database: Database, chores: Sequence[Chore]) -> AbstractAsyncContextManager[None]:
    """Return the block during which these chores are done."""
    return _shared(database.url, chores) if database.dialect == "postgresql" else _embedded(chores)


@asynccontextmanager
async def _embedded(chores: Sequence[Chore]) -> AsyncIterator[None]:
    async def again_and_again(chore: Chore) -> None:
        while True:
            await run_in_threadpool(_done, chore)  # which is waited for, also when this is cancelled
            await asyncio.sleep(chore.seconds)

    tasks = [asyncio.create_task(again_and_again(chore)) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _shared(url: str, chores: Sequence[Chore]) -> AsyncIterator[None]:
    from procrastinate import App, PsycopgConnector  # only where there is PostgreSQL

    connector = PsycopgConnector(conninfo=url, min_size=1, max_size=2 * _AT_ONCE)
    app = App(connector=connector, periodic_defaults={"max_delay": _HOUR})  # what was due before the start is done now
    for chore in chores:
        _add(app, chore)
    _add_rescue(app)
    async with app.open_async():
        working = asyncio.create_task(_working(app))
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def _working(app: "App") -> None:
    """Take jobs from the queue, also after the database could not be reached for a while."""
    while True:
        try:
            await app.run_worker_async(
                concurrency=_AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="always",
                shutdown_graceful_timeout=10,
            )
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next attempt is the remedy
            _LOG.warning("The work in the background was interrupted: %s", error)
        await asyncio.sleep(_PAUSE_S)


def _add(app: "App", chore: Chore) -> None:
    """Let the queue have a chore, at the seconds of the clock that it names, and only once at a time."""

    async def do(timestamp: int) -> None:  # noqa: ARG001 -- when it was due; it is done as of now
        await run_in_threadpool(_done, chore)

    task = app.task(name=chore.name, queueing_lock=chore.name)(do)
    app.periodic(cron=cron(chore.seconds))(task)


def _add_rescue(app: "App") -> None:
    """Let what a server had begun that died since be done again."""

    async def rescue(context: "JobContext", timestamp: int) -> None:  # noqa: ARG001 -- likewise
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)

    task = app.task(name="rescue", queueing_lock="rescue", pass_context=True)(rescue)
    app.periodic(cron=cron(_LOOK_FOR_STALLED_S))(task)


def cron(seconds: int) -> str:
    """Return when something is due that is due every so many seconds, for a cron with seconds as its sixth field."""
    if seconds < _MINUTE:
        return f"* * * * * */{seconds}"
    if seconds < _HOUR:
        return f"*/{seconds // _MINUTE} * * * *"
    return "0 * * * *"


def _done(chore: Chore) -> None:
    try:
        chore.do()
    except StoreError as error:
        _LOG.warning("%s was put off: %s", chore.name, error)
    except Exception:  # noqa: BLE001 -- it is told of with its traceback, and must not keep others from being done
        _LOG.exception("%s failed; it is done again the next time.", chore.name)
