"""A subject is added, and described anew, by one request of an admin."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from allmende.registry.model.accounts import Role, TokenScope
from allmende.registry.run.administer import ensure_role
from allmende.registry.run.registry import Registry
from allmende.testing.registry import Operator, registered, token_for


@pytest.fixture
def admin(registry: Registry, now: datetime) -> Operator:
    made = registered(registry, "admin", now=now)
    ensure_role(registry, "admin", Role.ADMIN)
    return made


async def put(
    client: httpx.AsyncClient, credentials: tuple[str, str], subject: str, **described: Any
) -> httpx.Response:
    return await client.put(f"/api/subjects/{subject}", json=described, auth=credentials)


async def test_a_subject_is_added_and_described_anew(
    client: httpx.AsyncClient, registry: Registry, admin: Operator
) -> None:
    assert (await put(client, admin.credentials, "new-cloud", operator="Operator AG")).status_code == 200
    assert "new-cloud" in (await client.get("/")).text
    answer = await put(client, admin.credentials, "new-cloud", name="New cloud", group="Clouds")
    assert answer.json()["operator"] == "", "what is left out is empty"
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert row["name"] == "Clouds"


@pytest.mark.parametrize(
    ("subject", "described"),
    [
        ("..", {}),
        ("a b", {}),
        ("x" * 101, {}),
        ("cloud", {"url": "javascript:alert(1)"}),
        ("cloud", {"country": "Switzerland"}),
        ("cloud", {"country": "EU"}),
        ("cloud", {"name": "\u202e"}),
    ],
)
async def test_what_cannot_be_shown_is_refused(
    client: httpx.AsyncClient, admin: Operator, subject: str, described: dict[str, str]
) -> None:
    assert (await put(client, admin.credentials, subject, **described)).status_code in (404, 405, 422)
    assert (await client.get("/api/table")).json()["rows"] == []


async def test_only_an_admin_with_a_token_for_that_does_it(
    client: httpx.AsyncClient, registry: Registry, admin: Operator, operator: Operator, now: datetime
) -> None:
    assert (await put(client, operator.credentials, "cloud", name="Mine")).status_code == 403
    reading = token_for(registry, "admin", now, scopes=[TokenScope.READ], name="reading")
    assert (await put(client, ("admin", reading), "cloud", name="Mine")).status_code == 403
    assert (await client.put("/api/subjects/cloud", json={})).status_code == 401
    assert (await client.get("/api/subjects/cloud")).json()["subject"]["name"] == "A cloud"
