"""How many submissions, tables and details a registry answers per second, beside an endpoint that does nothing.

    python bench/registry.py [--reports 300] [--subjects 15] [--seconds 5]

The registry is `allmende serve` with a SQLite file; the client has four connections. Submissions come first and fill
the record that the other requests read. The bare endpoint, served by the same uvicorn, shows what this machine and
this client can do at most.
"""

import argparse
import base64
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from allmende.outcome import Outcome
from allmende.registry.model import Subject
from allmende.report.formats import Form
from allmende.testing.registry import Operator, made_report, registered, registry_in

CONNECTIONS = 4
BARE = """
import socket, uvicorn
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
listening = socket.create_server(("127.0.0.1", 0))
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listening])
"""


@contextmanager
def served(*command: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the address that the command prints first."""
    with subprocess.Popen([sys.executable, *command], env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def request(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> int:
    """Make one request; return the size of the answer."""
    connection.request(method, path, body or None, dict(headers))
    answer = connection.getresponse()
    content = answer.read()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
    return len(content)


def rate_of_submissions(address: str, operator: Operator, bodies: list[bytes]) -> float:
    """Return submissions per second; each body is sent once."""
    token = base64.b64encode(":".join(operator.credentials).encode()).decode()
    headers = {"Content-Type": Form.OWN.value, "Authorization": f"Basic {token}"}

    def send(own: list[bytes]) -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        for body in own:
            request(connection, "POST", "/reports", body, headers)

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(send, [bodies[i::CONNECTIONS] for i in range(CONNECTIONS)]))
    return len(bodies) / (time.perf_counter() - started)


def rate_of_reads(address: str, paths: list[str], seconds: float) -> tuple[float, int]:
    """Return requests per second and the size of one answer."""

    def read(first: int) -> tuple[int, int]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        done = size = 0
        for path in cycle(paths[first:] + paths[:first]):
            size = request(connection, "GET", path, b"", {"Accept": "*/*"})
            done += 1
            if time.perf_counter() > until:
                break
        return done, size

    started = time.perf_counter()
    until = started + seconds
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        counts = list(threads.map(read, [i % len(paths) for i in range(CONNECTIONS)]))
    return sum(done for done, _ in counts) / (time.perf_counter() - started), counts[0][1]


def main() -> None:
    """Print a line per kind of request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--subjects", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    now = datetime.now(UTC)  # noqa: TID251 -- the served registry has a real clock
    with tempfile.TemporaryDirectory() as directory:
        registry = registry_in(Path(directory))
        subjects = [f"cloud-{n}" for n in range(options.subjects)]
        operator = registered(registry, "operator", *(Subject(id=s, name=s.title()) for s in subjects), now=now)
        made = [
            operator.body(
                made_report(
                    registry.standards,
                    subjects[n % len(subjects)],
                    now - timedelta(hours=n // len(subjects)),
                    {"scs-0115-default-rules": Outcome.FAIL if n % 3 == 0 else Outcome.PASS},
                )
            )
            for n in range(options.reports)
        ]
        registry.database.close()
        environ = {**os.environ, "ALLMENDE_DATABASE": f"sqlite:///{directory}/record.sqlite"}
        with served("-c", BARE, environ=environ) as address:
            bare, size = rate_of_reads(address, ["/"], options.seconds)
        say("bare endpoint", bare, bare, size)
        with served("-m", "allmende", "serve", "--port", "0", environ=environ) as address:
            say("submission", rate_of_submissions(address, operator, made), bare, len(made[0]))
            reads: Mapping[str, list[str]] = {
                "table page": ["/"],
                "table JSON": ["/api/table"],
                "detail page": [f"/subjects/{s}" for s in subjects],
                "detail JSON": [f"/api/subjects/{s}" for s in subjects],
            }
            for name, paths in reads.items():
                rate, size = rate_of_reads(address, paths, options.seconds)
                say(name, rate, bare, size)


def say(name: str, rate: float, bare: float, size: int) -> None:
    """Print one figure."""
    print(f"{name:14} {rate:8.1f}/s   {rate / bare:6.1%} of bare   {size / 1000:7.1f} kB")


if __name__ == "__main__":
    main()
