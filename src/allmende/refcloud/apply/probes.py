"""Whether a unit is ready: asked again and again, the way its users would ask."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, assert_never

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudError, ReferenceCloudError
from allmende.programs.run import run_program
from allmende.refcloud.apply.enclosure import seen_from_here
from allmende.refcloud.apply.record import Running
from allmende.refcloud.model.blueprint import (
    ConsumesReady,
    FileReady,
    HttpReady,
    InterfaceReady,
    Ready,
    ReportReady,
    SocketReady,
    TcpReady,
)
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import Plan

_PAUSE_SECONDS = 0.15


class Probes:
    """Asks the units of one running cloud. `operator` opens the door for questions that need a token."""

    def __init__(
        self, plan: Plan, places: Places, running: Running, operator: Callable[[], Awaitable[OpenStackCloud]]
    ) -> None:
        self._plan = plan
        self._places = places
        self._running = running
        self._operator = operator

    async def wait(self, ready: Ready) -> None:
        """Return when the answer is yes; waits for ever otherwise."""
        if isinstance(ready, ConsumesReady | ReportReady) and ready.consumes:
            await self._consumes(ready.consumes)
        if isinstance(ready, ConsumesReady):
            return
        while not await self._is(ready):
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _is(self, ready: TcpReady | HttpReady | SocketReady | FileReady | InterfaceReady | ReportReady) -> bool:
        match ready:
            case TcpReady():
                return await _connects(self._plan.ports[ready.tcp])
            case HttpReady():
                return await _answers(self._plan.ports[ready.http], ready.path)
            case SocketReady():
                return await asyncio.to_thread(
                    _socket_answers, seen_from_here(self._running, ready.socket), greets=ready.greets
                )
            case FileReady():
                return seen_from_here(self._running, ready.file).exists()
            case InterfaceReady():
                return Path(f"/sys/class/net/{ready.interface}").exists()
            case ReportReady():
                return await self._reports(ready)
            case _:
                assert_never(ready)

    async def _consumes(self, queue: str) -> None:
        port, password = self._plan.ports["rabbitmq"], self._places.etc / "rabbitmq/password"
        argv = [self._places.venv / "bin/python", self._places.tools / "consumers", str(port), password, queue]
        await run_program(
            [str(word) for word in argv],
            log=self._places.log / "probes.log",
            environment=self._plan.environment,
            what=f"waiting for {queue}",
        )

    async def _reports(self, ready: ReportReady) -> bool:
        def fits(item: dict[str, Any]) -> bool:
            return all(item.get(key) == value for key, value in ready.where.items())

        try:
            cloud = await self._operator()
            found = await cloud.items(ready.report, ready.path, ready.list)
        except CloudError:
            found = []
        if any(fits(item) for item in found):
            return True
        await asyncio.sleep(0.4)  # each of these questions costs the cloud more than opening a socket
        return False


async def _connects(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


async def _answers(port: int, path: str) -> bool:
    """Return whether a GET is answered with a status below 500. Plain sockets: asking must cost next to nothing."""
    with suppress(OSError, ValueError, IndexError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return int((await reader.readline()).split()[1]) < 500
        finally:
            writer.close()
    return False


def _socket_answers(path: Path, *, greets: bool) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect(str(path))
        return not greets or bool(connection.recv(1))
    return False


async def until_ready_or_given_up(wait: Awaitable[None], watch: Awaitable[str], *, seconds: float, unit: str) -> None:
    """Wait for `wait`; raise ReferenceCloudError when `watch` tells why the unit is lost, or time is up."""
    waiting, watching = asyncio.ensure_future(wait), asyncio.ensure_future(watch)
    try:
        done, _ = await asyncio.wait({waiting, watching}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            waiting.result()
        elif watching in done:
            raise ReferenceCloudError(f"{unit} does not start: {watching.result()}")
        else:
            raise ReferenceCloudError(f"{unit} was not ready after {seconds:.0f} s.")
    finally:
        waiting.cancel()
        watching.cancel()
        await asyncio.gather(waiting, watching, return_exceptions=True)
