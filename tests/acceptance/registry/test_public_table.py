"""The public table of 2024-12-11, from data alone: the same rows, the same versions passed."""

import html

import httpx
import pytest

from allmende.cli.demonstration import furnish, published
from allmende.cli.serve import NOTICE
from allmende.outcome import Outcome
from allmende.registry.model.scores import TableCell
from allmende.registry.run import read
from allmende.registry.run.registry import Registry
from allmende.report.keys import ed25519_key
from allmende.server import create_app
from allmende.standards.model import Validity
from allmende.testing.registry import notary_of

PUBLISHED = published()
DAY = PUBLISHED.moment
MARKS = {Validity.EFFECTIVE: "", Validity.DRAFT: "*", Validity.WARN: "†", Validity.DEPRECATED: "††"}


@pytest.fixture
def furnished(registry: Registry) -> Registry:
    furnish(registry, PUBLISHED, ed25519_key(bytes(32)))
    return registry


def _passed(cell: TableCell) -> set[str]:
    return {f"{v.version}{MARKS[v.validity]}" for v in cell.verdicts if v.outcome is Outcome.PASS}


def test_the_published_table_is_shown_from_data_alone(furnished: Registry) -> None:
    shown = read.table(furnished, DAY)
    iaas = [scope.id for scope in shown.scopes].index(PUBLISHED.scope)
    found = {
        (row.name, row.operator, row.description, frozenset(s.id for s in row.subjects)): _passed(row.cells[iaas])
        for row in shown.rows
    }
    assert found == {
        (row.name, row.operator, row.description, frozenset(s.id for s in row.subjects)): set(row.subjects[0].passed)
        for row in PUBLISHED.rows
    }


async def test_every_page_of_the_demonstration_says_that_it_is_one(furnished: Registry) -> None:
    app = create_app(furnished, lambda: DAY, notary_of(furnished, DAY), notice=NOTICE)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://registry", headers={"Accept": "text/html"}
    ) as client:
        for address in ("/", "/subjects/regio-a", "/certificates", "/log", "/about", "/no-such-page"):
            page = await client.get(address)
            assert html.escape(NOTICE, quote=False) in page.text, address


async def test_a_registry_that_is_none_says_nothing_of_a_demonstration(client: httpx.AsyncClient) -> None:
    assert "demonstration" not in (await client.get("/")).text
