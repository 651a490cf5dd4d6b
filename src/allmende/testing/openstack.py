"""FakeOpenStack: a cloud that speaks OpenStack's APIs over HTTP on a free port of the loopback interface.

It keeps what tests put in, answers like the services do, and fails on demand like proxies, load balancers and networks
do. For what the APIs answer see `openstack_api`.
"""

import itertools
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import yaml

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule, VolumeType
from allmende.standards.model import Standards
from allmende.testing import conformant
from allmende.testing.openstack_api import OPERATOR, PATHS, Call, Reply, State, reply, service_of
from allmende.testing.openstack_operator import operated


class Trouble(Enum):
    """The ways in which a service can misbehave."""

    STATUS = auto()
    HTML = auto()
    TRUNCATED = auto()
    CUT = auto()
    HANG = auto()
    DROP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    trouble: Trouble
    status: int = 503
    retry_after: int | None = None
    left: int | None = None


class FakeOpenStack:
    """A fake cloud; a context manager that serves while it is entered.

    `state` may be changed at any time. `calls` records what was asked, as «GET /image/v2/images».
    """

    def __init__(
        self,
        *,
        flavors: Iterable[Flavor] = (),
        images: Iterable[Image] = (),
        volume_types: Iterable[VolumeType] = (),
        default_rules: Iterable[SecurityGroupRule] | None = (),
        services: Iterable[str] | None = None,
        page_size: int = 1000,
        delay_seconds: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.state = State(
            flavors=list(flavors),
            images=list(images),
            volume_types=list(volume_types),
            default_rules=None if default_rules is None else list(default_rules),
            services=set(PATHS if services is None else services),
            page_size=page_size,
        )
        self.delay_seconds = delay_seconds
        self.calls: list[str] = []
        self.most_at_once = 0
        self._headers: dict[str, Mapping[str, str]] = {}
        self._at_once = 0
        self._lock = threading.Lock()
        self._faults: dict[str, _Fault] = {}
        self._request_ids = itertools.count(1)
        self._closing = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._server = _server(self, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @classmethod
    def conformant(cls, standards: Standards, now: datetime, *, delay_seconds: float = 0.0) -> Self:
        """Return a cloud that passes every static testcase of SCS-compatible IaaS at the time `now`."""
        return cls(
            flavors=conformant.flavors(standards),
            images=conformant.images(standards, now),
            volume_types=conformant.volume_types(),
            default_rules=conformant.default_rules(),
            delay_seconds=delay_seconds,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address of the host; every service has a path below it."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def auth_url(self) -> str:
        """The address of keystone."""
        return f"{self.url}{PATHS['identity']}"

    def fail(
        self, service: str, *, status: int = 503, times: int | None = None, retry_after: int | None = None
    ) -> None:
        """Let a service answer with this status, always or the next `times`."""
        self._faults[service] = _Fault(trouble=Trouble.STATUS, status=status, retry_after=retry_after, left=times)

    def answer_html(self, service: str, *, status: int = 200) -> None:
        """Let a proxy's page answer in place of a service."""
        self._faults[service] = _Fault(trouble=Trouble.HTML, status=status)

    def truncate(self, service: str) -> None:
        """Let a service answer with half of its document, whole as far as HTTP can tell."""
        self._faults[service] = _Fault(trouble=Trouble.TRUNCATED)

    def cut(self, service: str, *, times: int | None = None) -> None:
        """Close the connection in the middle of the body."""
        self._faults[service] = _Fault(trouble=Trouble.CUT, left=times)

    def hang(self, service: str) -> None:
        """Accept requests of a service and never answer."""
        self._faults[service] = _Fault(trouble=Trouble.HANG)

    def drop(self, service: str, *, times: int | None = None) -> None:
        """Close the connection without an answer."""
        self._faults[service] = _Fault(trouble=Trouble.DROP, left=times)

    def headers_of(self, call: str) -> Mapping[str, str]:
        """Return the headers of the last call of this kind («GET /»), names in lower case; KeyError without any."""
        return self._headers[call]

    def expire_tokens(self) -> None:
        """Forget every token that was given out."""
        self.state.tokens.clear()

    def remove_service(self, service: str) -> None:
        """Take a service out of the catalog of tokens yet to come."""
        self.state.services.discard(service)

    def clouds(self, *, password: str | None = None, **options: Any) -> dict[str, Any]:
        """Return the entries for a clouds.yaml: `fake` with a password, `credential` with an application credential."""
        state = self.state
        with_password = {
            "auth_url": self.auth_url,
            "username": state.user,
            "password": state.password if password is None else password,
            "user_domain_name": "Default",
            "project_name": "demo",
            "project_domain_name": "Default",
        }
        with_credential = {
            "auth_url": self.auth_url,
            "application_credential_id": state.credential_id,
            "application_credential_secret": state.credential_secret,
        }
        region = {"region_name": state.region}
        return {
            "fake": {"auth": with_password, **region, **options},
            "credential": {"auth_type": "v3applicationcredential", "auth": with_credential, **region, **options},
        }

    def write_clouds_yaml(self, folder: Path, *, password: str | None = None, **options: Any) -> Path:
        """Write a clouds.yaml for this cloud into `folder` and return its path."""
        path = folder / "clouds.yaml"
        path.write_text(yaml.safe_dump({"clouds": self.clouds(password=password, **options)}), encoding="utf-8")
        return path

    def write_operator_yaml(self, folder: Path) -> Path:
        """Write a file with the entry `operator` for this cloud into `folder` and return its path."""
        entry = self.clouds(password=self.state.operator_password)["fake"]
        path = folder / "operator-clouds.yaml"
        operator = {**entry, "auth": {**entry["auth"], "username": OPERATOR}}
        path.write_text(yaml.safe_dump({"clouds": {"operator": operator}}), encoding="utf-8")
        return path

    def variables(self) -> dict[str, str]:
        """Return the `OS_*` variables for this cloud."""
        auth = self.clouds()["fake"]["auth"]
        return {f"OS_{key.upper()}": str(value) for key, value in auth.items()}

    def _fault(self, service: str) -> _Fault | None:
        with self._lock:
            fault = self._faults.get(service)
            if fault is None or fault.left is None:
                return fault
            if fault.left == 0:
                return None
            self._faults[service] = replace(fault, left=fault.left - 1)
            return fault

    def _answer(self, call: Call) -> Reply | None:
        """Return the reply to a call; None to close the connection without one."""
        with self._lock:
            self.calls.append(f"{call.method} {call.path}")
            self._headers[self.calls[-1]] = call.headers
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.delay_seconds:
                self._closing.wait(self.delay_seconds)
            return self._troubled(call, self._fault(service_of(call.path)))
        finally:
            with self._lock:
                self._at_once -= 1

    def _troubled(self, call: Call, fault: _Fault | None) -> Reply | None:
        honest = operated(self.state, call) or reply(self.state, call)
        honest = replace(honest, headers={**honest.headers, "X-Openstack-Request-Id": f"req-{next(self._request_ids)}"})
        match fault:
            case None:
                return honest
            case _Fault(trouble=Trouble.STATUS, status=status, retry_after=pause):
                extra = {} if pause is None else {"Retry-After": str(pause)}
                body = b'{"error": {"message": "Something broke on purpose."}}'
                return replace(honest, status=status, body=body, headers={**honest.headers, **extra})
            case _Fault(trouble=Trouble.HTML, status=status):
                return Reply(status=status, body=b"<html><body>Please log in</body></html>", content_type="text/html")
            case _Fault(trouble=Trouble.TRUNCATED):
                return replace(honest, body=honest.body[: len(honest.body) // 2])
            case _Fault(trouble=Trouble.CUT):
                return replace(honest, headers={**honest.headers, "Content-Length": str(len(honest.body) + 10)})
            case _Fault(trouble=Trouble.HANG):
                self._closing.wait()
                return None
            case _:
                return None


def _server(cloud: FakeOpenStack, tls: ssl.SSLContext | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            """Say nothing: tests read stderr."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            outcome = cloud._answer(_call(self.command, self.path, dict(self.headers), body, cloud.url))  # noqa: SLF001 -- its own server
            if outcome is None:
                self.close_connection = True
                return
            self.send_response(outcome.status)
            headers = {
                "Content-Type": outcome.content_type,
                "Content-Length": str(len(outcome.body)),
                **outcome.headers,
            }
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(outcome.body)
            if headers["Content-Length"] != str(len(outcome.body)):
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer  # noqa: N815 -- the standard library's names

    server = _QuietServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that goes away in the middle is what tests do."""


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
