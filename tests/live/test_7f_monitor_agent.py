"""A monitor that tells a registry elsewhere: also of what it saw while the registry was down, and after kill -9."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LONG_S = 60


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    with FakeOpenStack.conformant(load_standards(), NOW) as fake:
        fake.remove_service("object-store")  # the fake speaks S3 only
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith(("OS_", "ALLMENDE_"))},
            "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(tmp_path)),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }


def allmende(environ: Mapping[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "allmende", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=LONG_S).stdout


@contextmanager
def running(environ: Mapping[str, str], words: Sequence[str], end: int) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "allmende", *words]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.send_signal(end)
        process.communicate(timeout=LONG_S)


def counted(address: str) -> int:
    clouds = httpx.get(f"{address}/api/monitor/clouds", trust_env=False).json()
    return sum(cloud["last_24_hours"]["tried"] for cloud in clouds)


def until(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONG_S
    while not seen():
        assert time.monotonic() < deadline, f"not within {LONG_S} s: {what}"
        time.sleep(0.1)


def test_what_was_seen_while_the_registry_was_down_is_told_later(environ: Mapping[str, str], tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    for words in (
        ("subject", "add", "mycloud-zrh", "--name", "My cloud"),
        ("account", "add", "operator", "--subject", "mycloud-zrh"),
        ("account", "token", "operator", "--scope", "monitor", "--output", str(tmp_path / "token")),
    ):
        allmende(environ, "registry", *words, "--database", database)
    serve = ("serve", "--port", "0", "--database", database)
    with running(environ, serve, signal.SIGTERM) as first:
        assert first.stdout is not None
        address = first.stdout.readline().strip()
    port = address.rpartition(":")[2]
    duties = tmp_path / "monitor.yaml"
    duties.write_text(
        f"vantage: here\nregistry: {address}\naccount: operator\ntoken_file: token\n"
        "clouds:\n  - {cloud: fake, subject: mycloud-zrh, every: 0.02, scenarios: [api]}\n"
    )
    spool = tmp_path / "state" / "allmende" / "monitor"

    def waiting() -> int:
        return len(list(spool.rglob("*.json")))

    with running(environ, ("monitor", "agent", str(duties)), signal.SIGKILL):
        until(lambda: waiting() >= 3, "iterations wait for the registry")
    seen = waiting()
    assert seen >= 3, "what waits outlives the process"
    with running(environ, ("serve", "--port", port, "--database", database), signal.SIGTERM) as again:
        assert again.stdout is not None
        assert again.stdout.readline().strip() == address
        with running(environ, ("monitor", "agent", str(duties)), signal.SIGTERM) as agent:
            until(lambda: counted(address) > seen, "everything was told")
        assert agent.returncode == 130
        assert waiting() <= 1, "at most the one that was under way"
        page = httpx.get(f"{address}/health/mycloud-zrh", trust_env=False).text
        assert "mycloud-zrh works" in page
