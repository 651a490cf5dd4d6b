"""A record of the release before this one: it is brought up to date, goes on, and can be proven."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account, TokenScope
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run import log, read
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import authenticate
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.storage.database import open_database, sqlite_url
from allmende.testing.registry import made_report, notary_of, registered, registry_in

from .test_log import verified

RELEASED = "0002"
TOKEN = "allmende_" + "ab" * 32
TABLES = ("subjects", "accounts", "grants", "signing_keys", "submissions", "reports", "results", "current_results")


@pytest.fixture
def earlier(tmp_path: Path, now: datetime) -> Path:
    """A database as the earlier release made it, with a subject, an account, its token as it was kept, and a report."""
    path = tmp_path / "earlier.sqlite"
    engine = create_engine(sqlite_url(path))
    config = Config()
    config.set_main_option("script_location", "allmende.storage:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, RELEASED)
    engine.dispose()
    today = registry_in(tmp_path / "today")
    operator = registered(today, "operator", Subject(id="cloud", name="A cloud"), now=now)
    body = operator.body(made_report(today.standards, "cloud", now))
    assert isinstance(accept(today, account_called(today, "operator"), Form.OWN, body, now), Receipt)
    today.database.close()
    with sqlite3.connect(tmp_path / "today/record.sqlite") as source, sqlite3.connect(path) as target:
        for table in TABLES:
            columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
            rows = source.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608 -- names of ours
            places = ", ".join("?" * len(columns))
            target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 -- likewise
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        target.execute("INSERT INTO tokens VALUES (?, 'operator', '2026-01-01 00:00:00.000000')", [digest])
    source.close()
    target.close()
    return path


@pytest.fixture
def upgraded(earlier: Path) -> Iterator[Registry]:
    registry = Registry(database=open_database(sqlite_url(earlier)), standards=load_standards())
    yield registry
    registry.database.close()


def test_its_token_goes_on(upgraded: Registry, now: datetime) -> None:
    found = authenticate(upgraded.database, upgraded.tokens, ("operator", TOKEN), TokenScope.SUBMIT, now)
    assert isinstance(found, Account)
    assert found.subjects == {"cloud"}


async def test_its_reports_are_in_the_log_and_everything_follows_from_them(upgraded: Registry, now: datetime) -> None:
    notary_of(upgraded, now)
    log.sweep(upgraded, now)
    (row,) = read.table(upgraded, now).rows
    headline = row.cells[0].headline
    assert headline is not None
    assert headline.outcome is Outcome.PASS
    assert (await verified(upgraded, now)).outcome is Outcome.PASS


def test_it_takes_new_reports(upgraded: Registry, now: datetime) -> None:
    registered_key = account_called(upgraded, "operator")
    operator = registered(upgraded, "second", Subject(id="another", name="Another"), now=now)
    assert registered_key.subjects == {"cloud"}
    body = operator.body(made_report(upgraded.standards, "another", now))
    assert isinstance(accept(upgraded, account_called(upgraded, "second"), Form.OWN, body, now), Receipt)
