"""Watching the units of a cloud that comes up, to see early that one will never be ready."""

import asyncio
from collections import defaultdict

from allmende.refcloud.apply.supervisor import Supervisor

_PAUSE_SECONDS = 1.0
_LIVES = 4  # a unit that waits for another may need a second attempt; a broken one would go on for ever


class Watch:
    """Asks the supervisor once a second for all units, on behalf of everybody who waits for one."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._lives: defaultdict[str, set[int]] = defaultdict(set)
        self._lost: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            for state in await self._supervisor.states():
                self._lives[state.name] |= {state.pid} - {0}
                if state.has_given_up or len(self._lives[state.name]) > _LIVES:
                    self._lost[state.name].set()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def why_lost(self, unit: str) -> str:
        """Return why a unit is lost, once it is."""
        await self._lost[unit].wait()
        return "it ends again and again"
