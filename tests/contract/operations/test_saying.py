"""What every database must do with what is said: each word kept once, in its order, also when many speak at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from allmende.errors import UnknownNameError, UsageError
from allmende.operations.model.status import Automatic, Day, Impact, Incident, PostMortem, Severity
from allmende.operations.run import incidents, pages, view
from allmende.storage.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def begun(database: Database) -> Incident:
    pages.open_page(database, "mycloud", Automatic.OFF, ["compute"], NOON - DAY)
    (component,) = pages.components(database, "mycloud")
    impact = Impact(type=pages.impact_types(database, "mycloud")[0].id, component=component.id, severity=50)
    made = Incident(
        id=uuid4(),
        cloud="mycloud",
        name="Slow",
        description="",
        affects=(impact,),
        began_at=NOON - HOUR,
        published_at=NOON,
    )
    return incidents.begin(database, made, NOON)


def test_many_speak_at_once_and_each_word_is_kept_in_an_order_of_its_own(database: Database) -> None:
    id_ = begun(database).id

    def speak(number: int) -> int:
        return incidents.say(database, "mycloud", id_, (str(number), ""), NOON, NOON).order

    with ThreadPoolExecutor(4) as many:
        orders = sorted(many.map(speak, range(12)))
    assert orders == list(range(12))
    kept = incidents.one(database, "mycloud", id_, drafts=False).updates
    assert sorted(int(update.name) for update in kept) == list(range(12))


def test_an_incident_is_kept_whole(database: Database) -> None:
    incident = begun(database)
    incidents.change(database, "mycloud", incident.id, lambda it: replace(it, ended_at=NOON + HOUR), NOON + HOUR)
    learnt = PostMortem(summary="s", impact="i", timeline=(), causes="c", actions=())
    incidents.learn(database, "mycloud", incident.id, learnt, NOON + HOUR)
    kept = incidents.one(database, "mycloud", incident.id, drafts=False)
    assert (kept.ended_at, kept.post_mortem) == (NOON + HOUR, learnt)
    assert [each.said_at for each in kept.statements] == [NOON, NOON + HOUR, NOON + HOUR]
    assert [each.post_mortem for each in kept.statements] == [None, None, learnt]
    assert incidents.between(database, "mycloud", NOON + 2 * HOUR, None, drafts=True) == ()
    assert incidents.between(database, "mycloud", None, NOON - DAY, drafts=True) == ()
    with pytest.raises(UsageError, match="over already"):
        incidents.end(database, "mycloud", incident.id, NOON + 3 * DAY, NOON + 3 * DAY)
    incidents.remove(database, "mycloud", incident.id, NOON + HOUR)
    with pytest.raises(UnknownNameError):
        incidents.one(database, "mycloud", incident.id, drafts=True)


def test_the_page_of_a_cloud_shows_what_is_said_beside_what_was_measured(database: Database) -> None:
    incident = begun(database)
    before = view.state(database, "mycloud")
    assert view.state(database, "mycloud") == before
    incidents.say(database, "mycloud", incident.id, ("We look", ""), NOON, NOON)
    assert view.state(database, "mycloud") != before
    shown = view.status_view(
        database, "mycloud", lambda _, __: {"compute": {NOON.date(): Day(tried=9, failed=4)}}, NOON + HOUR
    )
    assert [each.id for each in shown.open] == [incident.id]
    assert shown.worst is not None
    assert (shown.worst.severity, shown.names_of(incident), shown.phase_of(incident, NOON)) == (
        50,
        ("compute",),
        "investigating",
    )
    assert (shown.conduct.compared, shown.conduct.agreeing, shown.conduct.first_word) == (1, 1, HOUR)
    pages.put_severity(database, "mycloud", Severity(name="slow", value=50), of="limited")
    pages.add_phases(database, "mycloud", ["open", "closed"])
    again = view.status_view(database, "mycloud", lambda _, __: {}, NOON + HOUR)
    assert again.phase_of(incident, NOON) == "investigating"
    assert again.newest_phases == ("open", "closed")


def test_what_is_measured_is_compared_though_no_component_says_its_name(database: Database) -> None:
    begun(database)
    (component,) = pages.components(database, "mycloud")
    pages.put_component(database, replace(component, labels={"service": "network"}), is_new=False)
    failed = {NOON.date(): Day(tried=288, failed=30)}
    shown = view.status_view(database, "mycloud", lambda _, __: {"compute": failed}, NOON + HOUR)
    assert [day.verdict for day in shown.unlisted["compute"]][-1] == "hushed"
    assert (shown.conduct.compared, shown.conduct.agreeing) == (1, 0)


def test_maintenance_has_an_end(database: Database) -> None:
    incident = begun(database)
    impact = replace(incident.affects[0], severity=25)
    with pytest.raises(UsageError, match="has an end"):
        incidents.change(database, "mycloud", incident.id, lambda it: replace(it, affects=(impact,)), NOON)
