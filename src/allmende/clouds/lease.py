"""Everything that we create in somebody's cloud is leased: written down before it is asked for, removed by identifier.

A lease whose identifier never came (the answer was lost, or we were killed) is found by its name, which holds the run's
tag and nobody else has. Nothing else is ever removed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allmende.clouds.journal import Journal, Lease
from allmende.clouds.kinds import KINDS, Kind
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.persistence import note_repetition
from allmende.clouds.waiting import until
from allmende.errors import CloudAuthError, CloudError, CloudNotFoundError, CloudRefusedError, CloudUnreachableError

PREFIX = "allmende"
SHORT_PREFIX = "allm"
REMOVAL_SECONDS = 180.0
NOT_NOW = frozenset({400, 409})
"""What services answer while a thing is in use, or on its way to another state."""

LOST_ANSWER_SECONDS = 2.0
"""How long after a broken connection we look whether the request was carried out."""

UNANSWERED = timedelta(seconds=20)
"""How long after a request without answer the thing may still appear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A lease that could not be given back, and why."""

    lease: Lease
    why: str


def tagged(run: str, purpose: str) -> str:
    """Return the name of what a run creates for a purpose."""
    return f"{PREFIX}-{run}-{purpose}"


def prefix(run: str) -> str:
    """Return what the names begin with that another program gives for a run, which makes host names of them.

    Those have 63 characters at most, and Tempest's own part takes up to 47.
    """
    return f"{SHORT_PREFIX}-{run[:8]}"


class Leases:
    """What one run creates in one cloud."""

    def __init__(self, cloud: OpenStackCloud, journal: Journal, now: Callable[[], datetime]) -> None:
        self.leftovers: list[Leftover] = []
        self._cloud = cloud
        self._journal = journal
        self._now = now

    @asynccontextmanager
    async def held(self) -> AsyncIterator["Holding"]:
        """Remove everything that was created within the block when it ends, the last first, whatever happens."""
        holding = Holding(self._cloud, self._journal, self._now)
        try:
            yield holding
        finally:
            self.leftovers += await asyncio.shield(holding.end())


class Holding:
    """What is created within one block of work."""

    def __init__(self, cloud: OpenStackCloud, journal: Journal, now: Callable[[], datetime]) -> None:
        self._cloud = cloud
        self._journal = journal
        self._now = now
        self._leases: dict[int, Lease] = {}
        self._asking: set[asyncio.Task[str]] = set()

    def name(self, purpose: str) -> str:
        """Return the name that something for this purpose has."""
        return tagged(self._journal.run, purpose)

    @property
    def prefix(self) -> str:
        """What the names begin with that another program gives for this run."""
        return prefix(self._journal.run)

    async def create(self, kind: str, purpose: str, wish: Mapping[str, Any], **request: Any) -> str:
        """Create a thing as most APIs do, POST of its description with our name; return its identifier."""
        of_kind = KINDS[kind]

        async def ask(name: str) -> str:
            described = {**wish, of_kind.name_key: name}
            document = {of_kind.key: described} if of_kind.key else described
            answer = (
                await self._cloud.request(of_kind.service, "POST", of_kind.path, json=document, **request)
            ).object()
            return of_kind.identifier(answer[of_kind.key] if of_kind.key else answer)

        return await self.obtain(kind, purpose, ask)

    async def obtain(
        self, kind: str, purpose: str, ask: Callable[[str], Awaitable[str]], *, identifier: str | None = None
    ) -> str:
        """Let `ask` create something under the name that it is given; return the identifier that it returns.

        `identifier` is given where it is known beforehand. Being cancelled does not tear the request apart.
        """
        lease = self._journal.wanted(kind, self.name(purpose), self._now(), identifier)
        self._leases[lease.number] = lease
        task = asyncio.ensure_future(self._asked(lease, ask))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return await asyncio.shield(task)

    async def give_back(self, identifier: str) -> None:
        """Remove one thing now; CloudError where that does not work."""
        lease = next(lease for lease in self._leases.values() if lease.identifier == identifier)
        await _removed(self._cloud, lease, self._now)
        self._forget(lease)

    async def end(self) -> list[Leftover]:
        """Remove all that is left, the last first; return what could not be removed."""
        await asyncio.gather(*self._asking, return_exceptions=True)
        leftovers = await removed(self._cloud, tuple(self._leases.values()), self._now, self._forget)
        return list(leftovers)

    async def _asked(self, lease: Lease, ask: Callable[[str], Awaitable[str]]) -> str:
        try:
            identifier = await self._answered(lease, ask)
        except (CloudAuthError, CloudNotFoundError, CloudRefusedError):
            self._forget(lease)  # the cloud said no: there is nothing
            raise
        self._leases[lease.number] = self._journal.held(lease, identifier)
        return identifier

    async def _answered(self, lease: Lease, ask: Callable[[str], Awaitable[str]]) -> str:
        """Return what `ask` returns; where the connection broke, look whether it was made, and ask again where not."""
        try:
            return await ask(lease.name)
        except CloudUnreachableError as error:
            kind = KINDS[lease.kind]
            if not kind.plural:
                raise
            note_repetition(error)
            await asyncio.sleep(LOST_ANSWER_SECONDS)
            found = await _found(self._cloud, kind, lease.name)
            return found[0] if found else await ask(lease.name)

    def _forget(self, lease: Lease) -> None:
        self._journal.released(lease)
        self._leases.pop(lease.number, None)


async def removed(
    cloud: OpenStackCloud,
    leases: Iterable[Lease],
    now: Callable[[], datetime],
    note: Callable[[Lease], None],
    *,
    seconds: float = REMOVAL_SECONDS,
) -> tuple[Leftover, ...]:
    """Remove what the leases say, the last first; tell `note` of each that is gone, and return the others.

    What something else still needs is refused for a while and asked for again. One that stays does not keep the
    others from being removed.
    """
    leftovers = []
    for lease in sorted(leases, key=lambda lease: lease.number, reverse=True):
        if lease.kind not in KINDS:
            leftovers.append(Leftover(lease=lease, why="this version of Allmende does not know how; use a newer one"))
            continue
        try:
            async with asyncio.timeout(seconds):
                await _removed(cloud, lease, now)
        except TimeoutError:
            leftovers.append(Leftover(lease=lease, why=f"it was still there after {seconds:g} s"))
        except CloudError as error:
            leftovers.append(Leftover(lease=lease, why=str(error)))
        else:
            note(lease)
    return tuple(leftovers)


async def _removed(cloud: OpenStackCloud, lease: Lease, now: Callable[[], datetime]) -> None:
    kind = KINDS[lease.kind]
    if lease.identifier is not None:
        await _gone(cloud, kind, lease.identifier)
        return
    while True:
        for identifier in await _found(cloud, kind, lease.name):
            await _gone(cloud, kind, identifier)
        if now() - lease.wanted_at >= UNANSWERED:
            return
        await asyncio.sleep(1)


async def _found(cloud: OpenStackCloud, kind: Kind, name: str) -> list[str]:
    rows = await cloud.items(kind.service, kind.path, kind.plural, params={kind.name_key: name})
    return [kind.identifier(row) for row in rows if row.get(kind.name_key) == name]


async def _gone(cloud: OpenStackCloud, kind: Kind, identifier: str) -> None:
    """Remove a thing and wait until it is gone; what is refused for now is asked for again until time is up."""

    async def removable() -> bool:
        try:
            await kind.remove(cloud, kind, identifier)
        except CloudNotFoundError:
            return True
        except CloudRefusedError as error:
            if error.status in NOT_NOW:
                return False
            raise
        return True

    async def vanished() -> bool:
        try:
            answer = (await cloud.request(kind.service, "GET", f"{kind.path}/{identifier}")).object()
        except CloudNotFoundError:
            return True
        return kind.is_deleted(answer[kind.key] if kind.key else answer)

    await until(removable)
    if kind.vanishes:
        await until(vanished)
