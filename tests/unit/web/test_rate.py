"""How many requests a client may send, who a client is, and what it is told."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from allmende.cli.clock import utc_now
from allmende.web.assets import load_assets
from allmende.web.rate import COST_OF_WRITING, RateLimit, client_of
from allmende.web.render import load_templates

PER_MINUTE = 20


@pytest.fixture
def app() -> RateLimit:
    def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("here")

    inner = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    return RateLimit(inner, per_minute=PER_MINUTE, templates=load_templates(load_assets(), utc_now))


def from_address(app: RateLimit, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://registry")


async def statuses(app: RateLimit, address: str, number: int, method: str = "GET") -> list[int]:
    async with from_address(app, address) as client:
        return [(await client.request(method, "/")).status_code for _ in range(number)]


async def test_a_client_may_send_so_many_and_others_are_not_hindered(app: RateLimit) -> None:
    assert await statuses(app, "192.0.2.1", PER_MINUTE + 2) == [200] * PER_MINUTE + [429] * 2
    assert await statuses(app, "192.0.2.2", 1) == [200]


async def test_what_writes_counts_as_several(app: RateLimit) -> None:
    allowed = PER_MINUTE // COST_OF_WRITING
    assert await statuses(app, "192.0.2.1", allowed + 1, "POST") == [200] * allowed + [429]


async def test_who_is_on_this_machine_is_not_limited(app: RateLimit) -> None:
    assert set(await statuses(app, "127.0.0.1", 2 * PER_MINUTE)) == {200}


@pytest.mark.parametrize(("accept", "expected"), [("application/json", "too-many-requests"), ("text/html", "<h1>")])
async def test_a_client_is_told_how_long_to_wait(app: RateLimit, accept: str, expected: str) -> None:
    await statuses(app, "192.0.2.1", PER_MINUTE)
    async with from_address(app, "192.0.2.1") as client:
        answer = await client.get("/", headers={"Accept": accept})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 120
    assert expected in answer.text


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", None),
        ("127.0.0.9", None),
        ("::ffff:127.0.0.1", None),
        ("testclient", None),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, expected: str | None) -> None:
    assert client_of((address, 1)) == expected
