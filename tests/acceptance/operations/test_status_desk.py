"""Who runs a cloud opens its status page and speaks there with the forms of the desk; nobody speaks for another's."""

from datetime import datetime, timedelta

import httpx
import pytest

from allmende.health.run.record import keep
from allmende.operations.model.status import Automatic, Incident
from allmende.operations.run import incidents, pages
from allmende.registry.run.registry import Registry
from allmende.testing.health import iteration
from allmende.testing.registry import Operator
from allmende.testing.visitor import Visitor, choose_password

DESK = "/desk/status"


@pytest.fixture
async def visitor(client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime) -> Visitor:
    """The operator, signed in; their cloud is measured."""
    keep(registry.database, iteration("cloud", now - timedelta(minutes=5)), now)
    choose_password(registry, operator.account, now)
    visitor = Visitor(client=client)
    await visitor.sign_in(operator.account)
    return visitor


def told(registry: Registry) -> tuple[Incident, ...]:
    return incidents.between(registry.database, "cloud", None, None, drafts=True)


async def opened(visitor: Visitor) -> None:
    assert (await visitor.send(DESK, "open", cloud="cloud", automatic="draft")).status_code == 303


async def test_an_incident_from_its_first_word_to_what_was_learnt(visitor: Visitor, registry: Registry) -> None:
    assert "It has no status page yet." in (await visitor.open(DESK)).text
    await opened(visitor)
    components = [each.name for each in pages.components(registry.database, "cloud")]
    assert "compute" in components
    said = {"cloud": "cloud", "name": "Slow", "component": ["compute"], "severity": "limited", "type": "slow"}
    assert (await visitor.send(DESK, "draft", **said)).status_code == 303
    (incident,) = told(registry)
    assert incident.published_at is None
    assert "Slow" in (await visitor.open(DESK)).text
    assert "Slow" not in (await visitor.open("/status-pages/cloud")).text
    of_it = {"cloud": "cloud", "incident": str(incident.id)}
    for act, more in (("publish", {}), ("say", {"name": "A disk is full", "phase": "mending"}), ("end", {})):
        assert (await visitor.send(DESK, act, **of_it, **more)).status_code == 303
    learnt = {"summary": "s", "impact": "i", "causes": "No quota.", "actions": "watch disks; ops; 2026-12-24\n"}
    missing = await visitor.send(DESK, "learn", **of_it, **{**learnt, "causes": " "})
    assert missing.status_code == 422
    assert "does not say its causes" in missing.text
    wrong = await visitor.send(DESK, "learn", **of_it, **{**learnt, "actions": "watch disks"})
    assert wrong.status_code == 422
    assert "is no action" in wrong.text
    assert (await visitor.send(DESK, "learn", **of_it, **learnt)).status_code == 303
    page = await visitor.open(f"/status-pages/cloud/incidents/{incident.id}")
    assert "No quota." in page.text
    assert "A disk is full" in page.text


async def test_maintenance_is_announced_with_its_time(visitor: Visitor, registry: Registry) -> None:
    await opened(visitor)
    times = {"since": "2026-12-01T22:00", "until": "2026-12-02T02:00"}
    words = {"cloud": "cloud", "name": "Switches", "component": ["network"], "severity": "maintenance"}
    assert (await visitor.send(DESK, "begin", **words, type="interrupted", **times)).status_code == 303
    (incident,) = told(registry)
    assert incident.began_at.isoformat() == "2026-12-01T22:00:00+00:00"
    assert "Announced" in (await visitor.open("/status-pages/cloud")).text


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("begin", {"cloud": "cloud", "name": "x"}, "what is affected"),
        (
            "begin",
            {"cloud": "cloud", "name": "", "component": ["compute"], "severity": "limited", "type": "fails"},
            "has a name",
        ),
        ("open", {"cloud": "another", "automatic": "draft"}, "does not speak for another"),
        ("open", {"cloud": "cloud", "automatic": "loud"}, "Choose one of the three"),
        ("say", {"cloud": "cloud", "incident": "7", "name": "x"}, "is no id"),
    ],
)
async def test_what_cannot_be_is_refused(
    visitor: Visitor, registry: Registry, act: str, fields: dict[str, str | list[str]], said: str, now: datetime
) -> None:
    pages.open_page(registry.database, "cloud", Automatic.DRAFT, ["compute"], now)
    answer = await visitor.send(DESK, act, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert told(registry) == ()
