"""The whole application over a real store: one with a filled record, one empty."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.standards.load import load_standards
from allmende.storage.database import open_database, sqlite_url
from allmende.testing.browser import Browser
from allmende.testing.health import measure
from allmende.testing.record import fill
from allmende.testing.registry import notary_of

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def browser(registry: Registry) -> Browser:
    return Browser(app=create_app(registry, lambda: NOW, notary_of(registry, NOW)))


def empty_registry(directory: Path) -> Registry:
    return Registry(database=open_database(sqlite_url(directory / "registry.db")), standards=load_standards())


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The pages of a record with every kind of result; nobody writes to it."""
    registry = empty_registry(tmp_path_factory.mktemp("filled"))
    fill(registry, NOW)
    measure(registry.database, "alpenrand", NOW, hours=30)
    measure(registry.database, "hafenwolke", NOW, hours=30, failing_hours=(0, 1, 9))
    measure(registry.database, "elsewhere", NOW, hours=3)
    yield browser(registry)
    registry.database.close()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty record of one's own."""
    registry = empty_registry(tmp_path)
    yield registry
    registry.database.close()


@pytest.fixture
def empty(registry: Registry) -> Browser:
    """The pages of an empty record."""
    return browser(registry)
