"""What can go wrong with a SQLite file, and what a person is told."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from allmende.errors import SettingsError, StoreError
from allmende.registry.model.record import Subject
from allmende.registry.store import subjects
from allmende.storage import database as module
from allmende.storage.database import Database, StoreFullError, open_database, sqlite_url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "registry" / "record.sqlite"


@pytest.fixture
def sqlite(file: Path) -> Iterator[Database]:
    opened = open_database(sqlite_url(file))
    yield opened
    opened.close()


def _add(database: Database, id_: str) -> None:
    with database.writing() as connection:
        subjects.put(connection, Subject(id=id_, name=id_))


def _ids(database: Database) -> list[str]:
    with database.reading() as connection:
        return [subject.id for subject in subjects.everyone(connection)]


def test_the_file_is_its_owners_alone(sqlite: Database, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_readers_do_not_wait_for_a_writer(sqlite: Database) -> None:
    with sqlite.writing() as connection:
        subjects.put(connection, Subject(id="a", name="a"))
        assert _ids(sqlite) == []
    assert _ids(sqlite) == ["a"]


def test_a_read_only_database_is_said_to_be_read_only(sqlite: Database) -> None:
    with sqlite.reading() as connection:
        connection.execute(text("PRAGMA query_only = ON"))
        connection.commit()
    with pytest.raises(StoreError, match="read-only"):
        _add(sqlite, "a")


def test_a_full_disk_is_said_to_be_full_and_leaves_nothing(sqlite: Database) -> None:
    with sqlite.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.commit()

    def fill() -> None:
        with sqlite.writing() as connection:
            subjects.put(connection, Subject(id="a", name="a"))
            subjects.put(connection, Subject(id="b", name="b", description="x" * 100_000))

    with pytest.raises(StoreFullError, match="full"):
        fill()
    assert _ids(sqlite) == []


def test_a_busy_database_is_said_to_be_busy(
    sqlite: Database, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0)
    impatient = open_database(sqlite_url(file))
    with sqlite.writing(), pytest.raises(StoreError, match="busy"):
        _add(impatient, "a")
    impatient.close()


def test_a_file_that_is_no_database_is_said_to_be_none(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_database(sqlite_url(file))


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "registry").touch()
    with pytest.raises(StoreError, match=r"registry/record\.sqlite cannot be made"):
        open_database(sqlite_url(tmp_path / "registry" / "record.sqlite"))


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("no url", "cannot be read"),
        ("mysql://localhost/registry", "mysql is not supported"),
        ("sqlite://", "names no file"),
    ],
)
def test_a_url_that_names_no_database_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        open_database(url)


def test_the_database_is_a_file_that_sqlite_reads(sqlite: Database, file: Path) -> None:
    _add(sqlite, "cloud")
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT id FROM subjects").fetchall() == [("cloud",)]
    connection.close()
