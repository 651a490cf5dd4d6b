"""A real Prometheus reads what was measured, raises the alerts of our rules, and answers each query of the board."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from allmende.health.run.record import keep
from allmende.storage.database import open_database, sqlite_url
from allmende.testing.health import iteration

REPOSITORY = Path(__file__).parents[2]
RULES = REPOSITORY / "deploy/prometheus/allmende-health.rules.yaml"
DASHBOARD = REPOSITORY / "deploy/grafana/allmende-health.json"
LONG_S = 60
READY = "Server is ready to receive web requests"


@pytest.fixture
def record(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "record.sqlite")


def measured(record: str, number: int) -> None:
    """Let one cloud work and another fail, now."""
    database = open_database(record)
    at = datetime.now(UTC) - timedelta(seconds=number)  # noqa: TID251 -- Prometheus scrapes by the clock
    keep(database, iteration("good", at), at)
    keep(database, iteration("bad", at, failing=["start a guest"]), at)
    database.close()


@pytest.fixture
def registry(record: str, tmp_path: Path) -> Iterator[str]:
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "ALLMENDE_DATABASE": record}
    command = [sys.executable, "-m", "allmende", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip().removeprefix("http://")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=LONG_S)


@pytest.fixture
def prometheus(registry: str, tmp_path: Path) -> Iterator[httpx.Client]:
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {
                "job_name": "allmende",
                "metrics_path": "/api/monitor/metrics",
                "static_configs": [{"targets": [registry]}],
            }
        ],
    }
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={file}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        assert any(READY in line for line in process.stderr), "it ends without a word of being ready"
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONG_S)


def asked(prometheus: httpx.Client, query: str) -> list[dict[str, Any]]:
    answer = prometheus.get("/query", params={"query": query}).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def until(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONG_S
    while not seen():
        assert time.monotonic() < deadline, f"not within {LONG_S} s: {what}"
        time.sleep(0.2)


def test_promtool_understands_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS: 11 rules found" in done.stdout


def test_prometheus_alerts_and_answers_every_query_of_the_dashboard(record: str, prometheus: httpx.Client) -> None:
    def alerts() -> set[tuple[str, str]]:
        return {(row["metric"]["alertname"], row["metric"]["cloud"]) for row in asked(prometheus, "ALERTS")}

    for number in range(3):
        measured(record, 30 - number)
        until(lambda: bool(asked(prometheus, "allmende_health_state")), "something was scraped")
        time.sleep(1.5)  # so that each scrape finds more than the one before
    until(lambda: ("AllmendeCloudFails", "bad") in alerts(), "the alert about the cloud that fails")
    until(lambda: ("AllmendeBudgetBurnsFast", "bad") in alerts(), "the alert about its budget")
    assert {cloud for _, cloud in alerts()} == {"bad"}
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            assert asked(prometheus, target["expr"].replace("$cloud", ".*")), f"{panel['title']} shows nothing"
