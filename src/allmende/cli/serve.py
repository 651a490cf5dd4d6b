"""`allmende serve`: run the registry, API and pages, in this process until it is told to stop."""

import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from allmende.cli.clock import utc_now
from allmende.cli.demonstration import clock_from, demonstration, published
from allmende.cli.log_key import LogKeyOption, ensure_log_key, log_key_file, new_log_key
from allmende.cli.record import DatabaseOption, opened_registry, record_url
from allmende.config import directories
from allmende.errors import SettingsError
from allmende.registry.apply.mail import MailServer, mail_server
from allmende.registry.fetch.openid import Provider
from allmende.registry.run import log
from allmende.registry.run.notify import Doors
from allmende.server import create_app

EXAMPLES = """Examples:

\b
  allmende serve
  allmende serve --port 0          any free port; the address is printed
  allmende serve --demo            a record to look at
  ALLMENDE_DATABASE=postgresql://registry@db/registry allmende serve

E-mail needs ALLMENDE_SMTP=smtp://user:password@host:587 and
ALLMENDE_MAIL_FROM=registry@example.org.
Signing in at an OpenID provider needs ALLMENDE_OIDC_ISSUER,
ALLMENDE_OIDC_CLIENT_ID and ALLMENDE_OIDC_CLIENT_SECRET.

Stop it with Ctrl-C or SIGTERM. Requests under way are answered first.
"""

NOTICE = (
    "This is a demonstration. It is 2024-12-11 here; the subjects and the versions they passed are from the public "
    "table of that day, and the reports behind them are made up."
)

REQUESTS_PER_MINUTE = 1200

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")] = 8080,
    database: DatabaseOption = None,
    log_key: LogKeyOption = None,
    origin: Annotated[
        str,
        typer.Option(
            envvar="ALLMENDE_ORIGIN", show_envvar=True, metavar="URL", help="Its public address, for links in messages."
        ),
    ] = "",
    private_webhooks: Annotated[
        bool, typer.Option("--allow-private-webhooks", help="Webhooks may lead into private networks.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the public table of 2024-12-11 instead of this registry's record.")
    ] = False,
    requests_per_minute: Annotated[
        int,
        typer.Option(
            envvar="ALLMENDE_REQUESTS_PER_MINUTE",
            show_envvar=True,
            min=0,
            help="How many requests a client elsewhere may send; what writes counts tenfold; 0: any number.",
        ),
    ] = REQUESTS_PER_MINUTE,
    access_log: Annotated[bool, typer.Option("--access-log", help="Write a line per request to stderr.")] = False,
) -> None:
    """Run the registry: API and public pages."""
    listening = listen(host, port)
    signal.signal(signal.SIGTERM, _stop)
    with (
        listening,
        _application(
            demo=demo,
            database=database,
            log_key=log_key,
            origin=origin,
            private_webhooks=private_webhooks,
            requests_per_minute=requests_per_minute,
        ) as application,
    ):
        config = uvicorn.Config(
            application,
            log_level="info" if access_log else "warning",
            access_log=access_log,
            timeout_graceful_shutdown=10,
        )
        # What is there from the beginning stays: looking through it for garbage would keep pages waiting.
        gc.collect()
        gc.freeze()
        _Server(config, lambda: typer.echo(_address(listening))).run(sockets=[listening])


@contextmanager
def _application(
    *,
    demo: bool,
    database: str | None,
    log_key: Path | None,
    origin: str,
    private_webhooks: bool,
    requests_per_minute: int,
) -> Iterator[FastAPI]:
    if demo:
        with demonstration() as registry:
            clock = clock_from(published().moment, utc_now)
            notary = log.notary(registry, new_log_key(), clock())
            yield create_app(registry, clock, notary, notice=NOTICE, requests_per_minute=requests_per_minute)
        return
    key_file = log_key_file(record_url(database), log_key, directories(os.environ, Path.home()))
    with opened_registry(database) as registry:
        notary = log.notary(registry, ensure_log_key(registry, key_file), utc_now())
        doors = Doors(origin=origin.rstrip("/"), mail=_mail(os.environ), private_allowed=private_webhooks)
        yield create_app(
            registry,
            utc_now,
            notary,
            doors,
            provider=_provider(os.environ),
            requests_per_minute=requests_per_minute,
        )


def _mail(environ: Mapping[str, str]) -> MailServer | None:
    url = environ.get("ALLMENDE_SMTP")
    return mail_server(url, environ.get("ALLMENDE_MAIL_FROM", "")) if url else None


def _provider(environ: Mapping[str, str]) -> Provider | None:
    issuer = environ.get("ALLMENDE_OIDC_ISSUER")
    if not issuer:
        return None
    client = environ.get("ALLMENDE_OIDC_CLIENT_ID", "")
    if not client:
        raise SettingsError("ALLMENDE_OIDC_CLIENT_ID is not set.", hint="It is the registry's name at the provider.")
    return Provider(issuer=issuer, client=client, secret=environ.get("ALLMENDE_OIDC_CLIENT_SECRET", ""))


class _Server(uvicorn.Server):
    """A server that says when it is listening."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce it."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; SettingsError when none can."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"Nothing can listen on {host}, port {port}: {error.strerror}.", hint="Choose another --host or --port."
        ) from error
    # Accepted connections inherit this. Without it, each answer waits 40 ms for the client's delayed acknowledgement,
    # because asyncio turns it on for sockets of its own making only.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End well on SIGTERM; the server raises the signal again after it has answered what was under way."""
    raise SystemExit(0)
