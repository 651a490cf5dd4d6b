"""A copy of the record: made while it is written to, put back whole, and provable."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from allmende.cli.registry import app
from allmende.errors import SettingsError, StoreError
from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt
from allmende.registry.run import log
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.storage.backup import back_up, restore
from allmende.storage.database import open_database, sqlite_url
from allmende.testing.registry import Operator, made_report

from .test_log import verified


def reported(registry: Registry, operator: Operator, now: datetime) -> None:
    body = operator.body(made_report(registry.standards, "cloud", now))
    assert isinstance(accept(registry, account_called(registry, "operator"), Form.OWN, body, now), Receipt)


async def test_a_copy_that_is_made_under_load_is_whole_and_can_be_proven(
    registry: Registry, operator: Operator, now: datetime, tmp_path: Path
) -> None:
    over = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not over.is_set():
            reported(registry, operator, now)
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 2:
            over.wait(0.01)
        back_up(sqlite_url(tmp_path / "record.sqlite"), tmp_path / "copy.sqlite")
    finally:
        over.set()
        writer.join()
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    restore(tmp_path / "copy.sqlite", sqlite_url(tmp_path / "elsewhere/record.sqlite"))
    copy = Registry(
        database=open_database(sqlite_url(tmp_path / "elsewhere/record.sqlite")), standards=load_standards()
    )
    assert 2 <= sum(b'"report"' in entry.content for entry in log.entries(copy, 0, 1000)) <= len(written)
    assert (await verified(copy, now)).outcome is Outcome.PASS
    copy.database.close()


def test_what_was_there_is_kept_when_a_copy_takes_its_place(
    registry: Registry, operator: Operator, now: datetime, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path / "record.sqlite")
    reported(registry, operator, now)
    before = log.checkpoint(registry)
    back_up(url, tmp_path / "copy.sqlite")
    reported(registry, operator, now)
    registry.database.close()
    kept = restore(tmp_path / "copy.sqlite", url)
    assert kept is not None
    assert kept.exists()
    again = Registry(database=open_database(url), standards=load_standards())
    assert log.checkpoint(again) == before
    again.database.close()


def test_a_damaged_copy_changes_nothing(registry: Registry, operator: Operator, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    before = (tmp_path / "record.sqlite").read_bytes()
    for copy in (damaged, tmp_path / "missing.sqlite"):
        with pytest.raises(StoreError):
            restore(copy, sqlite_url(tmp_path / "record.sqlite"))
    assert (tmp_path / "record.sqlite").read_bytes() == before
    assert not list(tmp_path.glob("*.restored"))


def test_nothing_is_overwritten_and_another_database_is_not_ours_to_copy(
    registry: Registry, operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / "copy.sqlite").touch()
    with pytest.raises(SettingsError, match="is there already"):
        back_up(sqlite_url(tmp_path / "record.sqlite"), tmp_path / "copy.sqlite")
    with pytest.raises(SettingsError, match="There is no record"):
        back_up(sqlite_url(tmp_path / "no.sqlite"), tmp_path / "other.sqlite")
    with pytest.raises(SettingsError) as refused:
        back_up("postgresql://localhost/registry", tmp_path / "other.sqlite")
    assert "pg_dump" in refused.value.hint


def test_the_commands_copy_the_key_of_the_log_too(registry: Registry, tmp_path: Path) -> None:
    registry.database.close()
    (tmp_path / "record.log-key").write_text("the key")
    database = ("--database", sqlite_url(tmp_path / "record.sqlite"))
    copy = tmp_path / "copy.sqlite"
    assert CliRunner().invoke(app, ["backup", str(copy), *database]).exit_code == 0
    assert (tmp_path / "copy.sqlite.log-key").read_text() == "the key"
    (tmp_path / "record.log-key").unlink()
    done = CliRunner().invoke(app, ["restore", str(copy), "--yes", *database])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "record.log-key").read_text() == "the key"
    assert "its log has 0 entries" in done.output
