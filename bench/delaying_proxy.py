"""A reverse proxy on the loopback that counts and delays the requests to a cloud whose services listen there.

    python bench/delaying_proxy.py http://127.0.0.1:5000/v3 [--delay MILLISECONDS]

prints the address that a clouds.yaml names as `auth_url` instead. Every service has a port here that stands for its
own: where an answer names `http://127.0.0.1:PORT`, in a JSON body or a header, the port is replaced, so that a client
that begins with the identity service comes through here with everything. Paths, and the Host header, which S3 signs,
stay as they are. A request waits before it is passed on, as long as a round trip to a distant cloud takes; a new
connection does not.
"""

import argparse
import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import h11

LOOPBACK = "127.0.0.1"
ADDRESS = re.compile(rb"http://127\.0\.0\.1:([0-9]+)")
PIECE = 1 << 16
LARGEST_HEAD = 1 << 18

Headers = list[tuple[bytes, bytes]]


class DelayingProxy:
    """Stands before a cloud while it is entered as a context.

    `seen` has a line for each request, `delay` is in seconds.
    """

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.seen: list[str] = []
        self._fronts: dict[int, int] = {}
        self._servers: list[asyncio.Server] = []
        self._opening = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def standing_for(self, address: str) -> str:
        """Return the address here that stands for one of the cloud."""
        return (
            asyncio.run_coroutine_threadsafe(self._replaced(address.encode()), self._loop).result(timeout=10).decode()
        )

    @contextmanager
    def counting(self, delay: float) -> Iterator[list[str]]:
        """Delay requests in the block so long; the list that is yielded has them when it ends."""
        self.delay = delay
        before, counted = len(self.seen), list[str]()
        try:
            yield counted
        finally:
            counted += self.seen[before:]

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        ours = asyncio.current_task()
        rest = [task for task in asyncio.all_tasks() if task is not ours]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _replaced(self, content: bytes) -> bytes:
        """Replace the ports of services by those here that stand for them."""
        for port in {int(found) for found in ADDRESS.findall(content)}:
            await self._front(port)
        return ADDRESS.sub(lambda match: b"http://127.0.0.1:%d" % self._fronts[int(match[1])], content)

    async def _front(self, port: int) -> None:
        async with self._opening:
            if port in self._fronts:
                return
            server = await asyncio.start_server(
                lambda reader, writer: self._serve(port, reader, writer), LOOPBACK, 0, limit=LARGEST_HEAD
            )
            here = server.sockets[0].getsockname()[1]
            self._servers.append(server)
            self._fronts |= {port: here, here: here}

    async def _serve(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the requests of one connection, one after the other."""
        client = Peer(h11.Connection(h11.SERVER), reader, writer)
        try:
            while isinstance(request := await client.event(), h11.Request):
                self.seen.append(f"{request.method.decode()} :{port}{request.target.decode()}")
                await asyncio.sleep(self.delay)
                await self._exchange(client, request, port)
                if client.framing.our_state is not h11.DONE or client.framing.their_state is not h11.DONE:
                    break
                client.framing.start_next_cycle()
        except (OSError, h11.ProtocolError):
            pass  # one side hung up; the other sees it by its closed connection
        finally:
            writer.close()

    async def _exchange(self, client: "Peer", request: h11.Request, port: int) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, port, limit=LARGEST_HEAD)
        service = Peer(h11.Connection(h11.CLIENT), reader, writer)
        left_out = (b"connection", b"accept-encoding", b"expect")
        kept = [(name, value) for name, value in request.headers.raw_items() if name.lower() not in left_out]
        try:
            await service.send(
                h11.Request(method=request.method, target=request.target, headers=[*kept, (b"Connection", b"close")])
            )
            if client.framing.they_are_waiting_for_100_continue:
                await client.send(h11.InformationalResponse(status_code=100, headers=[]))
            await service.send_all_of(client)
            answer = await service.event()
            while isinstance(answer, h11.InformationalResponse):
                answer = await service.event()
            if isinstance(answer, h11.Response):
                await self._answer(client, service, answer)
        finally:
            writer.close()

    async def _answer(self, client: "Peer", service: "Peer", answer: h11.Response) -> None:
        headers: Headers = [
            (name, await self._replaced(value))
            for name, value in answer.headers.raw_items()
            if name.lower() not in (b"connection", b"keep-alive")
        ]
        kinds = [value for name, value in headers if name.lower() == b"content-type"]
        if not (kinds and b"json" in kinds[0]):
            await client.send(_like(answer, headers))
            await client.send_all_of(service)
            return
        body = await self._replaced(await service.body())
        framed = (b"content-length", b"transfer-encoding")
        headers = [(name, value) for name, value in headers if name.lower() not in framed]
        await client.send(_like(answer, [*headers, (b"Content-Length", b"%d" % len(body))]))
        await client.send(h11.Data(data=body))
        await client.send(h11.EndOfMessage())


class Peer:
    """One connection, with HTTP framed on it."""

    def __init__(self, framing: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.framing = framing
        self._reader = reader
        self._writer = writer

    async def event(self) -> h11.Event | None:
        """Return what comes next; None when the other side wants to go on before this exchange is over."""
        while (event := self.framing.next_event()) is h11.NEED_DATA:
            self.framing.receive_data(await self._reader.read(PIECE))
        return event if isinstance(event, h11.Event) else None

    async def send(self, event: h11.Event) -> None:
        self._writer.write(self.framing.send(event) or b"")
        await self._writer.drain()

    async def send_all_of(self, other: "Peer") -> None:
        """Send the body that the other one still has to say, piece by piece."""
        while isinstance(event := await other.event(), h11.Data):
            await self.send(event)
        if isinstance(event, h11.EndOfMessage):
            await self.send(event)

    async def body(self) -> bytes:
        pieces = []
        while isinstance(event := await self.event(), h11.Data):
            pieces.append(bytes(event.data))
        return b"".join(pieces)


def _like(answer: h11.Response, headers: Headers) -> h11.Response:
    return h11.Response(status_code=answer.status_code, reason=answer.reason, headers=headers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="address of the identity service, as in clouds.yaml")
    parser.add_argument("--delay", type=float, default=50.0, metavar="MILLISECONDS")
    options = parser.parse_args()
    with DelayingProxy(options.delay / 1000) as proxy:
        print(proxy.standing_for(options.address), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(proxy.seen)} requests")


if __name__ == "__main__":
    main()
