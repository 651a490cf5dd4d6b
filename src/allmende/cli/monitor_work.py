"""What a monitor works with: where what it measured goes, and who is told."""

import asyncio
import hashlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from allmende.cli.clock import utc_now
from allmende.cli.keys import read_token
from allmende.cli.monitor_views import Shown
from allmende.cli.record import record_url
from allmende.config import directories
from allmende.errors import UsageError
from allmende.storage.database import open_database

if TYPE_CHECKING:  # so that --help need not wait for what measuring needs
    from allmende.health.model.samples import Iteration
    from allmende.health.run.agent import Agent

    Keep = Callable[[Iteration], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The registry that is told what was measured, and as whom; an empty address for none."""

    registry: str = ""
    account: str = ""
    token_file: Path | None = None


@contextmanager
def working(vantage: str, where: Elsewhere, database: str | None, shown: Shown) -> Iterator["Agent"]:
    """Yield a monitor that keeps what it measures in a database, or tells a registry elsewhere.

    UsageError where both are named, or the account is missing.
    """
    if where.registry and database is not None and "ALLMENDE_DATABASE" not in os.environ:
        raise UsageError("It is told a registry, or kept in a database, not both.", hint="Leave one of them out.")
    if where.registry and not where.account:
        raise UsageError("A registry wants to know who tells it.", hint="Name the account with --account.")
    if where.registry:
        yield _agent(vantage, shown, _telling(where, shown))
        return
    store = open_database(record_url(database))
    try:
        from allmende.health.run.record import keep

        async def kept(iteration: "Iteration") -> None:
            await asyncio.to_thread(keep, store, iteration, utc_now())

        yield _agent(vantage, shown, kept)
    finally:
        store.close()


def _agent(vantage: str, shown: Shown, keep: "Keep") -> "Agent":
    from allmende.health.run.agent import Agent

    return Agent(
        vantage=vantage or socket.gethostname(),
        now=utc_now,
        new_id=uuid4,
        journals=directories(os.environ, Path.home()).leases,
        keep=keep,
        told=shown,
    )


def _telling(where: Elsewhere, shown: Shown) -> "Keep":
    from allmende.health.apply.spool import Spool
    from allmende.health.run.deliver import deliver
    from allmende.registry.fetch.submit import tell

    token = read_token(where.token_file, os.environ)
    place = hashlib.sha256(f"{where.registry} {where.account}".encode()).hexdigest()[:16]
    spool = Spool(directory=directories(os.environ, Path.home()).state / "monitor" / place)
    turn = asyncio.Lock()

    def send(content: bytes) -> None:
        tell(where.registry, where.account, token, content)

    async def kept(iteration: "Iteration") -> None:
        async with turn:
            done = await asyncio.to_thread(deliver, iteration, spool, send)
        for lost in done.dropped:
            shown.trouble(lost)
        if done.waiting_because is not None:
            raise done.waiting_because
        shown.better()

    return kept
