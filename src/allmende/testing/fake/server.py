"""The HTTP server under the fake cloud: bytes in, bytes out, and no opinion about either."""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from urllib.parse import parse_qsl, urlsplit

from allmende.testing.fake.model import Call, Reply

_NO_BODY = frozenset({204, 304})


def server_on_a_free_port(answer: Callable[[Call], Reply | None], tls: ssl.SSLContext | None) -> ThreadingHTTPServer:
    """Return a server that gives each call to `answer`; None from it closes the connection."""
    server = _QuietServer(answer, "http" if tls is None else "https")
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, answer: Callable[[Call], Reply | None], scheme: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.base = f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that goes away in the middle is what tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _QuietServer

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Say nothing: tests read stderr."""

    def answer(self) -> None:
        headers = dict(self.headers)
        body = _body(self.rfile, headers)
        outcome = self.server.answer(_call(self.command, self.path, headers, body, self.server.base))
        if outcome is None:
            self.close_connection = True
        else:
            self.reply(outcome)

    def reply(self, outcome: Reply) -> None:
        has_body = outcome.status not in _NO_BODY
        usual = {"Content-Type": outcome.content_type, "Content-Length": str(len(outcome.body))} if has_body else {}
        headers = {**usual, **outcome.headers}
        self.send_response(outcome.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(outcome.body)
            if headers["Content-Length"] != str(len(outcome.body)):
                self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer  # noqa: N815 -- the standard library's names


def _body(stream: BufferedIOBase, headers: Mapping[str, str]) -> bytes:
    """Read a body of known length, or one that comes in pieces."""
    if headers.get("Transfer-Encoding", "").lower() != "chunked":
        return stream.read(int(headers.get("Content-Length") or 0))
    pieces = []
    while size := int(stream.readline().split(b";")[0], 16):
        pieces.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(pieces)


def _call(method: str, target: str, headers: Mapping[str, str], body: bytes, base: str) -> Call:
    parts = urlsplit(target)
    return Call(
        method=method,
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
        base=base,
        now=datetime.now(UTC),  # noqa: TID251 -- a server's tokens expire by the clock on the wall
    )
