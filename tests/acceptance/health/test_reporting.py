"""Monitors elsewhere tell of iterations over HTTP, and what they saw is public at once: as pages and for programs."""

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from allmende.health.model.samples import Ending, Iteration
from allmende.health.rules.document import MOST_BYTES, OLDEST, written
from allmende.health.run.record import keep
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.events import Channel, EventKind
from allmende.registry.run import notify
from allmende.registry.run.notify import Doors, Interest
from allmende.registry.run.registry import Registry
from allmende.registry.store import events
from allmende.server import create_app
from allmende.testing.browser import Page
from allmende.testing.health import STEPS, iteration
from allmende.testing.registry import Operator, notary_of, token_for

HTML = {"Accept": "text/html"}
ADDRESS = "/api/monitor/iterations"


async def told(client: httpx.AsyncClient, operator: Operator, *iterations: Iteration) -> None:
    for each in iterations:
        answer = await client.post(ADDRESS, content=written(each), auth=operator.credentials)
        assert answer.status_code == 200, answer.text


async def test_what_was_told_is_kept_once(client: httpx.AsyncClient, operator: Operator, now: datetime) -> None:
    for _ in range(2):
        answer = await client.post(ADDRESS, content=written(iteration("cloud", now)), auth=operator.credentials)
        assert (answer.status_code, answer.json()) == (200, {"state": "works"})
    (cloud,) = (await client.get("/api/monitor/clouds")).json()
    assert (cloud["name"], cloud["state"], cloud["last_24_hours"]["tried"]) == ("cloud", "works", 1)


async def test_nobody_tells_of_a_cloud_that_is_not_theirs(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    mine, other = written(iteration("cloud", now)), written(iteration("another", now))
    assert (await client.post(ADDRESS, content=mine)).status_code == 401
    assert (await client.post(ADDRESS, content=mine, auth=("operator", "wrong"))).status_code == 401
    answer = await client.post(ADDRESS, content=other, auth=operator.credentials)
    assert answer.status_code == 403
    assert "does not report for the cloud another" in answer.json()["detail"]
    token = token_for(registry, "operator", now, scopes=[TokenScope.SUBMIT], name="for reports")
    assert (await client.post(ADDRESS, content=mine, auth=("operator", token))).status_code == 403
    assert (await client.get("/api/monitor/clouds")).json() == []


def broken(at: datetime) -> Sequence[tuple[bytes, str]]:
    whole = iteration("cloud", at)
    return (
        (b"", "JSON"),
        (b"[]", "iteration"),
        (b'{"cloud": "cloud"}', "id"),
        (written(replace(whole, seconds=-1.0)), "less than nothing"),
        (written(whole).replace(b'"seconds":40.0', b'"seconds":"NaN"'), "less than nothing"),
        (written(replace(whole, began_at=at - OLDEST - timedelta(days=1))), "older than 14 days"),
        (written(replace(whole, began_at=at + timedelta(hours=1))), "from the future"),
        (written(replace(whole, vantage="")), "have to be named"),
        (written(replace(whole, scenario="x" * 500)), "longer than"),
        (written(replace(whole, region="a\0b")), "NUL"),
        (written(replace(whole, samples=whole.samples * 1000)), "more than 5000 samples"),
    )


@pytest.mark.parametrize("place", range(11))
async def test_what_cannot_be_is_refused(
    client: httpx.AsyncClient, operator: Operator, now: datetime, place: int
) -> None:
    content, why = broken(now)[place]
    answer = await client.post(ADDRESS, content=content, auth=operator.credentials)
    assert answer.status_code == 422, answer.text
    assert why in answer.json()["detail"]


async def test_what_is_too_large_is_refused(client: httpx.AsyncClient, operator: Operator) -> None:
    answer = await client.post(ADDRESS, content=bytes(MOST_BYTES + 1), auth=operator.credentials)
    assert answer.status_code == 413


async def test_the_first_page_says_what_to_do_when_nothing_was_measured(client: httpx.AsyncClient) -> None:
    page = Page((await client.get("/health", headers=HTML)).text)
    assert "Nothing was measured yet." in " ".join(page.texts("p"))
    assert "allmende monitor run" in page.one("pre").text
    assert (await client.get("/health/cloud", headers=HTML)).status_code == 404


async def test_a_cloud_that_fails_is_shown_with_its_evidence(
    client: httpx.AsyncClient, operator: Operator, now: datetime
) -> None:
    minute = timedelta(minutes=1)
    failing = [iteration("cloud", now - ago * minute, failing=["start a guest"]) for ago in (10, 5)]
    await told(client, operator, iteration("cloud", now - 15 * minute), *failing)
    overview = Page((await client.get("/health", headers=HTML)).text)
    assert "0 of 1 cloud works now. cloud fails since 2026-11-23 11:50 UTC." in overview.texts("p")
    page = Page((await client.get("/health/cloud", headers=HTML)).text)
    words = " ".join(page.texts("p"))
    assert "cloud fails at instance, since 2026-11-23 11:50 UTC." in words
    cells = " ".join(page.texts("td"))
    assert "error (HTTP 503) after 1.20 s" in cells
    assert "No valid host was found." in cells
    assert "req-0815" in cells
    step = "/health/cloud/steps/compute/start%20a%20guest"
    assert step in [e.attributes["href"].partition("?")[0] for e in page.all("a")]
    shown = Page((await client.get(step, headers=HTML)).text)
    assert "Of 3 since" in " ".join(shown.texts("p"))
    assert "2 failed" in " ".join(shown.texts("p"))


async def test_a_blind_monitor_blames_nobody(client: httpx.AsyncClient, operator: Operator, now: datetime) -> None:
    blind = iteration("cloud", now, failing=[what for what, _, _ in STEPS], ending=Ending.BLIND)
    await told(client, operator, blind)
    page = Page((await client.get("/health/cloud", headers=HTML)).text)
    assert "is not known: the monitor cannot see" in " ".join(page.texts("p"))
    assert "fails" not in page.one("main").text


async def test_the_table_tells_how_a_cloud_works(client: httpx.AsyncClient, operator: Operator, now: datetime) -> None:
    before = Page((await client.get("/", headers=HTML)).text)
    assert "Health" not in before.texts("th")
    await told(client, operator, iteration("cloud", now))
    later = Page((await client.get("/?sort=name", headers=HTML)).text)
    assert "Health" in later.texts("th")
    assert "/health/cloud" in [e.attributes["href"] for e in later.all("a")]
    subject = Page((await client.get("/subjects/cloud", headers=HTML)).text)
    assert "/health/cloud" in [e.attributes["href"] for e in subject.all("a")]
    health = Page((await client.get("/health/cloud", headers=HTML)).text)
    assert "/subjects/cloud" in [e.attributes["href"] for e in health.all("a")]


async def test_programs_read_figures_and_counters(client: httpx.AsyncClient, operator: Operator, now: datetime) -> None:
    await told(client, operator, iteration("cloud", now), iteration("cloud", now, failing=["get a token"], vantage="b"))
    table = (await client.get("/api/monitor/clouds/cloud/figures.csv")).text
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["what"] == "get a token"]
    assert [(row["of"], row["tried"], row["failed"]) for row in rows] == [("step", "2", "1")]
    scraped = await client.get("/api/monitor/metrics")
    assert scraped.headers["Content-Type"].startswith("application/openmetrics-text")
    read = text_string_to_metric_families(scraped.text)  # type: ignore[no-untyped-call]  # it has no types
    families = {family.name: family for family in read}
    token = [s for s in families["allmende_health_steps"].samples if s.labels["step"] == "get a token"]
    assert sum(sample.value for sample in token if sample.labels["ending"] == "failed") == 1
    guest = "wait until the guest is active"
    buckets = [
        sample
        for sample in families["allmende_health_step_seconds"].samples
        if sample.labels.get("step") == guest and sample.labels["vantage"] == "b"
    ]
    assert {sample.labels["le"]: sample.value for sample in buckets if "le" in sample.labels}["10.0"] == 0
    assert {sample.labels["le"]: sample.value for sample in buckets if "le" in sample.labels}["30.0"] == 1
    states = [s for s in families["allmende_health_state"].samples if s.value]
    assert {(s.labels["vantage"], s.labels["state"]) for s in states} == {("here", "works"), ("b", "fails")}


async def test_a_period_that_there_is_not_is_told_to_programs(
    client: httpx.AsyncClient, operator: Operator, now: datetime
) -> None:
    await told(client, operator, iteration("cloud", now))
    assert (await client.get("/api/monitor/clouds/cloud?period=9y")).status_code == 422
    assert (await client.get("/health/cloud?period=9y", headers=HTML)).status_code == 200
    assert (await client.get("/api/monitor/clouds/nix")).status_code == 404


async def test_what_fails_reaches_those_who_are_to_be_told(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    notify.subscribe(
        registry,
        "operator",
        Interest(channel=Channel.MAIL, address="ops@example.org", kinds=frozenset({EventKind.HEALTH})),
        uuid4(),
        b"s" * 32,
        now,
    )
    app = create_app(registry, lambda: now, notary_of(registry, now), Doors(origin="https://registry.example.org"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        await told(client, operator, iteration("cloud", now, failing=["start a guest"]))
    deadline = asyncio.get_running_loop().time() + 20
    async with app.router.lifespan_context(app):
        while not any(message.error for _, all_ in notify.subscriptions(registry, "operator") for message in all_):
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)
    ((_, (message,)),) = notify.subscriptions(registry, "operator")
    assert message.error == "This registry has no mail server (ALLMENDE_SMTP)."
    with registry.database.reading() as connection:
        (event,) = events.called(connection, message.events)
    assert event.said == "cloud: compute fails. start a guest: No valid host was found."
    assert event.alarm is not None
    assert "req-0815" in event.alarm.seen[0]
    assert event.alarm.runbook == "/alarms#compute"


async def test_what_to_do_stands_on_a_page(client: httpx.AsyncClient) -> None:
    page = Page((await client.get("/alarms", headers=HTML)).text)
    assert {"compute", "blind", "silent"} <= set(page.texts("h2"))


async def test_clouds_are_compared_step_by_step(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    keep(registry.database, iteration("other", now, failing=["create a network"]), now)
    await told(client, operator, iteration("cloud", now))
    page = Page((await client.get("/comparison?scenario=instance", headers=HTML)).text)
    assert page.texts("th")[:3] == ["Step", "cloud", "other"]
    rows = dict(
        zip(page.texts("th")[3:], zip(page.texts("td")[::2], page.texts("td")[1::2], strict=True), strict=False)
    )
    assert rows["everything worked"] == ("100 %", "0 %")
    assert rows["create a network"][0].endswith(" s")
    assert "✕ 100 %" in rows["create a network"][1]
    assert (await client.get("/comparison?scenario=nonsense", headers=HTML)).status_code == 404
