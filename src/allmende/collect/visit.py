"""One visit of a cloud: every fact is observed once, at the same time as the others, within its deadline.

What cannot be observed becomes `Unavailable(reason)`. A collector that needs another fact asks the visit for it. How a
fact is observed is the collectors' business; what it means is judged in `checks`.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from allmende.clouds.lease import Leases
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.persistence import repetitions_noted_in
from allmende.collect.collector import Collector, collectors
from allmende.collect.means import Account, Means
from allmende.errors import AllmendeError, CloudError
from allmende.facts.fact import Fact
from allmende.facts.openstack import Headroom
from allmende.outcome import Unavailable

F = TypeVar("F", bound=Fact)
W = TypeVar("W")


class UnobservedError(Exception):
    """A fact cannot be observed, and why; `request_id` is that of the cloud's answer, where there was one."""

    def __init__(self, reason: str, *, request_id: str = "") -> None:
        super().__init__(reason)
        self.unavailable = Unavailable(reason=reason, request_id=request_id)


class Visit:
    """A run's stay in one cloud, at the time `at`, with what it may use there.

    `tell` is told what a collector does at the moment. No fact takes longer than `most_seconds`, if that is given.
    `repetitions` says which requests had to be sent again, by fact.
    """

    def __init__(
        self,
        cloud: OpenStackCloud,
        at: datetime,
        means: Means | None = None,
        *,
        tell: Callable[[type[Fact], str], None] = lambda _fact, _words: None,
        most_seconds: float | None = None,
    ) -> None:
        self.cloud = cloud
        self.at = at
        self.repetitions: dict[type[Fact], list[str]] = {}
        self._means = means or Means()
        self._tell = tell
        self._most_seconds = most_seconds
        self._observations: dict[type[Fact], asyncio.Task[Fact | Unavailable]] = {}

    @property
    def leases(self) -> Leases:
        """Where everything that is created is written down; UnobservedError where this run only reads."""
        if self._means.leases is None:
            raise UnobservedError("It needs resources in the cloud, which this run does not create.")
        return self._means.leases

    @property
    def state(self) -> Path:
        """Where results of programs are kept; UnobservedError where this run keeps none."""
        if self._means.state is None:
            raise UnobservedError("It needs a place for the results of a program, and has none.")
        return self._means.state

    @property
    def cache(self) -> Path:
        """Where programs are installed into; UnobservedError where this run installs none."""
        if self._means.cache is None:
            raise UnobservedError("It needs a program that this run does not install.")
        return self._means.cache

    @property
    def manager(self) -> Account:
        """The account of a domain manager; UnobservedError where none was named."""
        if self._means.manager is None:
            raise UnobservedError(
                "It needs a domain manager's account: name its entry of clouds.yaml (--domain-manager)."
            )
        return self._means.manager

    @property
    def others(self) -> tuple[Account, ...]:
        """Accounts in other projects."""
        return self._means.others

    def wish(self, default: W) -> W:
        """Return what the user wants of a collector, in the type of `default`; that where nothing was said."""
        return next((wish for wish in self._means.wishes if isinstance(wish, type(default))), default)

    def say(self, fact: type[Fact], words: str) -> None:
        """Tell the person who waits what is done for a fact at the moment."""
        self._tell(fact, words)

    def observation(self, fact: type[Fact]) -> "asyncio.Task[Fact | Unavailable]":
        """Return the task that observes a fact, started now if it was not yet; KeyError when nobody collects it."""
        if fact not in self._observations:
            self._observations[fact] = asyncio.create_task(self._observe(collectors()[fact]), name=words_for(fact))
        return self._observations[fact]

    async def fact(self, fact: type[F]) -> F:
        """Return a fact that another one is built on; UnobservedError when it is not available."""
        value = await asyncio.shield(self.observation(fact))
        if isinstance(value, Unavailable):
            raise UnobservedError(value.reason, request_id=value.request_id)
        if not isinstance(value, fact):
            raise TypeError(f"{fact.__name__} was asked for, and {value!r} observed")
        return value

    async def end(self) -> None:
        """Stop what is still being observed, and wait until everything that was created for it is removed."""
        unfinished = [task for task in self._observations.values() if not task.done()]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _observe(self, collector: Collector) -> Fact | Unavailable:
        seconds = min(collector.manner.seconds, self._most_seconds or collector.manner.seconds)
        repetitions = self.repetitions.setdefault(collector.fact, [])
        try:
            with repetitions_noted_in(repetitions):
                async with asyncio.timeout(seconds):
                    if collector.manner.needs and (lacking := await self._lacking(collector.manner.needs)):
                        return lacking
                    return await collector.collect(self)
        except TimeoutError:
            return Unavailable(reason=f"The cloud did not give its {words_for(collector.fact)} within {seconds:g} s.")
        except AllmendeError as error:
            request_id = error.request_id if isinstance(error, CloudError) else ""
            return Unavailable(reason=f"{error} {error.hint}".strip(), request_id=request_id)
        except UnobservedError as error:
            return error.unavailable

    async def _lacking(self, needs: Mapping[str, int]) -> Unavailable | None:
        """Return why the quota does not suffice; None where it does, or where the cloud does not show it."""
        try:
            free = (await self.fact(Headroom)).free
        except UnobservedError:
            return None
        short = [f"{need} {name} ({free[name]} free)" for name, need in needs.items() if free.get(name, need) < need]
        if not short:
            return None
        return Unavailable(
            reason=f"The quota of the project does not suffice: it takes {', '.join(short)}. "
            "Delete what is not needed, or ask the cloud's administrator for more."
        )


async def observe(fact: type[Fact], cloud: OpenStackCloud, now: datetime) -> Fact | Unavailable:
    """Return one fact of a cloud that is only read, or Unavailable; KeyError for a type that nobody collects."""
    return await Visit(cloud, now).observation(fact)


def words_for(fact: type) -> str:
    """Return the name of a fact in words: `VolumeTypes` are «volume types»."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", fact.__name__).split()
    return " ".join(word if word.isupper() else word.lower() for word in words)
