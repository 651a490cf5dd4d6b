"""What the health monitor says while faults are put into a real cloud: the right service, soon, and nothing false.

    allmende cloud up
    python bench/monitor_faults.py [MINUTES [WORD...]]

A registry, a monitor that tells it and somebody who is told run side by side. Each fault lasts MINUTES (6 if not
given; a guest that hangs is waited for 5), and half as long is waited after it. With WORDs, only faults in whose names
one of them stands are made. Printed are the timeline, and for each fault which alarms began, after how long,
and when their end was told; alarms that no fault explains; and what is left in the cloud.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import openstack
import psutil
from openstack.config import OpenStackConfig

from allmende.cli.clock import utc_now

CLOUD = "reference"
OPERATOR = f"allmende-{CLOUD}-admin"
EVERY_MINUTES = 1.0
STATE = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "allmende"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong: which alarm has to say so (trouble and service), how it is made and unmade."""

    name: str
    trouble: str
    service: str
    begin: Callable[[], None]
    end: Callable[[], None]


@dataclass(kw_only=True)
class Told:
    """An event that somebody was told of."""

    at: float
    state: str
    trouble: str
    service: str
    said: str


@dataclass(kw_only=True)
class Timeline:
    began: float = field(default_factory=time.monotonic)
    told: list[Told] = field(default_factory=list)

    def now(self) -> float:
        return time.monotonic() - self.began

    def say(self, words: str) -> None:
        print(f"{utc_now():%H:%M:%S} {self.now() / 60:6.1f} min  {words}", flush=True)


def allmende(*words: str, env: Mapping[str, str] | None = None) -> str:
    command = [sys.executable, "-m", "allmende", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout


def units(name: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if name in " ".join(each.info["cmdline"] or ())]


def stopped(unit: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return how a unit is made to hang, and to go on."""

    def signalled(number: int) -> None:
        for process in units(f"bin/{unit}"):
            process.send_signal(number)

    return partial(signalled, signal.SIGSTOP), partial(signalled, signal.SIGCONT)


def broken(defect: str) -> tuple[Callable[[], None], Callable[[], None]]:
    return (
        lambda: print(allmende("cloud", "break", defect, "--name", CLOUD).strip()),
        lambda: print(allmende("cloud", "mend", "--name", CLOUD).strip()),
    )


def quota(instances: int) -> Callable[[], None]:
    """Return what sets how many guests the monitor's project may have."""

    def connected(file: str, name: str) -> openstack.connection.Connection:
        config = OpenStackConfig(config_files=[str(STATE / "clouds" / CLOUD / file)], load_envvars=False)
        return openstack.connection.Connection(config=config.get_one(cloud=name))

    def change() -> None:
        project = str(connected("clouds.yaml", f"allmende-{CLOUD}").current_project_id)
        connected("operator-clouds.yaml", OPERATOR).set_compute_quotas(project, instances=instances)

    return change


def faults(agent: "Agent") -> Iterator[Fault]:
    for name, trouble, service, (begin, end) in (
        ("barbican is stopped", "fails", "key-manager", broken("barbican-stopped")),
        ("nova-compute hangs", "fails", "compute", stopped("nova-compute")),
        ("cinder-volume hangs", "fails", "block-storage", stopped("cinder-volume")),
        ("the quota is full", "blind", "faults", (quota(0), quota(20))),
        ("the monitor is killed again and again", "", "", (agent.kill_again_and_again, agent.let_be)),
    ):
        yield Fault(name=name, trouble=trouble, service=service, begin=begin, end=end)


class Agent:
    """The monitor: started, and killed without warning where that is the fault."""

    def __init__(self, duties: Path, environ: Mapping[str, str], output: Path) -> None:
        self._command = [sys.executable, "-m", "allmende", "monitor", "agent", str(duties)]
        self._environ = environ
        self._output = output.open("w")
        self._killing = threading.Event()
        self._process = self._start()
        self.kills = 0

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, env=self._environ, stdout=self._output, stderr=subprocess.STDOUT)

    def kill_again_and_again(self) -> None:
        self._killing.set()
        threading.Thread(target=self._kill, daemon=True).start()

    def _kill(self) -> None:
        pause = 7.0
        while self._killing.is_set():
            time.sleep(pause)
            self._process.kill()
            self._process.wait()
            self.kills += 1
            self._process = self._start()
            pause = 7.0 + (pause * 5) % 23

    def let_be(self) -> None:
        self._killing.clear()

    def end(self) -> tuple[float, float]:
        """Return MiB and processor seconds of the monitor, after it has ended."""
        seen = psutil.Process(self._process.pid)
        used = seen.memory_info().rss / 2**20, sum(seen.cpu_times()[:2])
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(600)
        self._output.close()
        return used


@contextmanager
def receiver(timeline: Timeline) -> Iterator[str]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for event in body["events"]:
                alarm: dict[str, Any] = event["alarm"]
                timeline.told.append(
                    Told(
                        at=timeline.now(),
                        state=alarm["state"],
                        trouble=alarm["trouble"],
                        service=alarm["service"],
                        said=event["said"],
                    )
                )
                timeline.say(f"told: {event['said']}")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextmanager
def registry(folder: Path, environ: Mapping[str, str], hook: str) -> Iterator[str]:
    for words in (
        ("subject", "add", "mycloud", "--name", "My cloud"),
        ("account", "add", "operator", "--subject", "mycloud"),
        ("account", "token", "operator", "--scope", "monitor", "--output", str(folder / "token")),
        ("subscription", "add", "operator", "webhook", hook, "--kind", "health"),
    ):
        allmende("registry", *words, env=environ)
    command = [sys.executable, "-m", "allmende", "serve", "--port", "0", "--allow-private-webhooks"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    seconds = 60 * (float(sys.argv[1]) if len(sys.argv) > 1 else 6.0)
    words = sys.argv[2:]
    timeline = Timeline()
    windows: list[tuple[Fault, float, float]] = []
    with tempfile.TemporaryDirectory() as name, receiver(timeline) as hook:
        folder = Path(name)
        environ = {
            **os.environ,
            "ALLMENDE_DATABASE": f"sqlite:///{folder / 'record.sqlite'}",
            "OS_CLIENT_CONFIG_FILE": str(STATE / "clouds" / CLOUD / "clouds.yaml"),
        }
        with registry(folder, environ, hook) as address:
            duties = folder / "monitor.yaml"
            duties.write_text(
                f"vantage: faults\nregistry: {address}\naccount: operator\ntoken_file: token\nclouds:\n"
                f"  - {{cloud: allmende-{CLOUD}, subject: mycloud, every: {EVERY_MINUTES}, "
                "scenarios: [api, secrets, instance]}\n"
            )
            agent = Agent(duties, environ, folder / "agent.txt")
            try:
                timeline.say(f"the monitor begins; the page is {address}/health/mycloud")
                time.sleep(seconds / 3)
                for fault in faults(agent):
                    if words and not any(word in fault.name for word in words):
                        continue
                    timeline.say(f"BEGINS: {fault.name}")
                    began = timeline.now()
                    fault.begin()
                    time.sleep(seconds)
                    fault.end()
                    timeline.say(f"ENDS: {fault.name}")
                    time.sleep(seconds / 2)
                    windows.append((fault, began, timeline.now()))
            finally:
                memory, used = agent.end()
            timeline.say(
                f"the monitor has ended: {memory:.0f} MiB, {used:.0f} s of processor time, {agent.kills} kills"
            )
            health = json.loads(allmende("monitor", "show", "mycloud", "--json", env=environ))
            print(json.dumps({"iterations": health["iterations"], "services": health["services"]}, indent=2))
            print(allmende("monitor", "alarms", "--all", env=environ))
            saved = os.environ.get("MONITOR_FAULTS_RECORD")
            if saved:
                sqlite3.connect(folder / "record.sqlite").execute("VACUUM INTO ?", (saved,))
    report(timeline, windows)
    print(allmende("cleanup", f"allmende-{CLOUD}", "--dry-run", env=environ) or "nothing is left in the cloud")


def report(timeline: Timeline, windows: list[tuple[Fault, float, float]]) -> None:
    explained: list[Told] = []
    for fault, began, until in windows:
        within = [told for told in timeline.told if began <= told.at < until]
        right = [told for told in within if (told.trouble, told.service) == (fault.trouble, fault.service)]
        explained += right
        first = next((told for told in right if told.state == "firing"), None)
        last = next((told for told in right if told.state == "resolved"), None)
        words = f"told after {first.at - began:.0f} s" if first else "nothing was told"
        over = f", its end {last.at - began:.0f} s after the beginning" if last else ""
        print(f"{fault.name}: {fault.trouble or 'nothing'} {fault.service}: {words}{over}")
    others = [told for told in timeline.told if told not in explained]
    print(f"told beside that: {len(others)}")
    for told in others:
        print(f"  {told.at / 60:.1f} min: {told.said}")


if __name__ == "__main__":
    main()
