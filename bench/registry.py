"""How much a registry answers: submissions, tables, details and status, beside the public monitor and on large records.

    python bench/registry.py                                    15 subjects, 20 days, on SQLite
    python bench/registry.py --postgresql                       and on PostgreSQL
    python bench/registry.py --public-monitor CHECKOUT          and the public monitor, with the same reports
    python bench/registry.py --large sqlite:////…/record.sqlite and a record that bench/large_record.py has made

The registry is `allmende serve`, one process; so is the public monitor (CHECKOUT is the repository
SovereignCloudStack/standards). PostgreSQL (Debian's package postgresql) runs with its default settings, durable. The
client has four connections and takes its share of the same processors; the bare endpoint, served by the same uvicorn,
shows what machine and client can do at most. Submissions come first and fill the record that the other requests read;
reports have the form of the SCS test suite, and each is sent once. Pages of subjects are asked for 15 of them, spread
over all. A percentile is over single requests.
"""

import argparse
import base64
import http.client
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from urllib.parse import urlsplit

from postgresql_server import postgresql_server
from public_monitor import PublicMonitor
from served import served

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run.registry import Registry
from allmende.registry.store.subjects import everyone
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.storage.database import open_database
from allmende.testing.registry import Operator, made_report, registered

CONNECTIONS = 4
MOST_SENT = 300
ASKED = 15
SCOPE = "scs-compatible-iaas"
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
SHARED = {
    "table": "/page/table",
    "detail": f"/page/detail/{{subject}}/{SCOPE}",
    "status": "/status",
    "status of one": "/status?subject={subject}",
}
"""What both registries answer, at the same addresses."""

OURS = {
    "table page": "/",
    "table JSON": "/api/table",
    "subject page": "/subjects/{subject}",
    "subject JSON": "/api/subjects/{subject}",
    "table, anew": "/?anew={n}",
    "subject, anew": "/subjects/{subject}?anew={n}",
    "detail, anew": f"/page/detail/{{subject}}/{SCOPE}?anew={{n}}",
}
"""What ours answers beside; `anew` is an address that nobody asked for before, so that the page must be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Requests per second, the milliseconds that half and 19 in 20 took at most, and the size of an answer.

    `first` is how many milliseconds the first request took, which is not counted with the others.
    """

    rate: float
    p50: float
    p95: float
    size: int
    first: float = 0.0


def main() -> None:
    """Print a line per registry and kind of request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=15)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--public-monitor", type=Path, metavar="CHECKOUT")
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "public-monitor-venv")
    parser.add_argument("--large", action="append", default=[], metavar="URL")
    options = parser.parse_args()
    subjects = [f"cloud-{n}" for n in range(options.subjects)]
    now = datetime.now(UTC)  # noqa: TID251 -- the served registry has a real clock
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with served("-c", BARE, environ=os.environ) as address:
            say("bare endpoint", "", reads(address, "/", [""], options.seconds))
        urls = {"SQLite": f"sqlite:///{home}/record.sqlite"}
        server = stack.enter_context(postgresql_server()) if options.postgresql or options.public_monitor else None
        if server and options.postgresql:
            urls["PostgreSQL"] = server.create("ours")
        operators = {name: enrolled(url, subjects, now) for name, url in urls.items()}
        operator = operators["SQLite"]
        reports = bodies(operator, subjects, options.days, now)
        for name, url in urls.items():
            measure(name, url, operator, reports, subjects, options.seconds)
        if server and options.public_monitor:
            monitor = PublicMonitor.at(options.public_monitor.absolute(), options.environment)
            with monitor.served(server, operator, subjects) as address:
                say("public monitor", "submission", submissions(address, operator, reports))
                say_reads("public monitor", address, SHARED, subjects, options.seconds)
        for url in options.large:
            database = open_database(url)
            with database.reading() as connection:
                known = [subject.id for subject in everyone(connection)]
            database.close()
            operator = enrolled(url, known, now)
            sent = bodies(operator, known[:MOST_SENT], 1, now)
            measure(f"large {url.partition(':')[0]}", url, operator, sent, known, options.seconds)


def enrolled(url: str, subjects: Sequence[str], now: datetime) -> Operator:
    """Return an operator who may report for the subjects in the record at `url`; the same one for each record."""
    registry = Registry(database=open_database(url), standards=load_standards())
    known = [Subject(id=id_, name=id_.title(), operator="Operator") for id_ in subjects]
    operator = registered(registry, f"bench-{now:%Y%m%d%H%M%S}", *known, now=now)
    registry.database.close()
    return operator


def bodies(operator: Operator, subjects: Sequence[str], days: int, now: datetime) -> list[bytes]:
    """Return a signed report per subject and day, oldest first; every third subject fails something."""
    standards = load_standards()
    return [
        operator.body(
            made_report(
                standards,
                subject,
                now - timedelta(days=day, seconds=place),
                {"scs-0115-default-rules": Outcome.FAIL if place % 3 == 0 else Outcome.PASS},
            ),
            form=Form.UPSTREAM_YAML,
        )
        for day in reversed(range(days))
        for place, subject in enumerate(subjects)
    ]


def measure(
    name: str, url: str, operator: Operator, reports: list[bytes], subjects: Sequence[str], seconds: float
) -> None:
    """Serve the record at `url` and print its figures."""
    with served("-m", "allmende", "serve", "--port", "0", environ={**os.environ, "ALLMENDE_DATABASE": url}) as address:
        say(name, "submission", submissions(address, operator, reports))
        say_reads(name, address, SHARED | OURS, subjects, seconds)


def say_reads(name: str, address: str, kinds: Mapping[str, str], subjects: Sequence[str], seconds: float) -> None:
    asked = subjects[:: max(1, len(subjects) // ASKED)][:ASKED]
    for kind, path in kinds.items():
        say(name, kind, reads(address, path, asked, seconds))


def submissions(address: str, operator: Operator, bodies: list[bytes]) -> Figure:
    """Send each body once."""
    token = base64.b64encode(":".join(operator.credentials).encode()).decode()
    headers = {"Content-Type": Form.UPSTREAM_YAML.value, "Authorization": f"Basic {token}"}

    def send(own: list[bytes]) -> list[float]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        return [timed(connection, "POST", "/reports", body, headers)[0] for body in own]

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        times = list(threads.map(send, [bodies[i::CONNECTIONS] for i in range(CONNECTIONS)]))
    return figure([t for of_thread in times for t in of_thread], time.perf_counter() - started, len(bodies[0]))


def reads(address: str, path: str, subjects: Sequence[str], seconds: float) -> Figure:
    """Ask for the path, of one subject after the other, for so many seconds."""
    number = count()
    sizes: list[int] = []

    def read(first: int) -> list[float]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        times = []
        for subject in cycle([*subjects[first:], *subjects[:first]]):
            asked = path.format(subject=subject, n=next(number))
            taken, size = timed(connection, "GET", asked, b"", {"Accept": "*/*"})
            times.append(taken)
            if time.perf_counter() > until:
                sizes.append(size)
                break
        return times

    warming = http.client.HTTPConnection(urlsplit(address).netloc)
    first, _ = timed(warming, "GET", path.format(subject=subjects[0], n=next(number)), b"", {"Accept": "*/*"})
    started = time.perf_counter()
    until = started + seconds
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        times = list(threads.map(read, [i * len(subjects) // CONNECTIONS for i in range(CONNECTIONS)]))
    found = figure([t for of_thread in times for t in of_thread], time.perf_counter() - started, sizes[0])
    return replace(found, first=first * 1000)


def timed(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[float, int]:
    """Make one request; return the seconds it took and the size of the answer."""
    started = time.perf_counter()
    connection.request(method, path, body or None, dict(headers))
    answer = connection.getresponse()
    content = answer.read()
    if answer.status not in (200, 201):
        raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
    return time.perf_counter() - started, len(content)


def figure(times: list[float], seconds: float, size: int) -> Figure:
    ordered = sorted(times)
    p50, p95 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95))
    return Figure(rate=len(times) / seconds, p50=p50, p95=p95, size=size)


def say(name: str, kind: str, found: Figure) -> None:
    """Print one figure."""
    times = f"p50 {found.p50:7.1f} ms  p95 {found.p95:7.1f} ms  first {found.first:7.1f} ms"
    print(f"{name:16} {kind:14} {found.rate:7.1f}/s  {times}  {found.size / 1000:8.1f} kB", flush=True)


if __name__ == "__main__":
    main()
