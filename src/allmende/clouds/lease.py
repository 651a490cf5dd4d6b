"""Everything that we create in somebody's cloud is leased: written down before it is asked for, removed by identifier.

How what is leased is removed again, and found where its identifier never came, is decided in `removal`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from allmende.clouds.journal import Journal, Lease
from allmende.clouds.kinds import KINDS
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.persistence import note_repetition
from allmende.clouds.removal import Leftover, found_by_name, kind_of, remove, removed
from allmende.errors import CloudAuthError, CloudNotFoundError, CloudRefusedError, CloudUnreachableError

PREFIX = "allmende"
SHORT_PREFIX = "allm"
LOST_ANSWER_SECONDS = 2.0
"""How long after a broken connection we look whether the request was carried out."""


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
            document = of_kind.wrapped(described)
            answer = await self._cloud.request(of_kind.service, "POST", of_kind.path, json=document, **request)
            return of_kind.identifier(of_kind.unwrapped(answer.object()))

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
        await remove(self._cloud, lease, self._now)
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
            kind = kind_of(lease)
            if not kind.plural:
                raise
            note_repetition(error)
            await asyncio.sleep(LOST_ANSWER_SECONDS)
            found = await found_by_name(self._cloud, kind, lease.name)
            return found[0] if found else await ask(lease.name)

    def _forget(self, lease: Lease) -> None:
        self._journal.released(lease)
        self._leases.pop(lease.number, None)
