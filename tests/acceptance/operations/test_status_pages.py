"""Status pages: what a provider says stands beside what was measured, for people and as feeds; written by commands."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
import yaml

from allmende.cli.clock import utc_now
from allmende.health.run.record import keep
from allmende.operations.run.pages import all_pages
from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.storage.database import sqlite_url
from allmende.testing.browser import Page
from allmende.testing.health import iteration
from allmende.testing.registry import notary_of, registry_in

ATOM = "{http://www.w3.org/2005/Atom}"


class Operations:
    """The commands of who runs a cloud, on the record that an application shows."""

    def __init__(self, folder: Path, registry: Registry, client: httpx.AsyncClient) -> None:
        self.registry = registry
        self.client = client
        self._database = sqlite_url(folder / "record.sqlite")

    def status(self, *words: str, expected: int = 0) -> str:
        command = [sys.executable, "-m", "allmende", "status", *words, "--database", self._database]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == expected, ran.stdout + ran.stderr
        return ran.stderr if expected else ran.stdout.strip()

    async def page(self, address: str = "/status-pages/mycloud", language: str = "en") -> Page:
        answer = await self.client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == 200, answer.text
        return Page(answer.text)


@pytest.fixture
async def operations(tmp_path: Path) -> "Operations":
    registry = registry_in(tmp_path)
    now = utc_now()
    for ago in reversed(range(1, 13)):
        failing = ("start a guest",) if ago < 6 else ()
        keep(registry.database, iteration("mycloud", now - timedelta(seconds=ago), failing=failing), now)
    application = create_app(registry, utc_now, notary_of(registry, now))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url="http://registry")
    return Operations(tmp_path, registry, client)


def texts(page: Page, tag: str) -> list[str]:
    return [element.text for element in page.elements if element.tag == tag]


async def test_nothing_said_of_what_failed_is_a_difference(operations: Operations) -> None:
    assert "No cloud has a status page yet." in " ".join(texts(await operations.page("/status-pages"), "p"))
    operations.status("open", "mycloud")
    page = await operations.page()
    assert "Its provider tells of no incident." in " ".join(texts(page, "p"))
    assert "failures were measured, and nothing was said" in texts(page, "td")
    assert any("fails" in text for text in texts(page, "a"))
    assert "mycloud" in texts(await operations.page("/status-pages"), "a")
    assert "what its provider says" in texts(await operations.page("/health/mycloud"), "a")
    german = await operations.page(language="de")
    assert "Sein Anbieter meldet keine Störung." in " ".join(texts(german, "p"))


async def test_an_incident_is_told_ended_and_learnt_from(operations: Operations, tmp_path: Path) -> None:
    operations.status("open", "mycloud", "--incidents", "off")
    begun = ("begin", "mycloud", "Guests <do> not start", "-c", "compute", "--severity", "limited")
    id_ = operations.status(*begun)
    operations.status("say", "mycloud", id_, "A disk is full", "--phase", "mending", "--text", "We make room.")
    page = await operations.page()
    assert "Its provider tells of an incident: limited." in " ".join(texts(page, "p"))
    assert "Guests <do> not start" in texts(page, "a")
    assert "failures were measured, and nothing was said" not in texts(page, "td")
    address = f"/status-pages/mycloud/incidents/{id_}"
    assert "incident: mending" in texts(await operations.page(address), "p")
    operations.status("post-mortem", "mycloud", id_, "--from", str(tmp_path / "none"), expected=3)
    operations.status("end", "mycloud", id_[:8])
    learnt = yaml.safe_load(operations.status("post-mortem", "mycloud", id_))
    assert "A disk is full" in [moment["what"] for moment in learnt["timeline"]]
    file = tmp_path / "learnt.yaml"
    file.write_text(yaml.safe_dump(learnt))
    assert "does not say its summary" in operations.status(
        "post-mortem", "mycloud", id_, "--from", str(file), expected=3
    )
    actions = [{"what": "watch disks", "owner": "ops", "due": "2026-01-01"}]
    file.write_text(
        yaml.safe_dump({**learnt, "summary": "s", "impact": "i", "causes": "No quota.", "actions": actions})
    )
    operations.status("post-mortem", "mycloud", id_, "--from", str(file))
    page = await operations.page(address)
    assert "No quota." in texts(page, "p")
    assert any("overdue" in text for text in texts(page, "td"))
    assert "Guests <do> not start" in texts(await operations.page("/status-pages/mycloud?q=quota"), "a")
    assert "Guests <do> not start" not in texts(await operations.page("/status-pages/mycloud?q=fire"), "a")
    (row,) = json.loads(operations.status("show", "mycloud", "--json"))
    assert (row["id"], row["affects"], row["post-mortem"]) == (id_, "compute", "yes")


@pytest.mark.parametrize(
    ("text", "code"),
    [("timeline: [{at: 2026-99-99T10:00:00Z, what: x}]", 3), ("[" * 3000, 3), ("{dnoe: 1}", 3), ("\0", 3)],
)
async def test_what_is_no_post_mortem_is_refused(operations: Operations, tmp_path: Path, text: str, code: int) -> None:
    operations.status("open", "mycloud")
    id_ = operations.status("begin", "mycloud", "Slow", "-c", "compute")
    file = tmp_path / "learnt.yaml"
    file.write_text(text)
    assert "bug" not in operations.status("post-mortem", "mycloud", id_, "--from", str(file), expected=code)


async def test_a_page_that_is_opened_again_does_the_same_with_alarms(operations: Operations) -> None:
    operations.status("open", "mycloud", "--incidents", "published")
    operations.status("open", "mycloud", "--service", "dns")
    (page,) = all_pages(operations.registry.database)
    assert page.automatic == "published"


async def test_feeds_tell_every_word_once(operations: Operations) -> None:
    operations.status("open", "mycloud")
    id_ = operations.status("begin", "mycloud", "Slow", "-c", "compute", "--draft")
    operations.status("say", "mycloud", id_, "We look")
    atom = "/status-pages/mycloud/changes.atom"
    assert ET.fromstring((await operations.client.get(atom)).text).findall(f"{ATOM}entry") == []  # noqa: S314 -- ours
    operations.status("publish", "mycloud", id_)
    feed = ET.fromstring((await operations.client.get(atom)).text)  # noqa: S314 -- ours
    assert {entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")} == {"Slow", "Slow: We look"}
    items = (await operations.client.get("/status-pages/mycloud/changes.json")).json()["items"]
    assert {item["url"] for item in items} == {f"http://registry/status-pages/mycloud/incidents/{id_}"}
    operations.status("withdraw", "mycloud", id_)
    assert (await operations.client.get(f"/status-pages/mycloud/incidents/{id_}")).status_code == 404
    assert any("was withdrawn by its provider" in text for text in texts(await operations.page(), "p"))


async def test_announced_maintenance_is_no_incident(operations: Operations) -> None:
    operations.status("open", "mycloud")
    window = ("--from", "2090-01-01T22:00", "--until", "2090-01-02T02:00")
    words = ("-c", "compute", "--severity", "maintenance", "--type", "interrupted", *window)
    operations.status("begin", "mycloud", "New switches", *words)
    page = await operations.page()
    assert "Its provider tells of no incident." in " ".join(texts(page, "p"))
    assert "Announced" in texts(page, "h2")
    assert any("announced maintenance" in text for text in texts(page, "span"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("open", "a\udcffb"), "is not written in UTF-8"),
        (("open", ".."), "is no name of a cloud"),
        (("open", "a\nb"), "of one line"),
        (("open", "mycloud", "--service", ""), "A service has a name"),
        (("open", "mycloud", "--service", "co\x1bmpute"), "cannot be seen"),
        (("begin", "mycloud", "x" * 301, "-c", "compute"), "Say it in 300"),
        (("show", "other"), "has no status page"),
        (("open", "mycloud", "--incidents", "loud"), "Choose: off, draft, published."),
        (("begin", "mycloud", "x", "-c", "dns"), "There are: "),
        (("begin", "mycloud", "x", "-c", "compute", "--severity", "101"), "is no severity"),
        (("begin", "mycloud", "x", "-c", "compute", "--from", "yesterday"), "is no moment"),
        (("end", "mycloud", "00000000-0000-0000-0000-000000000000"), "There is no incident"),
    ],
)
async def test_what_cannot_be_is_said_with_the_next_step(
    operations: Operations, words: tuple[str, ...], said: str
) -> None:
    operations.status("open", "mycloud")
    assert said in operations.status(*words, expected=2)
