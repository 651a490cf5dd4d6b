"""The registry as a process: served, submitted to, stopped, killed; and its store on a real PostgreSQL server."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from allmende.cli.serving import stop_serving
from allmende.config import directories
from allmende.report.formats import Form, write
from allmende.standards.load import load_standards
from allmende.testing.registry import made_report

REPOSITORY = Path(__file__).parents[2]
ALLMENDE = (sys.executable, "-m", "allmende")


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def _allmende(*words: str, environ: Mapping[str, str]) -> str:
    done = subprocess.run([*ALLMENDE, *words], env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _served(
    environ: Mapping[str, str], *options: str, port: str = "0"
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serve the registry on a port, or any that is free; the first line it prints is its address."""
    command = [*ALLMENDE, "serve", "--port", port, *options]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def _register(tmp_path: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Register an operator and a cloud; return the options to submit with."""
    public, token = tmp_path / "id.pub", tmp_path / "token"
    public.write_text(_allmende("report", "key", environ=environ))
    _allmende("registry", "subject", "add", "cloud", environ=environ)
    _allmende("registry", "account", "add", "operator", "--subject", "cloud", environ=environ)
    _allmende("registry", "account", "key", "operator", str(public), environ=environ)
    _allmende("registry", "account", "token", "operator", "--output", str(token), environ=environ)
    return ("--account", "operator", "--token-file", str(token))


def _report(tmp_path: Path) -> str:
    path = tmp_path / "report.json"
    path.write_bytes(write(Form.OWN, [made_report(load_standards(), "cloud", datetime.now(UTC))]))  # noqa: TID251 -- a real server has a real clock
    return str(path)


def _outcome(address: str) -> object:
    table = httpx.get(f"{address}/api/table", timeout=10).json()
    return table["rows"][0]["cells"][0]["outcome"]


def test_a_demonstration_leaves_nothing_behind(tmp_path: Path, environ: Mapping[str, str]) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with _served({**environ, "TMPDIR": str(scratch)}, "--demo") as (address, process):
        assert "REGIO.cloud" in httpx.get(address, timeout=10).text
        assert len(list(scratch.iterdir())) == 1
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert not list(scratch.iterdir())
    assert not (tmp_path / "state").exists()


def test_a_served_registry_records_and_stops_well(tmp_path: Path, environ: Mapping[str, str]) -> None:
    options = _register(tmp_path, environ)
    with _served(environ) as (address, process):
        said = _allmende("report", "submit", _report(tmp_path), "--registry", address, *options, environ=environ)
        assert re.search(r"is recorded: [1-9]\d+ results of cloud$", said, re.MULTILINE)
        assert _outcome(address) == "PASS"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_killed_registry_loses_nothing_that_it_acknowledged(tmp_path: Path, environ: Mapping[str, str]) -> None:
    options = _register(tmp_path, environ)
    with _served(environ) as (address, process):
        _allmende("report", "submit", _report(tmp_path), "--registry", address, *options, environ=environ)
        process.kill()
        process.wait(timeout=20)
    with _served(environ) as (address, process):
        assert _outcome(address) == "PASS"


def test_a_record_is_verified_from_outside_and_a_change_in_it_is_noticed(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    options = _register(tmp_path, environ)
    verify = [*ALLMENDE, "registry", "verify"]

    def verified(address: str) -> tuple[int, str]:
        done = subprocess.run([*verify, address], env=environ, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout

    with _served(environ) as (address, process):
        assert verified(address)[0] == 3  # nothing was reported yet, and nothing is no proof
        _allmende("report", "submit", _report(tmp_path), "--registry", address, *options, environ=environ)
        code, said = verified(address)
        assert (code, said.count("✓")) == (0, 6), said
        assert "1 of 1 reports: their digests and signatures hold" in said
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    _allmende("registry", "log", "rotate-key", environ=environ)
    with sqlite3.connect(tmp_path / "state/allmende/registry/record.sqlite") as record:
        changed = record.execute(
            "UPDATE current_results SET outcome = 'FAIL' WHERE testcase = 'scs-0115-default-rules'"
        )
        assert changed.rowcount == 1
    port = address.rsplit(":", 1)[1]
    with _served(environ, port=port) as (address, _):
        code, said = verified(address)
    assert code == 1, said
    assert "the first" in said, "what was kept of the log still holds, under its new key"
    assert re.search(r"✕ The table follows from the reports", said)


def test_a_port_that_is_taken_is_wrong_usage(environ: Mapping[str, str]) -> None:
    with _served(environ) as (address, _):
        command = [*ALLMENDE, "serve", "--port", address.rsplit(":", 1)[1]]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "Nothing can listen on 127.0.0.1" in done.stderr


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that listens on a socket in a directory of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL's Debian package (postgresql) is not installed")
    programs_at = programs[-1].parent
    home = Path(tempfile.mkdtemp(prefix="allmende-postgresql-"))  # not under tmp_path, which its user cannot enter
    # The server refuses to run as root.
    as_its_user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        as_its_user = ("runuser", "-u", "postgres", "--")
    data, log = home / "data", home / "log"

    def run(program: str, *words: object) -> None:
        command = [*as_its_user, str(programs_at / program), *map(str, words)]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=60)

    run("initdb", "-D", data, "-A", "trust", "-U", "registry", "-E", "UTF8", "--no-sync")
    run("pg_ctl", "-D", data, "-w", "-l", log, "-o", f"-c listen_addresses='' -c fsync=off -k {home}", "start")
    try:
        yield f"postgresql://registry@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
        shutil.rmtree(home)


def test_the_store_keeps_its_contract_on_postgresql(postgresql: str) -> None:
    suites = [
        str(REPOSITORY / f"tests/contract/{name}.py")
        for name in (
            "registry/test_store",
            "registry/test_table",
            "registry/test_sign_in",
            "registry/test_integrators",
            "registry/test_background",
            "health/test_record",
            "health/test_alarms",
            "operations/test_automatic",
            "operations/test_saying",
        )
    ]
    environ = {**os.environ, "ALLMENDE_TEST_DATABASE": postgresql}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suites]
    done = subprocess.run(
        command, env=environ, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout


def test_two_commands_at_once_start_one_registry(environ: Mapping[str, str]) -> None:
    ours = directories(environ, Path.home())
    start = (
        "import os, pathlib; from allmende.config import directories; from allmende.cli.serving import start_serving;"
        "print(start_serving(directories(os.environ, pathlib.Path.home()), 0).url)"
    )
    command = [sys.executable, "-c", start]
    try:
        with (
            subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as one,
            subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as two,
        ):
            first, second = one.communicate(timeout=60)[0].strip(), two.communicate(timeout=60)[0].strip()
        assert first == second
        assert httpx.get(first).status_code == 200
    finally:
        assert stop_serving(ours)
    with pytest.raises(httpx.ConnectError):
        httpx.get(first)
