"""One iteration: the steps of a scenario at once where they can be, each timed, and everything removed again.

What a step or a request came to is decided in `rules.judging`. Being cancelled ends the steps and removes what they
made.
"""

import asyncio
import resource as process_resources
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from allmende.clouds.calls import Call, calls_told_to
from allmende.clouds.clean import clean, place_of
from allmende.clouds.journal import Journal, Place
from allmende.clouds.kinds import KINDS
from allmende.clouds.lease import Leases
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.quota import free_quota
from allmende.clouds.removal import Leftover
from allmende.clouds.settling import WentWrongError
from allmende.errors import CloudError, CloudNotFoundError
from allmende.health.apply.stage import Deed, MissingError, Stage
from allmende.health.fetch.vantage import no_way_to
from allmende.health.model.samples import FAULTS, Ending, Iteration, Kind, Sample
from allmende.health.model.scenario import Scenario, Step
from allmende.health.rules.judging import blinded, ending_of, ending_of_call, resource
from allmende.health.rules.plan import waits_for
from allmende.health.rules.preflight import lacking
from allmende.health.run.scenarios import Playable

LOG_IN = "log in"
"""The step that is there only where nothing else could begin."""
ROOM = "find room in the quota"
"""The step that is there only where there is none."""
REMOVING = "remove everything"
"""What the requests belong to that are sent after the steps; a step of its own where something could not be removed."""

_LAG_EVERY_S = 0.25
_CLEANING_S = 30.0
"""How long is waited for what an earlier iteration left, which must not keep this one from seeing."""

_step: ContextVar[str] = ContextVar("step", default=REMOVING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an iteration needs beside the cloud: its id, the clock, a place for journals, and who is told of samples."""

    id: UUID
    vantage: str
    now: Callable[[], datetime]
    journals: Path
    told: Callable[[Sample], None] = lambda _: None


async def iterate(playable: Playable, cloud: OpenStackCloud, conditions: Conditions) -> Iteration:
    """Return what was measured, also where nobody could log in. StoreError where the journal cannot be kept."""
    scenario, loop = playable.scenario, asyncio.get_running_loop()
    samples: list[Sample] = []

    def note(sample: Sample) -> None:
        samples.append(sample)
        conditions.told(sample)

    def heard(call: Call) -> None:
        note(_sample_of(call, _step.get(), conditions.now()))

    left: tuple[str, ...] = ()
    began_at, began, used = conditions.now(), loop.time(), _processor_seconds()
    async with _lag() as lag:
        with calls_told_to(heard):
            place = await _logged_in(scenario, cloud, conditions, note)
            if place is not None:
                left = await _played(playable, cloud, conditions, place, (samples, note))
    made = Iteration(
        id=conditions.id,
        cloud=cloud.name,
        region=cloud.region,
        vantage=conditions.vantage,
        scenario=scenario.name,
        began_at=began_at,
        seconds=loop.time() - began,
        samples=tuple(samples),
        overhead=_processor_seconds() - used,
        lag=max(lag),
        left=left,
    )
    if any(step.ending in FAULTS for step in made.steps):
        why = await no_way_to(cloud.auth_url)
        return blinded(made, why) if why else made
    return made


async def _logged_in(
    scenario: Scenario, cloud: OpenStackCloud, conditions: Conditions, note: Callable[[Sample], None]
) -> Place | None:
    """Return the project, with nothing in it any more that a killed monitor left, and with room for what is created.

    None, and a sample, where not.
    """
    began, at = time.monotonic(), conditions.now()
    try:
        place = await place_of(cloud)
        if scenario.creates:
            with suppress(TimeoutError):  # what hangs then is tried again by the next iteration
                async with asyncio.timeout(_CLEANING_S):
                    await clean(cloud, conditions.journals, conditions.now)
        lacks = lacking(scenario, await free_quota(cloud)) if scenario.quota else ()
    except CloudError as error:
        ended = replace(_step_sample(LOG_IN, "identity", at, began), ending=ending_of(error), said=str(error))
        note(replace(ended, status=error.status, request_id=error.request_id))
        return None
    if lacks:
        service = lacks[0].partition(".")[0]
        note(replace(_step_sample(ROOM, service, at, began), ending=Ending.BLIND, said=f"It lacks {', '.join(lacks)}."))
        return None
    return place


async def _played(
    playable: Playable,
    cloud: OpenStackCloud,
    conditions: Conditions,
    place: Place,
    noted: tuple[Sequence[Sample], Callable[[Sample], None]],
) -> tuple[str, ...]:
    """Do the steps and remove what they made; return what could not be removed."""
    samples, note = noted
    journal = Journal.begun(conditions.journals, conditions.id.hex[-12:], place)
    try:
        leases = Leases(cloud, journal, conditions.now)
        async with leases.held() as holding:
            results: dict[str, Any] = {}
            stage = Stage(cloud=cloud, holding=holding, results=results, secret=conditions.id.hex)
            await _Run(playable.deeds, stage, results, conditions.now, noted).all(playable.scenario)
    finally:
        journal.close()
    for left in leases.leftovers:
        note(_left(left, samples, conditions.now()))
    return tuple(f"{left.lease.kind} {left.lease.name}" for left in leases.leftovers)


def _left(left: Leftover, samples: Iterable[Sample], at: datetime) -> Sample:
    """Return that something could not be removed: a fault of its service, or of a monitor that is blind anyway."""
    kind = KINDS.get(left.lease.kind)
    is_blind = any(sample.kind is Kind.STEP and sample.ending is Ending.BLIND for sample in samples)
    return replace(
        _step_sample(REMOVING, kind.service if kind else "compute", at, time.monotonic()),
        ending=Ending.BLIND if is_blind else Ending.TIMEOUT,
        said=f"{left.lease.kind} {left.lease.name}: {left.why}",
    )


class _Run:
    """The steps of one iteration under way."""

    def __init__(
        self,
        deeds: Mapping[str, Deed],
        stage: Stage,
        results: dict[str, Any],
        now: Callable[[], datetime],
        noted: tuple[Sequence[Sample], Callable[[Sample], None]],
    ) -> None:
        self._deeds = deeds
        self._stage = stage
        self._results = results
        self._now = now
        self._samples, self._note = noted
        self._done: dict[str, asyncio.Task[bool]] = {}
        self._is_over = False

    async def all(self, scenario: Scenario) -> None:
        """Do every step, as early as it can be."""
        for step in scenario.steps:
            self._done[step.name] = asyncio.create_task(self._in_turn(step))
        tasks = self._done.values()
        try:
            _, late = await asyncio.wait(tasks, timeout=scenario.seconds)
            self._is_over = bool(late)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _in_turn(self, step: Step) -> bool:
        """Return whether the step worked; it begins when those that it waits for have ended."""
        began, at = time.monotonic(), self._now()
        try:
            before = {name: await asyncio.shield(self._done[name]) for name in waits_for(step)}
            began, at = time.monotonic(), self._now()
            missing = [name for name in step.needs if not before[name]]
            if missing:
                self._ended(step, at, began, Ending.SKIPPED, f"it needs: {missing[0]}")
                return False
            return await self._tried(step, self._deeds[step.name], at, began)
        except asyncio.CancelledError:
            if self._is_over:  # otherwise somebody ended the monitor, which says nothing of the cloud
                self._ended(step, at, began, Ending.TIMEOUT, "the scenario's time was over")
            raise

    async def _tried(self, step: Step, deed: Deed, at: datetime, began: float) -> bool:
        token = _step.set(step.name)
        status, request_id = None, ""
        try:
            async with asyncio.timeout(step.seconds):
                await self._offered(step)
                result = await deed(self._stage)
        except MissingError as error:
            ending, said = Ending.SKIPPED, str(error)
        except TimeoutError:
            ending, said = Ending.TIMEOUT, f"not within {step.seconds:g} s"
        except WentWrongError as error:
            ending, said = Ending.ERROR, str(error)
        except CloudError as error:
            ending, said, status, request_id = ending_of(error), str(error), error.status, error.request_id
        except (KeyError, TypeError, ValueError) as error:
            ending, said = Ending.ERROR, f"the answer cannot be understood: {error!r}"
        else:
            self._results[step.name] = result
            ending, said = Ending.OK, result if isinstance(result, str) else ""
        finally:
            _step.reset(token)
        self._ended(step, at, began, ending, said, status=status, request_id=request_id)
        return ending is Ending.OK

    async def _offered(self, step: Step) -> None:
        try:
            await self._stage.cloud.endpoint(step.service)
        except CloudNotFoundError as error:
            if error.status is None:
                raise MissingError(f"The catalog has no {step.service}.") from error
            raise

    def _ended(
        self,
        step: Step,
        at: datetime,
        began: float,
        ending: Ending,
        said: str,
        *,
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        ended = _step_sample(step.name, step.service, at, began)
        if ending in FAULTS and not request_id:
            request_id = _telling_request(step, self._samples)
        self._note(replace(ended, ending=ending, said=said, status=status, request_id=request_id))


def _telling_request(step: Step, samples: Iterable[Sample]) -> str:
    """Return the id of the request that a step was about which failed without one: the last that changed something.

    A step that waits is about what the steps that it needs asked for; without such a request, it is the step's last.
    """
    calls = [sample for sample in samples if sample.kind is Kind.CALL and sample.request_id]
    its = [call for call in calls if call.step == step.name]
    changes = [call for call in calls if call.step in (step.name, *step.needs) and not call.what.startswith("GET ")]
    return next((call.request_id for call in reversed(changes or its)), "")


def _step_sample(name: str, service: str, at: datetime, began: float) -> Sample:
    return Sample(
        kind=Kind.STEP,
        at=at,
        service=service,
        what=name,
        step=name,
        ending=Ending.OK,
        seconds=time.monotonic() - began,
    )


def _sample_of(call: Call, step: str, at: datetime) -> Sample:
    return Sample(
        kind=Kind.CALL,
        at=at,
        service=call.service,
        what=f"{call.method} {resource(call.path)}",
        step=step,
        ending=ending_of_call(call),
        seconds=call.seconds,
        status=call.status,
        request_id=call.request_id,
        said=str(call.error) if call.error else "",
    )


@asynccontextmanager
async def _lag() -> AsyncIterator[list[float]]:
    """Yield how late this process was at waking up, in seconds, as it goes on."""
    late = [0.0]

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY_S
            await asyncio.sleep(_LAG_EVERY_S)
            late.append(loop.time() - due)

    watching = asyncio.create_task(watch())
    try:
        yield late
    finally:
        watching.cancel()


def _processor_seconds() -> float:
    used = process_resources.getrusage(process_resources.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
