"""A registry takes over the history of another one."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from allmende.cli.registry import app
from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run import log, read
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form, write
from allmende.report.keys import PrivateKey
from allmende.storage.database import sqlite_url
from allmende.testing.registry import Operator, made_report, registered, registry_in

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: TID251 -- the command has a real clock
TESTCASE = "scs-0115-default-rules"
IAAS = UUID("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("ALLMENDE_DATABASE", sqlite_url(tmp_path / "record.sqlite"))
    made = registry_in(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def importer(registry: Registry) -> Operator:
    subjects = (Subject(id=name, name=name.title()) for name in ("cloud", "other"))
    return registered(registry, "import", *subjects, now=TODAY)


@pytest.fixture
def history(tmp_path: Path, registry: Registry, importer: Operator) -> Path:
    """Two years of reports, a stream of several of them in one file, in no order."""
    directory = tmp_path / "history"
    (directory / "2025").mkdir(parents=True)
    for days in (700, 400, 90, 1):
        outcome = Outcome.FAIL if days == 90 else Outcome.PASS
        made = [
            made_report(registry.standards, name, TODAY - timedelta(days=days), {TESTCASE: outcome})
            for name in ("cloud", "other")
        ]
        (directory / "2025" / f"{days}.yaml").write_bytes(write(Form.UPSTREAM_YAML, made))
    (directory / "README").write_text("no report")
    return directory


def key_file(directory: Path, key: PrivateKey) -> Path:
    path = directory / "key"
    path.write_bytes(key.openssh())
    os.chmod(path, 0o600)  # noqa: PTH101 -- plain
    return path


def imported(*words: object) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, words)])


def test_a_history_is_taken_over_once_and_goes_on(
    tmp_path: Path, registry: Registry, importer: Operator, history: Path
) -> None:
    words = (history, "--account", "import", "--key", key_file(tmp_path, importer.key))
    done = imported(*words)
    assert done.exit_code == 0, done.output
    assert "8 reports recorded, 0 there already, 0 files refused." in done.output
    record = read.subject_record(registry, "cloud", TODAY)
    assert len(record.reports) == 4
    assert record.scores[0].headline
    assert record.scores[0].headline.outcome is Outcome.PASS
    days = read.history(registry, "cloud", IAAS, TODAY - timedelta(days=730))[TESTCASE]
    assert [day.outcome for day in days] == [Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.PASS]
    before = log.checkpoint(registry)
    again = imported(*words)
    assert "0 reports recorded, 8 there already" in again.output
    assert log.checkpoint(registry) == before


def test_what_cannot_be_taken_over_is_said_and_the_rest_is(
    tmp_path: Path, registry: Registry, importer: Operator, history: Path
) -> None:
    (history / "broken.yaml").write_text("subject: [")
    foreign = made_report(registry.standards, "nobody", TODAY - timedelta(days=3))
    (history / "foreign.json").write_bytes(write(Form.OWN, [foreign]))
    done = imported(history, "--account", "import", "--key", key_file(tmp_path, importer.key))
    assert done.exit_code == 1
    assert "8 reports recorded, 0 there already, 2 files refused." in done.output
    assert "broken.yaml: " in done.output
    assert "may not report for the subject nobody" in done.output


def test_a_key_that_is_not_the_accounts_imports_nothing(
    tmp_path: Path, registry: Registry, importer: Operator, history: Path
) -> None:
    stranger = registered(registry, "stranger", now=TODAY)
    done = imported(history, "--account", "import", "--key", key_file(tmp_path, stranger.key))
    assert done.exit_code == 1
    assert "is not registered for import" in done.output
    assert read.subject_record(registry, "cloud", TODAY).reports == ()


def test_a_directory_without_reports_is_said_to_be_one(tmp_path: Path, registry: Registry, importer: Operator) -> None:
    (tmp_path / "empty").mkdir()
    done = imported(tmp_path / "empty", "--account", "import", "--key", key_file(tmp_path, importer.key))
    assert done.exit_code != 0
    assert "holds no file that ends in" in str(done.exception)
