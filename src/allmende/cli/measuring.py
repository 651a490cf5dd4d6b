"""Measuring a cloud for a person who waits: doors, directories, signals, and what is shown meanwhile."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from allmende.cli import check_views
from allmende.cli.clock import utc_now
from allmende.cli.signals import ended_by_signals, interruptible
from allmende.config import directories
from allmende.runner.plan import Plan
from allmende.runner.run import Deadlines, Run, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a person wants a cloud to be measured; `seconds` is the limit of the whole run.

    `accounts` are names of other accounts of the cloud, for the tests of Tempest.
    """

    seconds: float
    per_second: float
    resume: bool
    domain_manager: str | None = None
    accounts: tuple[str, ...] = ()


def measured_run(planned: Plan, name: str | None, manners: Manners, identifier: UUID) -> tuple[str, Run]:
    """Return the cloud's name and what was found, and show on stderr what is waited for."""
    with _progress() as (show, say):
        try:
            return interruptible(_measure(planned, name, show, say, manners, identifier))
        except typer.Abort:
            if any(directories(os.environ, Path.home()).leases.glob(f"{identifier.hex[-12:]}*")):
                say("Ended before everything was removed again. The next check does it, or `allmende cleanup`.")
            raise


async def _measure(
    planned: Plan,
    name: str | None,
    show: Callable[[Standing], None],
    say: Callable[[str], None],
    manners: Manners,
    identifier: UUID,
) -> tuple[str, Run]:
    from allmende.clouds.limits import Limits  # the SDK takes a second to import: only after words are checked
    from allmende.clouds.openstack import open_cloud
    from allmende.runner.measure import Conditions, measure

    ours = directories(os.environ, Path.home())
    limits = Limits(per_second=manners.per_second)
    conditions = Conditions(
        identifier=identifier,
        now=utc_now,
        journals=ours.leases,
        partial_reports=ours.partial_reports,
        show=show,
        say=say,
        deadlines=Deadlines(total_seconds=manners.seconds),
        resume=manners.resume,
        cache=ours.cache,
        state=ours.state,
    )
    async with AsyncExitStack() as doors:
        cloud = await doors.enter_async_context(await open_cloud(name, environ=os.environ, limits=limits))
        if manners.domain_manager:
            opened = await open_cloud(manners.domain_manager, environ=os.environ, limits=limits)
            conditions = replace(conditions, manager=await doors.enter_async_context(opened))
        others = [
            await doors.enter_async_context(await open_cloud(each, environ=os.environ, limits=limits))
            for each in manners.accounts
        ]
        conditions = replace(conditions, other_accounts=tuple(others))
        with ended_by_signals():
            return cloud.name, await measure(planned, cloud, conditions)


class _Waiting:
    """What a run waits for, drawn anew several times a second."""

    def __init__(self) -> None:
        self._standing = Standing(settled=(), awaited=())

    def __call__(self, standing: Standing) -> None:
        self._standing = standing

    def __rich__(self) -> Text:
        return check_views.waiting(self._standing, time.monotonic())


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Standing], None], Callable[[str], None]]]:
    """Give what shows on a terminal's stderr what is waited for, of which nothing remains, and what says a sentence."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    waiting = _Waiting()

    def say(words: str) -> None:
        with suppress(OSError, SystemExit):  # rich ends the program when nobody reads; a cloud must be cleaned up first
            console.print(words, markup=False)

    if not console.is_terminal:
        yield waiting, say
        return
    with Live(waiting, console=console, refresh_per_second=8, transient=True):
        yield waiting, say
