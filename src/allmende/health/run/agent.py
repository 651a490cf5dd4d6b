"""A monitor at work: its assignments again and again, side by side, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import AllmendeError, StoreError
from allmende.health.model.assignment import Assignment
from allmende.health.model.samples import Iteration, Sample, State
from allmende.health.rules.judging import state_of
from allmende.health.run.iterate import Conditions, iterate
from allmende.health.run.scenarios import SCENARIOS, Playable, left_out, scenario_called, step_called


class Audience(Protocol):
    """Who is told of what goes on. `lost` is why nobody hears any more, if so: what was begun goes on to its end."""

    @property
    def lost(self) -> OSError | None:
        """Why nothing can be told any more."""
        ...

    def begin(self, cloud: str, scenario: str) -> None:
        """An iteration begins."""
        ...

    def sample(self, cloud: str, sample: Sample) -> None:
        """A call or step has ended."""
        ...

    def end(self, iteration: Iteration, state: State) -> None:
        """An iteration has ended."""
        ...

    def trouble(self, error: AllmendeError) -> None:
        """Something is wrong with the monitor itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What a monitor has: a vantage point, a clock, a place for journals, where it keeps what it measured."""

    vantage: str
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    journals: Path
    keep: Callable[[Iteration], Awaitable[None]]
    told: Audience

    async def once(self, assignment: Assignment, cloud: OpenStackCloud) -> list[State]:
        """Play the scenarios of an assignment once, one after the other; the first error that tells nothing ends it."""
        states = [await self._iterated(playable, assignment, cloud) for playable in playables(assignment)]
        if self.told.lost is not None:
            raise self.told.lost
        return states

    async def again(self, assignment: Assignment, cloud: OpenStackCloud, *, first_after: float = 0.0) -> None:
        """Play the scenarios of an assignment every so many minutes, for ever."""
        await asyncio.sleep(first_after)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self.once(assignment, cloud)
            await asyncio.sleep(max(0.0, began + 60 * assignment.minutes - loop.time()))

    async def all(
        self, assignments: Sequence[Assignment], opened: Callable[[str | None], Awaitable[OpenStackCloud]]
    ) -> None:
        """Do every assignment, for ever. They begin spread over their intervals, so that the load is even.

        Scenarios that only read do not wait for those that create: a guest that hangs keeps nobody from seeing more.
        """
        async with AsyncExitStack() as stack:
            clouds = [await stack.enter_async_context(await opened(each.cloud)) for each in assignments]
            try:
                async with asyncio.TaskGroup() as group:
                    for place, (assignment, cloud) in enumerate(zip(assignments, clouds, strict=True)):
                        first = 60 * assignment.minutes * place / len(assignments)
                        for part in parts(assignment):
                            group.create_task(self.again(part, cloud, first_after=first))
            except* OSError as lost:  # nobody hears any more
                raise lost.exceptions[0] from None

    async def _iterated(self, playable: Playable, assignment: Assignment, cloud: OpenStackCloud) -> State:
        """Return the state of one iteration; that it cannot be kept ends nothing."""
        name = assignment.name or cloud.name
        conditions = Conditions(
            id=self.new_id(),
            vantage=self.vantage,
            now=self.now,
            journals=self.journals,
            told=partial(self.told.sample, name),
        )
        self.told.begin(name, playable.scenario.name)
        try:
            iteration = await iterate(playable, cloud, conditions)
        except StoreError as error:  # the journal cannot be kept, so nothing was tried
            self.told.trouble(error)
            return State.BLIND
        named = replace(iteration, cloud=name)
        try:
            await self.keep(named)
        except AllmendeError as error:
            self.told.trouble(error)
        state = state_of(named)
        self.told.end(named, state)
        return state


def parts(assignment: Assignment) -> tuple[Assignment, ...]:
    """Return the assignment in parts that can be done side by side: what only reads, and what creates."""
    chosen = playables(assignment)
    names = (
        tuple(each.scenario.name for each in chosen if each.scenario.creates is creates) for creates in (False, True)
    )
    return tuple(replace(assignment, scenarios=each) for each in names if each)


def playables(assignment: Assignment) -> tuple[Playable, ...]:
    """Return the scenarios of an assignment, without the steps that it leaves out; UnknownNameError for others."""
    skipped = [step_called(name) for name in assignment.without]
    chosen = [scenario_called(name) for name in assignment.scenarios] or list(SCENARIOS.values())
    return tuple(left_out(playable, skipped) for playable in chosen)
