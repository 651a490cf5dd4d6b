"""The operator's door to a cloud that is coming up: opened when it is first needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.refcloud.model.cloud import CloudAddress

_PATIENCE = Limits(concurrent=8, answer_seconds=120.0, attempts=5)  # a cloud that starts is slow to answer


class OperatorDoor:
    """Opens the cloud with the operator's credential, once."""

    def __init__(self, address: CloudAddress) -> None:
        self._address = address
        self._cloud: OpenStackCloud | None = None
        self._opening = asyncio.Lock()

    async def __call__(self) -> OpenStackCloud:
        """Return the open door."""
        async with self._opening:
            if self._cloud is None:
                files = [self._address.operator_yaml]
                self._cloud = await open_cloud(self._address.operator, environ={}, limits=_PATIENCE, config_files=files)
            return self._cloud

    async def close(self) -> None:
        """Give the connections back. The next who comes gets a new token, and with it the catalogue as it is then."""
        async with self._opening:
            if self._cloud is not None:
                await self._cloud.close()
            self._cloud = None


@asynccontextmanager
async def operator_door(address: CloudAddress) -> AsyncIterator[OperatorDoor]:
    """Hold the operator's door."""
    door = OperatorDoor(address)
    try:
        yield door
    finally:
        await door.close()
