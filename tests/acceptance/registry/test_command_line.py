"""The commands around reports and the registry, each as a person types it."""

import json
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner, Result

from allmende.cli import registry as registry_commands
from allmende.cli import report as report_commands
from allmende.cli.keys import PASSPHRASE_VARIABLE, TOKEN_VARIABLE
from allmende.cli.serve import listen
from allmende.errors import (
    AllmendeError,
    DocumentError,
    RegistryRefusedError,
    RegistryUnreachableError,
    SettingsError,
    SignatureError,
    UnknownNameError,
    UsageError,
)
from allmende.report.formats import Form, own, read, write
from allmende.report.keys import ed25519_key
from allmende.report.sign import UnknownSignerError, split
from allmende.standards.load import load_standards
from allmende.testing.registry import made_report

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for variable in (TOKEN_VARIABLE, PASSPHRASE_VARIABLE, "ALLMENDE_DATABASE"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_bytes(write(Form.OWN, [made_report(load_standards(), "cloud", NOON)]))
    return path


def _run(app: typer.Typer, *words: object, succeeds: bool = True) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if succeeds:
        assert result.exit_code == 0, (result.output, result.exception)
    return result


def _fails(app: typer.Typer, *words: object) -> AllmendeError:
    error = _run(app, *words, succeeds=False).exception
    assert isinstance(error, AllmendeError), error
    return error


def test_a_newcomer_is_registered_with_four_commands(tmp_path: Path) -> None:
    public = tmp_path / "id.pub"
    public.write_text(ed25519_key(b"k" * 32).public.line + " me@example.org\n")
    _run(registry_commands.app, "subject", "add", "cloud", "--name", "A cloud", "--operator", "Operator")
    _run(registry_commands.app, "account", "add", "operator", "--subject", "cloud")
    _run(registry_commands.app, "account", "key", "operator", public)
    _run(registry_commands.app, "account", "token", "operator", "--output", tmp_path / "token")

    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    (account,) = json.loads(_run(registry_commands.app, "account", "list", "--json").stdout)
    assert account["subjects"] == ["cloud"]
    assert account["keys"] == [ed25519_key(b"k" * 32).public.fingerprint]
    assert "A cloud" in _run(registry_commands.app, "subject", "list").stdout
    assert stat.S_IMODE((tmp_path / "state/allmende/registry/record.sqlite").stat().st_mode) == 0o600


def test_names_are_listed_as_they_are() -> None:
    _run(registry_commands.app, "subject", "add", "cloud", "--name", "Cloud [eu] :cloud:")
    assert "Cloud [eu] :cloud:" in _run(registry_commands.app, "subject", "list").stdout


def test_keys_and_tokens_can_be_taken_back(tmp_path: Path) -> None:
    public = tmp_path / "id.pub"
    public.write_text(ed25519_key(b"k" * 32).public.line)
    _run(registry_commands.app, "account", "add", "operator")
    _run(registry_commands.app, "account", "key", "operator", public)
    _run(registry_commands.app, "account", "token", "operator")
    assert "invalid now: 1" in _run(registry_commands.app, "account", "token", "operator", "--revoke").stderr
    _run(registry_commands.app, "account", "key", "operator", public, "--remove")
    assert isinstance(_fails(registry_commands.app, "account", "key", "operator", public, "--remove"), UnknownNameError)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("subject", "add", "../x"), UsageError),
        (("subject", "add", "x", "--operator", "A\u202eB"), UsageError),
        (("subject", "add", "x", "--url", "javascript:alert(1)"), UsageError),
        (("account", "add", "a b"), UsageError),
        (("account", "add", "operator", "--subject", "nothing"), UnknownNameError),
        (("account", "token", "nobody"), UnknownNameError),
        (("account", "key", "nobody", "/nowhere/id.pub"), SettingsError),
        (("subject", "list", "--database", "mysql://x/y"), SettingsError),
    ],
)
def test_a_wrong_word_is_an_error_with_a_next_step(words: tuple[str, ...], kind: type[AllmendeError]) -> None:
    error = _fails(registry_commands.app, *words)
    assert isinstance(error, kind)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path, report: Path) -> None:
    error = _fails(report_commands.app, "sign", report, "--output", tmp_path)
    assert isinstance(error, SettingsError)
    assert f"{tmp_path} cannot be written" in str(error)


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = _run(report_commands.app, "key")
    again = _run(report_commands.app, "key")
    assert first.stdout == again.stdout
    assert first.stdout.startswith("ssh-ed25519 ")
    assert "made now" in first.stderr
    assert "made now" not in again.stderr
    path = tmp_path / "state/allmende/keys/report_ed25519"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_report_is_signed_and_verified(tmp_path: Path, report: Path) -> None:
    (tmp_path / "own.pub").write_text(_run(report_commands.app, "key").stdout)
    (tmp_path / "other.pub").write_text(ed25519_key(b"o" * 32).public.line)
    _run(report_commands.app, "sign", report)
    assert "The signature holds" in _run(report_commands.app, "verify", report).stdout
    _run(report_commands.app, "verify", report, "--allowed", tmp_path / "own.pub")
    stranger = _fails(report_commands.app, "verify", report, "--allowed", tmp_path / "other.pub")
    assert isinstance(stranger, UnknownSignerError)

    report.write_bytes(report.read_bytes() + b" ")
    assert isinstance(_fails(report_commands.app, "verify", report), SignatureError)


def test_what_is_no_report_is_not_signed(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    assert isinstance(_fails(report_commands.app, "sign", tmp_path / "x"), DocumentError)
    assert isinstance(_fails(report_commands.app, "sign", tmp_path / "missing"), SettingsError)
    assert not (tmp_path / "x.sig").exists()


def test_a_report_is_converted_there_and_back(tmp_path: Path, report: Path) -> None:
    yaml = tmp_path / "report.yaml"
    yaml.write_bytes(_run(report_commands.app, "convert", report, "--to", "upstream-yaml").stdout_bytes)
    back = _run(report_commands.app, "convert", yaml, "--to", "json").stdout_bytes
    (before,), (after,) = read(Form.OWN, report.read_bytes()), read(Form.OWN, back)
    assert {r.testcase: r.outcome for r in after.results} == {r.testcase: r.outcome for r in before.results}
    (shown,) = json.loads(_run(report_commands.app, "show", yaml, "--json").stdout)
    assert shown["subject"] == "cloud"
    assert "✓ PASS" in _run(report_commands.app, "show", yaml).stdout


def test_the_schema_is_printed() -> None:
    assert json.loads(_run(report_commands.app, "schema").stdout) == own.schema()


def test_answers_do_not_wait_to_be_acknowledged() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class _Nonsense(BaseHTTPRequestHandler):
    """Answers every POST with what the test has put here."""

    answer: ClassVar[tuple[int, str, bytes]] = (200, "text/html", b"")
    taken: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say(*self.answer)

    def say(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the signature of http.server
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Nonsense) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((200, "text/html", b"<h1>Please log in</h1>"), RegistryUnreachableError, "is no registry"),
        ((201, "application/json", b'{"reports": 1}'), RegistryUnreachableError, "is no registry"),
        ((502, "text/html", b"Bad gateway"), RegistryUnreachableError, "status 502"),
        ((403, "application/problem+json", b'{"detail": "Not yours."}'), RegistryRefusedError, "Not yours"),
    ],
)
def test_what_a_registry_says_reaches_the_person(
    elsewhere: str,
    report: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[int, str, bytes],
    kind: type[AllmendeError],
    words: str,
) -> None:
    monkeypatch.setattr(_Nonsense, "answer", answer)
    monkeypatch.setenv(TOKEN_VARIABLE, "token")
    error = _fails(report_commands.app, "submit", report, "--registry", elsewhere, "--account", "operator")
    assert isinstance(error, kind)
    assert words in str(error)


def _as_the_public_monitor(handler: _Nonsense) -> None:
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    if handler.headers["Content-Type"] == Form.UPSTREAM_YAML:
        handler.taken.append(body)
        handler.say(200, "application/json", b"null")
    else:
        handler.say(415, "application/json", b'{"detail":"Unsupported Media Type"}')


def test_the_public_monitor_gets_the_form_it_takes(
    elsewhere: str, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Nonsense, "do_POST", _as_the_public_monitor)
    monkeypatch.setattr(_Nonsense, "taken", [])
    monkeypatch.setenv(TOKEN_VARIABLE, "token")
    said = _run(report_commands.app, "submit", report, "--registry", elsewhere, "--account", "operator")
    (ours,) = read(Form.OWN, report.read_bytes())
    assert f"{elsewhere}/page/report/{ours.id} was taken: {len(ours.results)} results of cloud" in said.output
    (body,) = _Nonsense.taken
    _, content = split(body)
    (theirs,) = read(Form.UPSTREAM_YAML, content)
    assert [(r.testcase, r.outcome) for r in theirs.results] == [(r.testcase, r.outcome) for r in ours.results]


def test_a_submission_without_a_token_or_an_address_is_wrong_usage(report: Path) -> None:
    words = ("submit", report, "--account", "operator", "--registry")
    assert isinstance(_fails(report_commands.app, *words, "http://127.0.0.1:1"), SettingsError)
    missing = _fails(report_commands.app, *words, "http://127.0.0.1:1", "--token-file", "/nowhere")
    assert isinstance(missing, SettingsError)


def test_a_registry_that_does_not_answer_is_said_not_to(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "token")
    words = ("submit", report, "--account", "operator", "--registry")
    assert isinstance(_fails(report_commands.app, *words, "http://127.0.0.1:1"), RegistryUnreachableError)
    assert isinstance(_fails(report_commands.app, *words, "registry.example.org"), UsageError)
