"""What the health monitor costs: many clouds from one process, and pages about years of samples.

    python bench/monitor.py agent [CLOUDS [MINUTES]]
    python bench/monitor.py pages [CLOUDS [YEARS]]

`agent` tries CLOUDS (50) fake ones with the scenario `api` every minute for MINUTES (3), and says how much of a
processor core that takes at an interval of 5 minutes, beside the memory. The fake clouds are another process.
`pages` fills a record with the tallies of CLOUDS (20) over YEARS (3): by hour and day all of them, by 5 minutes those
of 90 days of one cloud, and says how long each page takes (median and p95 of 30, not remembered).
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
from served import served
from sqlalchemy import Connection, insert

from allmende.cli.clock import utc_now
from allmende.health.model.samples import State
from allmende.health.model.standing import Standing
from allmende.health.model.tally import Grain, Of
from allmende.health.rules.tallies import SPANS, slot, start
from allmende.health.store import standings
from allmende.health.store.tables import series, tallies
from allmende.standards.load import load_standards
from allmende.storage.database import open_database
from allmende.testing.openstack import FakeOpenStack

BATCH = 50_000
ROUNDS = 30


def agent(count: int, minutes: float) -> None:
    with tempfile.TemporaryDirectory() as name, served(__file__, "fake", name, environ=os.environ) as ready:
        assert ready == "ready"
        folder = Path(name)
        lines = "".join(f"  - {{cloud: fake, subject: cloud-{n:02}, scenarios: [api]}}\n" for n in range(count))
        (folder / "monitor.yaml").write_text(f"every: 1\nclouds:\n{lines}")
        environ = {
            **os.environ,
            "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml"),
            "ALLMENDE_DATABASE": f"sqlite:///{folder / 'record.sqlite'}",
            "XDG_STATE_HOME": str(folder / "state"),
        }
        command = [sys.executable, "-m", "allmende", "monitor", "agent", str(folder / "monitor.yaml")]
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        seen = psutil.Process(process.pid)
        time.sleep(60)  # until every cloud was tried once
        before = sum(seen.cpu_times()[:2])
        time.sleep(60 * minutes)
        used, memory = sum(seen.cpu_times()[:2]) - before, seen.memory_info().rss / 2**20
        process.terminate()
        said = (process.communicate(timeout=120)[0] or "").splitlines()
        worked = sum("everything worked" in line for line in said)
        share = used / (60 * minutes)
        print(f"{count} clouds, an iteration each a minute: {share:.0%} of a core, {memory:.0f} MiB")
        print(f"at an interval of 5 minutes: {share / 5:.1%} of a core")
        print(f"{worked} iterations worked, {len(said) - worked} lines say something else")


def fake(folder: Path) -> None:
    with FakeOpenStack.conformant(load_standards(), utc_now()) as cloud:
        cloud.remove_service("object-store")
        cloud.write_clouds_yaml(folder)
        print("ready", flush=True)
        time.sleep(3600)


def things() -> Iterator[tuple[Of, str, str, float]]:
    """Yield what is measured of a cloud by all scenarios: kind, service, name, usual seconds."""
    services = ("identity", "compute", "network", "block-storage", "image", "object-store", "key-manager", "dns")
    for number in range(70):
        yield Of.STEP, services[number % len(services)], f"step {number}", 0.2 * (number + 1)
    for number in range(60):
        yield Of.CALL, services[number % len(services)], f"GET /things-{number}", 0.01 * (number + 1)
    yield Of.REQUESTS, "", "", 0.2
    yield Of.ITERATIONS, "", "", 40.0
    for service in services:
        yield Of.API, service, "", 0.2
        yield Of.SERVICE, service, "", 0.2
    for scenario in ("api", "instance", "storage", "secrets", "loadbalancer"):
        yield Of.SCENARIO, "", scenario, 40.0


def filled(url: str, clouds: Sequence[str], years: float, now: datetime) -> int:
    """Fill an empty record; return the number of rows."""
    database = open_database(url)
    rows: list[tuple[object, ...]] = []
    chance, written = random.Random(1), 0
    durations = {
        name: json.dumps({str(slot(name[3] * chance.uniform(0.8, 1.5))): 3 for _ in range(3)}) for name in things()
    }
    for cloud in clouds:
        with database.writing() as connection:
            standings.put(
                connection,
                Standing(
                    cloud=cloud,
                    scenario="instance",
                    vantage="here",
                    iteration=uuid4(),
                    state=State.WORKS,
                    at=now,
                    since=now,
                ),
            )
            for thing in things():
                of, service, what, _ = thing
                values = {"cloud": cloud, "region": "R", "vantage": "here", "of": of, "service": service, "what": what}
                id_ = connection.execute(insert(series).values(values)).inserted_primary_key[0]  # type: ignore[index]  # it has one
                for grain, kept in _kept(years, with_minutes=cloud == clouds[0]):
                    first = start(now - kept, grain)
                    for number in range(int(kept / SPANS[grain]) + 1):
                        at = int((first + number * SPANS[grain]).timestamp())
                        failed = chance.random() < 0.01
                        rows.append((id_, grain.value, at, 9, int(failed), 0, 9.0, durations[thing]))
                        if len(rows) >= BATCH:
                            written += _put(connection, rows)
            written += _put(connection, rows)
    database.close()
    return written


def _kept(years: float, *, with_minutes: bool) -> Iterator[tuple[Grain, timedelta]]:
    if with_minutes:
        yield Grain.FIVE_MINUTES, timedelta(days=90)
    yield Grain.HOUR, timedelta(days=365 * years)
    yield Grain.DAY, timedelta(days=365 * years)
    yield Grain.THIRTY_DAYS, timedelta(days=365 * years)


def _put(connection: Connection, rows: list[tuple[object, ...]]) -> int:
    number = len(rows)
    if rows:
        names = ", ".join(column.name for column in tallies.c)
        marks = ", ".join("?" for _ in tallies.c)
        connection.exec_driver_sql(f"INSERT INTO health_tallies ({names}) VALUES ({marks})", rows)
        rows.clear()
    return number


def pages(count: int, years: float) -> None:
    clouds = [f"cloud-{number:02}" for number in range(count)]
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "record.sqlite"
        url, began = f"sqlite:///{file}", time.monotonic()
        written = filled(url, clouds, years, utc_now())
        size = file.stat().st_size / 2**30
        print(f"{written:,} tallies, {size:.1f} GiB, written in {time.monotonic() - began:.0f} s")
        environ = {**os.environ, "ALLMENDE_DATABASE": url, "XDG_STATE_HOME": name}
        with served("-m", "allmende", "serve", "--port", "0", environ=environ) as address, httpx.Client() as client:
            for page in (
                "/health",
                "/health/cloud-00",
                "/health/cloud-00?period=7d",
                "/health/cloud-00?period=90d",
                "/health/cloud-00?period=3y",
                "/health/cloud-00/steps/compute/step%201",
                "/health/cloud-00/steps/compute/step%201?period=90d",
                "/health/cloud-00/steps/compute/step%201?period=3y",
                "/comparison?scenario=instance",
                "/api/monitor/clouds",
            ):
                print(f"{page:<52} {_timed(client, address + page)}", flush=True)


def _timed(client: httpx.Client, url: str) -> str:
    """Return median and p95 of pages that are made anew: a parameter that means nothing makes each address new."""
    mark = "&" if "?" in url else "?"
    seconds, size = [], 0
    for number in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(f"{url}{mark}new={number}", headers={"Accept": "text/html"})
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, url
        size = len(answer.content)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{1000 * statistics.median(seconds):5.0f} ms, p95 {1000 * p95:5.0f} ms, {size / 1024:.0f} KiB"


def main() -> None:
    what, *rest = sys.argv[1:] or [""]
    if what == "agent":
        agent(int(rest[0]) if rest else 50, float(rest[1]) if len(rest) > 1 else 3.0)
    elif what == "pages":
        pages(int(rest[0]) if rest else 20, float(rest[1]) if len(rest) > 1 else 3.0)
    elif what == "fake":
        fake(Path(rest[0]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
