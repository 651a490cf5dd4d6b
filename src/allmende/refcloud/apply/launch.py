"""Starting and stopping the supervisor of a cloud, and removing what an earlier one may have left."""

import asyncio
import shutil
from collections.abc import Callable
from time import monotonic

from allmende.errors import ReferenceCloudError
from allmende.programs.run import tail
from allmende.refcloud.apply.enclosure import is_alive, kill, members, open_enclosure, strays
from allmende.refcloud.apply.interfaces import remove_abandoned_datapath, remove_interfaces
from allmende.refcloud.apply.record import Memory, Running
from allmende.refcloud.apply.supervisor import Supervisor
from allmende.refcloud.apply.write import write_plan
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import Plan

_STOP_SECONDS = 40.0
_GUESTS_SECONDS = 3.0
_PAUSE_SECONDS = 0.05


async def launch(plan: Plan, places: Places, memory: Memory, supervisor: Supervisor) -> Running:
    """Return the cloud's supervisor: the one that lives, if it runs this very plan, or a new one."""
    running = memory.running()
    if running is not None and is_alive(running):
        if running.digest == plan.digest and await supervisor.answers():
            return running
        await stop(places, memory, supervisor)
    write_plan(plan, places)
    log = places.log / "enclosure.log"
    running = await open_enclosure(places.etc / "enter", log, plan.environment, plan.digest)
    memory.remember_running(running)
    while not await supervisor.answers():
        if not is_alive(running):
            raise ReferenceCloudError(f"The cloud's supervisor does not start:\n{tail(log)}", hint=f"Read {log}.")
        await asyncio.sleep(_PAUSE_SECONDS)
    return running


def is_running(places: Places, memory: Memory) -> bool:
    """Return whether any process of the cloud lives."""
    return is_alive(memory.running()) or bool(strays(places.root))


async def stop(places: Places, memory: Memory, supervisor: Supervisor) -> None:
    """Stop every process: in order when the supervisor answers, at once when it does not."""
    running = memory.running()
    if running is not None and is_alive(running):
        if await supervisor.answers():
            await _end_guests(running)
            await supervisor.shutdown()
            await _until(lambda: not is_alive(running), _STOP_SECONDS)
        if is_alive(running):
            await kill([running.pid])
    await clean_up(places, memory)


async def clean_up(places: Places, memory: Memory) -> None:
    """Remove what a cloud that was not stopped in order may have left: processes, interfaces, sockets."""
    await kill(strays(places.root))
    record = memory.record()
    if record is not None:
        await remove_interfaces(f"{record.identity.id}-")
    await remove_abandoned_datapath()
    shutil.rmtree(places.run, ignore_errors=True)
    memory.remember_running(None)


async def _end_guests(running: Running) -> None:
    """Let QEMU write what it holds and end, as when a machine is switched off with its key."""
    guests = [process for process in members(running) if process.name().startswith("qemu-system")]
    for guest in guests:
        guest.terminate()
    await _until(lambda: not any(guest.is_running() for guest in guests), _GUESTS_SECONDS)


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    end = monotonic() + seconds
    while not condition() and monotonic() < end:
        await asyncio.sleep(_PAUSE_SECONDS)
