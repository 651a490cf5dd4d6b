"""The SCS status-page API over HTTP: its addresses, its documents, and who may say what."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from allmende.health.run.record import keep
from allmende.operations.model.status import Automatic, Noticed
from allmende.operations.run.automatic import noticed
from allmende.operations.run.incidents import between
from allmende.operations.run.pages import open_page
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.events import Channel, EventKind
from allmende.registry.run import notify
from allmende.registry.run.notify import Doors, Interest
from allmende.registry.run.registry import Registry
from allmende.registry.store import events
from allmende.server import create_app
from allmende.testing.health import iteration
from allmende.testing.registry import Operator, notary_of, token_for

BASE = "/api/status-pages/cloud"
SCS = {
    "/phases": {"get": 200, "post": 201},
    "/impacttypes": {"get": 200, "post": 201},
    "/impacttypes/{impactTypeId}": {"get": 200, "patch": 204, "delete": 204},
    "/severities": {"get": 200, "post": 204},
    "/severities/{severityName}": {"get": 200, "patch": 204, "delete": 204},
    "/components": {"get": 200, "post": 201},
    "/components/{componentId}": {"get": 200, "patch": 204, "delete": 204},
    "/incidents": {"get": 200, "post": 201},
    "/incidents/{incidentId}": {"get": 200, "patch": 204, "delete": 204},
    "/incidents/{incidentId}/updates": {"get": 200, "post": 201},
    "/incidents/{incidentId}/updates/{updateOrder}": {"get": 200, "patch": 204, "delete": 204},
}
"""The operations of the SCS status-page document 1.1.2, and the status of each that succeeds."""
FIELDS = {
    "PhaseListData": {"generation", "phases"},
    "ImpactTypeData": {"id", "displayName", "description"},
    "SeverityDocument": {"displayName", "value"},
    "ComponentData": {"id", "displayName", "labels", "activelyAffectedBy"},
    "IncidentData": {"id", "displayName", "description", "updates", "affects", "beganAt", "endedAt", "phase"},
    "UpdateData": {"order", "displayName", "description", "createdAt"},
    "ImpactDocument": {"type", "reference", "severity"},
}


@pytest.fixture
async def speaker(client: httpx.AsyncClient, operator: Operator) -> "Speaker":
    made = Speaker(client, operator)
    assert (await client.put(BASE, auth=operator.credentials)).status_code == 204
    return made


class Speaker:
    """Who speaks for the cloud."""

    def __init__(self, client: httpx.AsyncClient, operator: Operator) -> None:
        self.client = client
        self._auth = operator.credentials

    async def say(self, method: str, place: str, document: Any = None, *, expected: int) -> Any:
        body = None if document is None else json.dumps(document)
        kind = {"Content-Type": "application/json"}
        answer = await self.client.request(method, BASE + place, content=body, headers=kind, auth=self._auth)
        assert answer.status_code == expected, answer.text
        return answer.json() if answer.content else None

    async def component(self, name: str = "Compute", service: str = "compute") -> str:
        document = {"displayName": name, "labels": {"service": service}}
        return str((await self.say("POST", "/components", document, expected=201))["id"])

    async def impact(self, component: str, severity: int = 100) -> dict[str, Any]:
        types = (await self.say("GET", "/impacttypes", expected=200))["data"]
        return {"type": types[0]["id"], "reference": component, "severity": severity}


async def test_every_operation_of_the_scs_document_is_there(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    prefix = "/api/status-pages/{cloud}"
    for place, methods in SCS.items():
        for method, status in methods.items():
            assert str(status) in document["paths"][prefix + place][method]["responses"], (place, method)
    for schema, fields in FIELDS.items():
        assert fields <= set(document["components"]["schemas"][schema]["properties"]), schema
    names = {each["name"]: each for each in document["paths"][prefix + "/incidents"]["get"]["parameters"]}
    assert names["start"]["required"]
    assert names["end"]["required"]
    for place in ("/components", "/components/{componentId}"):
        assert "at" in {each["name"] for each in document["paths"][prefix + place]["get"]["parameters"]}


async def test_an_incident_from_its_first_word_to_what_was_learnt(speaker: Speaker, now: datetime) -> None:
    component = await speaker.component()
    began = (now - timedelta(minutes=20)).isoformat()
    document = {"displayName": "Guests do not start", "affects": [await speaker.impact(component)], "beganAt": began}
    id_ = (await speaker.say("POST", "/incidents", document, expected=201))["id"]
    place = f"/incidents/{id_}"
    said = {"displayName": "A disk is full", "description": "We make room."}
    assert await speaker.say("POST", f"{place}/updates", said, expected=201) == {"order": 0}
    assert await speaker.say("POST", f"{place}/updates", said, expected=201) == {"order": 1}

    public = speaker.client
    (affected,) = (await public.get(f"{BASE}/components")).json()["data"]
    assert [each["reference"] for each in affected["activelyAffectedBy"]] == [id_]
    before = (now - timedelta(hours=1)).isoformat()
    then = (await public.get(f"{BASE}/components/{component}", params={"at": before})).json()["data"]
    assert then["activelyAffectedBy"] == []

    learnt = {"summary": "s", "impact": "i", "causes": "c", "timeline": [], "actions": []}
    answer = await speaker.say("PUT", f"{place}/post-mortem", learnt, expected=422)
    assert "not over" in answer["detail"]
    await speaker.say("PATCH", place, {"endedAt": now.isoformat()}, expected=204)
    found = (await public.get(BASE + place)).json()["data"]
    phases = (await public.get(f"{BASE}/phases")).json()["data"]
    assert phases["phases"][found["phase"]["order"]] == phases["phases"][-1]
    assert found["updates"] == [0, 1]
    assert (await public.get(f"{BASE}{place}/post-mortem")).status_code == 404
    begun = (await speaker.say("GET", f"{place}/post-mortem", expected=200))["data"]
    assert next(each["what"] for each in begun["timeline"]) == "It began."
    answer = await speaker.say("PUT", f"{place}/post-mortem", begun, expected=422)
    assert "does not say its summary" in answer["detail"]
    await speaker.say("PUT", f"{place}/post-mortem", {**begun, **learnt, "timeline": begun["timeline"]}, expected=204)
    assert (await public.get(f"{BASE}{place}/post-mortem")).json()["data"]["causes"] == "c"


async def test_what_was_published_is_not_unsaid(speaker: Speaker) -> None:
    component = await speaker.component()
    impact = await speaker.impact(component)
    document = {"displayName": "Slow", "affects": [impact], "published": False}
    id_ = (await speaker.say("POST", "/incidents", document, expected=201))["id"]
    place = f"/incidents/{id_}"
    await speaker.say("POST", f"{place}/updates", {"displayName": "We look"}, expected=201)
    assert (await speaker.client.get(BASE + place)).status_code == 404
    assert (await speaker.say("GET", place, expected=200))["data"]["published"] is False
    await speaker.say("DELETE", f"{place}/updates/0", expected=204)
    await speaker.say("POST", f"{place}/updates", {"displayName": "We look again"}, expected=201)
    await speaker.say("PATCH", place, {"published": True}, expected=204)
    assert (await speaker.client.get(BASE + place)).status_code == 200
    await speaker.say("DELETE", f"{place}/updates/0", expected=409)
    await speaker.say("PATCH", f"{place}/updates/0", {"displayName": "All is well"}, expected=409)
    future = {"displayName": "x", "createdAt": "2026-11-24T12:00:00Z"}
    assert "no later moment" in (await speaker.say("POST", f"{place}/updates", future, expected=422))["detail"]
    await speaker.say("PATCH", place, {"displayName": "Never mind"}, expected=204)
    statements = (await speaker.client.get(f"{BASE}{place}/statements")).json()["data"]
    assert [each["name"] for each in statements] == ["Slow", "Never mind"]
    await speaker.say("DELETE", f"/components/{component}", expected=409)
    await speaker.say("DELETE", f"/impacttypes/{impact['type']}", expected=409)
    await speaker.say("DELETE", place, expected=204)
    assert (await speaker.client.get(BASE + place)).status_code == 404


@pytest.mark.parametrize(
    ("method", "place", "document", "said"),
    [
        ("POST", "/incidents", {"displayName": " "}, "has a name"),
        ("POST", "/incidents", {"displayName": "x", "beganAt": "2026-11-23T12:00:00"}, "time zone"),
        ("POST", "/incidents", {"displayName": "x", "phase": {"generation": 9, "order": 0}}, "no such phase"),
        (
            "POST",
            "/incidents",
            {"displayName": "x", "beganAt": "2026-11-23T12:00:00Z", "endedAt": "2026-11-22T12:00:00Z"},
            "before it begins",
        ),
        ("POST", "/incidents", {"displayName": "x\0"}, "cannot be seen"),
        ("POST", "/components", {"displayName": "x", "labels": {"a": "\x1b"}}, "cannot be seen"),
        ("POST", "/severities", {"displayName": "worse"}, ""),
        ("POST", "/severities", {"displayName": "worse", "value": 101}, "100"),
        ("POST", "/severities", {"displayName": "limited", "value": 7}, "already"),
        ("POST", "/phases", {"phases": []}, "1 to 200 phases"),
        ("POST", "/phases", {"phases": [" "]}, "has a name"),
        ("POST", "/severities", {"displayName": "a/b", "value": 7}, "without a slash"),
        ("POST", "/components", {"displayName": ""}, "has a name"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(
    speaker: Speaker, method: str, place: str, document: dict[str, Any], said: str
) -> None:
    if said:
        assert said in (await speaker.say(method, place, document, expected=422))["detail"]
    else:
        await speaker.say(method, place, document, expected=204)


FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


@pytest.mark.parametrize("moment", [FIRST, LAST, "2026-11-23T12:00:00"])
async def test_a_moment_that_nobody_can_mean_is_refused(speaker: Speaker, moment: str) -> None:
    id_ = (await speaker.say("POST", "/incidents", {"displayName": "x"}, expected=201))["id"]
    place = f"/incidents/{id_}"
    for address, query in (
        ("/components", {"at": moment}),
        ("/incidents", {"start": moment, "end": "2026-11-23T12:00:00Z"}),
        ("/incidents", {"start": "2026-11-23T12:00:00Z", "end": moment}),
    ):
        assert (await speaker.client.get(BASE + address, params=query)).status_code == 422
    await speaker.say("POST", "/incidents", {"displayName": "x", "beganAt": moment}, expected=422)
    await speaker.say("PATCH", place, {"endedAt": moment}, expected=422)
    await speaker.say("POST", f"{place}/updates", {"displayName": "x", "createdAt": moment}, expected=422)
    await speaker.say("PATCH", place, {"endedAt": "2026-11-23T12:00:00Z"}, expected=204)
    learnt = {"summary": "s", "impact": "i", "causes": "c", "actions": [], "timeline": [{"at": moment, "what": "w"}]}
    await speaker.say("PUT", f"{place}/post-mortem", learnt, expected=422)
    page = await speaker.client.get(f"/status-pages/cloud{place}", headers={"Accept": "text/html"})
    assert page.status_code == 200


@pytest.mark.parametrize("change", [{"summary": "\ud800"}, {"summary": "x" * 20_001}, {"dnoe": 1}])
async def test_a_post_mortem_that_cannot_be_said_is_refused(speaker: Speaker, change: dict[str, Any]) -> None:
    ended = {"displayName": "x", "endedAt": "2026-11-23T12:00:00Z", "beganAt": "2026-11-23T11:00:00Z"}
    id_ = (await speaker.say("POST", "/incidents", ended, expected=201))["id"]
    learnt = {"summary": "s", "impact": "i", "causes": "c", "actions": [], "timeline": []}
    await speaker.say("PUT", f"/incidents/{id_}/post-mortem", {**learnt, **change}, expected=422)


async def test_publishing_is_not_taken_back(speaker: Speaker) -> None:
    id_ = (await speaker.say("POST", "/incidents", {"displayName": "x"}, expected=201))["id"]
    await speaker.say("PATCH", f"/incidents/{id_}", {"published": False}, expected=409)


async def test_lists_can_be_changed(speaker: Speaker) -> None:
    await speaker.say("PATCH", "/severities/limited", {"displayName": "slow", "value": 40}, expected=204)
    assert (await speaker.say("GET", "/severities/slow", expected=200))["data"] == {"displayName": "slow", "value": 40}
    await speaker.say("DELETE", "/severities/slow", expected=204)
    await speaker.say("GET", "/severities/slow", expected=404)
    assert await speaker.say("POST", "/phases", {"phases": ["open", "closed"]}, expected=201) == {"generation": 2}
    old = (await speaker.say("GET", "/phases?generation=1", expected=200))["data"]
    assert (old["generation"], old["phases"][-1]) == (1, "over")
    await speaker.say("GET", "/phases?generation=3", expected=404)
    made = (await speaker.say("POST", "/impacttypes", {"displayName": "lost"}, expected=201))["id"]
    await speaker.say("PATCH", f"/impacttypes/{made}", {"description": "Gone."}, expected=204)
    known = (await speaker.say("GET", f"/impacttypes/{made}", expected=200))["data"]
    assert known == {"id": made, "displayName": "lost", "description": "Gone."}
    await speaker.say("DELETE", f"/impacttypes/{made}", expected=204)


async def test_nobody_speaks_for_a_cloud_that_is_not_theirs(
    speaker: Speaker, registry: Registry, operator: Operator, now: datetime
) -> None:
    client, document = speaker.client, {"displayName": "x"}
    assert (await client.post(f"{BASE}/components", json=document)).status_code == 401
    assert (await client.post(f"{BASE}/components", json=document, auth=("operator", "wrong"))).status_code == 401
    other = await client.put("/api/status-pages/another", auth=operator.credentials)
    assert other.status_code == 403
    token = token_for(registry, "operator", now, scopes=[TokenScope.MONITOR], name="for the monitor")
    answer = await client.post(f"{BASE}/components", json=document, auth=("operator", token))
    assert answer.status_code == 403
    assert (await client.get("/api/status-pages/another/components")).status_code == 404
    assert (await client.get(f"{BASE}/components")).json() == {"data": []}


async def test_an_alarm_becomes_a_draft_that_its_operator_publishes(
    speaker: Speaker, registry: Registry, now: datetime
) -> None:
    began = now - timedelta(minutes=30)
    alarm = Noticed(
        alarm=UUID(int=7),
        cloud="cloud",
        service="compute",
        began_at=began,
        ended_at=None,
        said="start a guest: No valid host was found.",
        evidence=("start a guest, req-0815",),
    )
    noticed(registry.database, [alarm], now)
    window = {"start": began.isoformat(), "end": now.isoformat()}
    assert (await speaker.client.get(f"{BASE}/incidents", params=window)).json() == {"data": []}
    (draft,) = (await speaker.say("GET", f"/incidents?{urlencode(window)}", expected=200))["data"]
    assert (draft["displayName"], draft["published"]) == ("compute fails", False)
    await speaker.say("PATCH", f"/incidents/{draft['id']}", {"published": True}, expected=204)
    (told,) = (await speaker.client.get(f"{BASE}/incidents/{draft['id']}/updates")).json()["data"]
    assert told["description"] == "start a guest, req-0815"


async def test_a_failing_cloud_gets_its_incident_and_subscribers_are_told_once(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    open_page(registry.database, "cloud", Automatic.PUBLISHED, [], now)
    wish = Interest(channel=Channel.MAIL, address="ops@example.org", kinds=frozenset({EventKind.STATUS}))
    notify.subscribe(registry, operator.credentials[0], wish, uuid4(), b"s" * 32, now)
    keep(registry.database, iteration("cloud", now - timedelta(minutes=4), failing=["start a guest"]), now)
    app = create_app(registry, lambda: now, notary_of(registry, now), Doors(origin="https://registry.example.org"))

    def told() -> list[int]:
        return [id_ for _, sent in notify.subscriptions(registry, "operator") for each in sent for id_ in each.events]

    await running_until(app, lambda: bool(between(registry.database, "cloud", None, None, drafts=False)))
    for _ in range(2):  # the second time tells nothing again
        await running_until(app, lambda: len(told()) >= 2)
    with registry.database.reading() as connection:
        said = [event.said for event in events.called(connection, told())]
    assert said == ["cloud: compute fails", "cloud: compute fails: Seen by the health monitor"]


async def running_until(app: FastAPI, is_so: Callable[[], bool]) -> None:
    """Let the application do its chores until something is so."""
    deadline = asyncio.get_running_loop().time() + 20
    async with app.router.lifespan_context(app):
        while not is_so():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)
