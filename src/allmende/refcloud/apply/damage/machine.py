"""The states of what stands on this machine: whether a unit runs, and what a file of its configuration says."""

import asyncio
import contextlib

from allmende.refcloud.apply.record import write_private
from allmende.refcloud.apply.start import Starts
from allmende.refcloud.apply.supervisor import Supervisor
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.defects import State
from allmende.refcloud.model.plan import Plan, StartUnit

_PAUSE_SECONDS = 0.1


class Machine:
    """The units and files of a cloud whose supervisor runs."""

    def __init__(self, plan: Plan, places: Places, supervisor: Supervisor, starts: Starts) -> None:
        self._places = places
        self._supervisor = supervisor
        self._starts = starts
        self._starting = {step.action.unit: step.action for step in plan.steps if isinstance(step.action, StartUnit)}

    async def unit(self, name: str) -> State:
        """Return whether a unit runs; empty when this cloud has no such unit."""
        if name not in self._starting:
            return {}
        return {"runs": any(state.pid for state in await self._supervisor.states() if state.name == name)}

    async def bring_unit(self, name: str, state: State) -> None:
        """Start a unit and wait until it is ready, or stop it."""
        if state["runs"]:
            while await self._is_stopping(name):  # on behalf of a command that was killed; to start it now is ignored
                await asyncio.sleep(_PAUSE_SECONDS)
            await self._starts.start(self._starting[name])
        else:
            await self._supervisor.stop(name)

    async def _is_stopping(self, name: str) -> bool:
        return any(state.state == "STOPPING" for state in await self._supervisor.states() if state.name == name)

    async def file(self, path: str) -> State:
        """Return what a file says; its text is None when it is not there."""
        with contextlib.suppress(FileNotFoundError):
            return {"text": (self._places.etc / path).read_text("utf-8")}
        return {"text": None}

    async def bring_file(self, path: str, unit: str, state: State) -> None:
        """Write or remove the file, and start the unit that reads it again."""
        file = self._places.etc / path
        if state["text"] is None:
            file.unlink(missing_ok=True)
        else:
            write_private(file, state["text"])
        await self._supervisor.stop(unit)
        await self.bring_unit(unit, {"runs": True})
