"""Send reports while the registry is killed at random moments; then prove that nothing that was acknowledged is lost.

    python bench/registry_kills.py [--reports 10000] [--database postgresql://…] [--every 1.5] [--seed 1]

The registry is `allmende serve`, killed with SIGKILL and started again on the same port. A report that got no answer is
sent again, as any client would. At the end each acknowledged report must be in the record once, and `registry verify`,
from outside, must prove log, reports, verdicts and table. Prints what was seen; exits with 1 when something is wrong.
"""

import argparse
import asyncio
import base64
import http.client
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select

from allmende.outcome import Outcome
from allmende.registry.fetch.record import PublicRecord
from allmende.registry.model.record import Subject
from allmende.registry.run.registry import Registry
from allmende.registry.run.verify import Known, Verification, verify
from allmende.registry.store.tables import reports
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.storage.database import open_database
from allmende.testing.registry import Operator, made_report, registered

CONNECTIONS = 4
SUBJECTS = 15
PATIENCE_S = 60.0


@dataclass(slots=True)
class Served:
    """`allmende serve`, which is killed and started again; `address` stays."""

    environ: Mapping[str, str]
    port: str = "0"
    kills: int = 0
    process: "subprocess.Popen[str] | None" = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> str:
        began = time.perf_counter()
        command = [sys.executable, "-m", "allmende", "serve", "--port", self.port]
        self.process = subprocess.Popen(command, env=dict(self.environ), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        if not address:
            raise SystemExit("The registry did not start again.")
        self.port = str(urlsplit(address).port)
        self.starts.append(time.perf_counter() - began)
        return address

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=20)


def bodies(operator: Operator, number: int, now: datetime) -> list[bytes]:
    """Return signed reports, some of which fail, over the last days."""
    standards = load_standards()
    made = []
    for n in range(number):
        outcomes = {"scs-0115-default-rules": Outcome.FAIL if n % 7 == 0 else Outcome.PASS}
        at = now - timedelta(minutes=number - n)
        made.append(operator.body(made_report(standards, f"cloud-{n % SUBJECTS}", at, outcomes)))
    return made


def send_all(address: str, operator: Operator, sent: Sequence[bytes]) -> Counter[str]:
    """Send each body until it is answered; return how often which answer came."""
    token = base64.b64encode(":".join(operator.credentials).encode()).decode()
    headers = {"Content-Type": Form.OWN.value, "Authorization": f"Basic {token}", "Accept": "application/json"}
    answers: Counter[str] = Counter()
    counting = threading.Lock()

    def send(own: Sequence[bytes]) -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)
        for body in own:
            until = time.monotonic() + PATIENCE_S
            while True:
                said = "no answer"
                with suppress(OSError, http.client.HTTPException):
                    connection.request("POST", "/reports", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                    said = str(answer.status)
                with counting:
                    answers[said] += 1
                if said in ("200", "201"):
                    break
                connection.close()
                if time.monotonic() > until:
                    raise SystemExit(f"A report was not taken for {PATIENCE_S:.0f} s: {said}.")
                time.sleep(0.05)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(send, [sent[i::CONNECTIONS] for i in range(CONNECTIONS)]))
    return answers


async def proven(address: str) -> Verification:
    async with PublicRecord(address) as record:
        return await verify(record, load_standards(), Known(), lambda *_: None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--database", metavar="URL", help="an empty database; a SQLite file if not given")
    parser.add_argument("--every", type=float, default=1.5, help="mean seconds between kills")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    now = datetime.now(UTC)  # noqa: TID251 -- the served registry has a real clock
    with tempfile.TemporaryDirectory() as directory:
        url = options.database or f"sqlite:///{directory}/record.sqlite"
        registry = Registry(database=open_database(url), standards=load_standards())
        subjects = [Subject(id=f"cloud-{n}", name=f"Cloud {n}") for n in range(SUBJECTS)]
        operator = registered(registry, "operator", *subjects, now=now)
        sent = bodies(operator, options.reports, now)
        served = Served(environ={**os.environ, "ALLMENDE_DATABASE": url, "ALLMENDE_LOG_KEY": f"{directory}/log-key"})
        address = served.start()
        over = threading.Event()

        def kill_now_and_then() -> None:
            while not over.wait(chance.expovariate(1 / options.every)):
                served.kill()
                served.start()

        killer = threading.Thread(target=kill_now_and_then)
        began = time.perf_counter()
        killer.start()
        try:
            answers = send_all(address, operator, sent)
        finally:
            over.set()
            killer.join()
        seconds = time.perf_counter() - began
        with registry.database.reading() as connection:
            stored = connection.execute(select(func.count()).select_from(reports)).scalar_one()
        found = asyncio.run(proven(address))
        served.stop()
        registry.database.close()
    print(
        f"{options.reports} reports, {served.kills} kills in {seconds:.0f} s on {url.split(':')[0]}; "
        f"started again within {max(served.starts):.1f} s; answers: {dict(answers)}; stored: {stored}"
    )
    for answer in found.answers:
        print(f"  {answer.outcome:4} {answer.question}: {answer.said} {'; '.join(answer.particulars[:3])}")
    if stored != options.reports or found.outcome is not Outcome.PASS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
