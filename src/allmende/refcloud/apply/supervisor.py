"""Talking to the supervisor of a cloud over its Unix socket."""

import asyncio
import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allmende.errors import ReferenceCloudError

_ALREADY_STARTED, _NOT_RUNNING = 60, 70


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """What the supervisor says of a unit: its state in the supervisor's words, process id inside, seconds of life."""

    name: str
    state: str
    pid: int
    uptime_seconds: int

    @property
    def has_given_up(self) -> bool:
        """Whether the supervisor tries no longer to start it."""
        return self.state in {"FATAL", "UNKNOWN"}


class Supervisor:
    """The supervisor behind a socket. Every call is short; failures are ReferenceCloudErrors.

    All calls share one connection and wait for their turn.
    """

    def __init__(self, path: Path) -> None:
        self._proxy = xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport(path))
        self._turn = asyncio.Lock()
        self._groups: dict[str, str] = {}

    async def answers(self) -> bool:
        """Return whether somebody is there."""
        try:
            await self._call("getState")
        except ReferenceCloudError:
            return False
        return True

    async def states(self) -> list[UnitState]:
        """Return the state of every unit."""
        return [
            UnitState(
                name=info["name"],
                state=info["statename"],
                pid=info["pid"],
                uptime_seconds=info["now"] - info["start"] if info["statename"] == "RUNNING" else 0,
            )
            for info in await self._call("getAllProcessInfo")
        ]

    async def start(self, unit: str) -> None:
        """Start a unit and return at once; one that runs is left alone."""
        wait = False
        await self._call("startProcess", await self._full_name(unit), wait, ignore=_ALREADY_STARTED)

    async def stop(self, unit: str) -> None:
        """Stop a unit and wait until it has ended."""
        wait = True
        await self._call("stopProcess", await self._full_name(unit), wait, ignore=_NOT_RUNNING)

    async def shutdown(self) -> None:
        """Ask the supervisor to stop every unit, services first, and to end."""
        await self._call("shutdown")

    async def _full_name(self, unit: str) -> str:
        if not self._groups:
            self._groups = {info["name"]: info["group"] for info in await self._call("getAllProcessInfo")}
        return f"{self._groups[unit]}:{unit}"

    async def _call(self, method: str, *arguments: Any, ignore: int | None = None) -> Any:
        call = getattr(self._proxy.supervisor, method)
        try:
            async with self._turn:
                return await asyncio.to_thread(call, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == ignore:
                return None
            raise ReferenceCloudError(f"The supervisor refused {method}: {fault.faultString}") from None
        except (OSError, http.client.HTTPException) as error:
            raise ReferenceCloudError(f"The cloud's supervisor does not answer: {error}") from None


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("supervisor", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)
