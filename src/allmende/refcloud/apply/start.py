"""Starting a unit and waiting until it is ready, or surely will not be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from allmende.errors import ReferenceCloudError
from allmende.refcloud.apply.door import OperatorDoor
from allmende.refcloud.apply.probes import Probes, until_ready_or_given_up
from allmende.refcloud.apply.program import tail
from allmende.refcloud.apply.record import Running
from allmende.refcloud.apply.supervisor import Supervisor
from allmende.refcloud.apply.watch import Watch
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import Plan, StartUnit

_READY_SECONDS = 240.0


class Starts:
    """Starts units of a cloud whose supervisor runs."""

    def __init__(
        self, plan: Plan, places: Places, running: Running, supervisor: Supervisor, operator: OperatorDoor
    ) -> None:
        self._supervisor = supervisor
        self._watch = Watch(supervisor)
        self._probes = Probes(plan, places, running, operator)
        self._logs = {unit.name: unit.log for unit in plan.units}

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Notice inside the `with` block when a unit is lost."""
        watching = asyncio.create_task(self._watch.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def start(self, start: StartUnit) -> None:
        """Start the unit and wait until it is ready; raise ReferenceCloudError with the end of its log."""
        await self._supervisor.start(start.unit)
        if start.ready is None:
            return
        log = self._logs[start.unit]
        try:
            await until_ready_or_given_up(
                self._probes.wait(start.ready),
                self._watch.why_lost(start.unit),
                seconds=_READY_SECONDS,
                unit=start.unit,
            )
        except ReferenceCloudError as error:
            raise ReferenceCloudError(f"{error}\n{tail(log)}", hint=f"Read {log}.") from None
