"""A registry with one operator and one cloud, and its application without a network between."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from allmende.registry.model.record import Subject
from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.testing.registry import Operator, notary_of, registered, registry_in

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = registry_in(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def operator(registry: Registry, now: datetime) -> Operator:
    return registered(registry, "operator", Subject(id="cloud", name="A cloud", operator="Operator"), now=now)


@pytest.fixture
async def client(registry: Registry, now: datetime) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(registry, lambda: now, notary_of(registry, now))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as opened:
        yield opened
