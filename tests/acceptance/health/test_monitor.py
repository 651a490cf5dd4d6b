"""`allmende monitor`: what a person and a program are told of a cloud, and which exit code it has."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(load_standards(), NOW) as cloud:
        cloud.remove_service("object-store")  # the fake speaks S3 only
        yield cloud


@pytest.fixture
def environ(fake: FakeOpenStack, tmp_path: Path) -> Mapping[str, str]:
    return {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(tmp_path)),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "NO_COLOR": "1",
    }


def monitor(environ: Mapping[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "allmende", "monitor", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_cloud_that_works_is_said_to_and_its_figures_are_kept(environ: Mapping[str, str]) -> None:
    done = monitor(environ, "run", "fake", "--once", "--scenario", "api")
    assert done.returncode == 0, done.stderr
    assert "✓ list networks" in done.stdout
    assert "✓ everything worked" in done.stdout.splitlines()[-1]
    shown = monitor(environ, "show", "fake")
    assert shown.returncode == 0, shown.stderr
    last = shown.stdout.splitlines()[-1]
    assert last.startswith("fake since ")
    assert last.endswith(" UTC: 1 worked")
    assert "network          available in 1 of 1 iterations, 100.0 %" in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    document = json.loads(monitor(environ, "show", "fake", "--calls", "--json").stdout)
    assert {"GET /networks", "GET /networks/{id}"} <= {call["call"] for call in document["calls"]}


def test_a_service_that_fails_has_its_name_and_an_exit_code(fake: FakeOpenStack, environ: Mapping[str, str]) -> None:
    fake.fail("block-storage", status=503)
    done = monitor(environ, "run", "fake", "--once", "--scenario", "api", "--json", "--vantage", "the test")
    assert done.returncode == 1
    (iteration,) = [line for line in lines(done) if line["type"] == "iteration"]
    assert (iteration["state"], iteration["vantage"]) == ("fails", "the test")
    failed = [line for line in lines(done) if line["type"] == "sample" and line["ending"] == "error"]
    assert {line["service"] for line in failed} == {"block-storage"}
    assert all(line["status"] == 503 and line["request_id"] for line in failed)


def test_a_refused_credential_is_no_fault_of_the_cloud(fake: FakeOpenStack, environ: Mapping[str, str]) -> None:
    fake.state.password = "changed"
    done = monitor(environ, "run", "fake", "--once", "--scenario", "api", "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    (step,) = [line for line in lines(done) if line["type"] == "sample" and line["kind"] == "step"]
    assert (step["what"], step["ending"]) == ("log in", "blind")
    assert "changed" not in done.stdout


def test_a_cloud_where_nobody_can_log_in_fails_and_that_is_kept(
    fake: FakeOpenStack, environ: Mapping[str, str]
) -> None:
    fake.fail("identity", status=503)
    done = monitor(environ, "run", "fake", "--once", "--scenario", "api")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✕ log in" in done.stdout
    assert "identity         available in 0 of 1 iterations, 0.0 %" in monitor(environ, "show", "fake").stdout


def test_a_step_may_be_left_out(environ: Mapping[str, str]) -> None:
    words = ("run", "fake", "--once", "--scenario", "api", "--without", "list networks", "--json")
    endings = {line["what"]: line["ending"] for line in lines(monitor(environ, *words)) if line.get("kind") == "step"}
    assert (endings["list networks"], endings["read one of the networks"]) == ("skipped", "skipped")
    assert endings["list images"] == "ok"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "fake", "--once", "--scenario", "nonsense"), "There is no scenario nonsense."),
        (("run", "fake", "--once", "--without", "nonsense"), "There is no step «nonsense»."),
        (("show", "nowhere"), "Nothing was measured of the cloud nowhere."),
    ],
)
def test_a_wrong_name_is_told_with_the_right_ones(
    environ: Mapping[str, str], words: tuple[str, ...], expected: str
) -> None:
    done = monitor(environ, *words)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "next: " in done.stderr


def test_the_scenarios_are_listed_with_their_steps(environ: Mapping[str, str]) -> None:
    assert "reach its SSH from outside" in monitor(environ, "scenarios").stdout
    found = {each["name"]: each for each in json.loads(monitor(environ, "scenarios", "--json").stdout)}
    assert found["api"]["creates"] is False
    assert found["instance"]["quota"]["compute.instances"] == 1


WITH_A_GUEST = ("run", "fake", "--scenario", "instance", "--without", "reach its SSH from outside")


def test_a_reader_that_goes_away_ends_it_and_nothing_is_left(fake: FakeOpenStack, environ: Mapping[str, str]) -> None:
    fake.prints(lambda _user_data: "guest login: ")
    command = [sys.executable, "-m", "allmende", "monitor", *WITH_A_GUEST, "--every", "1"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.wait(timeout=120) == 141
    assert not fake.resources()


def test_without_a_place_for_its_journal_nothing_is_tried_and_the_monitor_is_blind(
    fake: FakeOpenStack, environ: Mapping[str, str]
) -> None:
    leases = Path(environ["XDG_STATE_HOME"]) / "allmende" / "leases"
    leases.parent.mkdir(parents=True)
    leases.write_text("no folder")
    done = monitor(environ, *WITH_A_GUEST, "--once")
    assert (done.returncode, "trouble: " in done.stderr) == (3, True)
    assert not fake.resources()
