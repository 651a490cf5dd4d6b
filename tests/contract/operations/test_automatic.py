"""What every database must do with alarms that become incidents: one for each, never beside a person's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from allmende.errors import UnknownNameError, UsageError
from allmende.operations.model.status import Automatic, Impact, Incident, Noticed
from allmende.operations.run import incidents, pages
from allmende.operations.run.automatic import noticed
from allmende.storage.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALARM = Noticed(
    alarm=UUID(int=5),
    cloud="mycloud",
    service="compute",
    began_at=NOON - 10 * MINUTE,
    ended_at=None,
    said="No valid host was found.",
    evidence=("start a guest, req-0815",),
)


def told(database: Database, *, drafts: bool = True) -> tuple[Incident, ...]:
    return incidents.between(database, "mycloud", None, None, drafts=drafts)


@pytest.mark.parametrize(("automatic", "drafts", "public"), [("off", 0, 0), ("draft", 1, 0), ("published", 1, 1)])
def test_an_alarm_becomes_what_the_page_wants(database: Database, automatic: str, drafts: int, public: int) -> None:
    pages.open_page(database, "mycloud", Automatic(automatic), ["compute"], NOON)
    for _ in range(3):
        noticed(database, [ALARM, replace(ALARM, alarm=uuid4(), cloud="another")], NOON)
    assert (len(told(database)), len(told(database, drafts=False))) == (drafts, public)


def test_what_no_feed_could_say_is_replaced(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.DRAFT, [], NOON)
    noticed(database, [replace(ALARM, said="no\0 \x1b[31mhost", evidence=("a\0",))], NOON)
    (incident,) = told(database)
    assert not any(character in incident.description + incident.updates[0].description for character in "\0\x1b")


def test_its_end_ends_the_incident_once(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.PUBLISHED, [], NOON)
    noticed(database, [ALARM], NOON)
    over = replace(ALARM, ended_at=NOON + 5 * MINUTE)
    for _ in range(2):
        noticed(database, [over], NOON + 10 * MINUTE)
    (incident,) = told(database, drafts=False)
    assert (incident.began_at, incident.ended_at) == (ALARM.began_at, NOON + 5 * MINUTE)
    assert [update.order for update in incident.updates] == [0, 1]
    assert incident.updates[0].description == "start a guest, req-0815"
    phases = pages.phases(database, "mycloud")
    assert incident.phase is not None
    assert phases.names[incident.phase.order] == phases.names[-1]
    (component,) = pages.components(database, "mycloud")
    assert component.service == "compute"


def test_an_alarm_that_ended_before_anybody_looked_begins_nothing(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.PUBLISHED, [], NOON)
    noticed(database, [replace(ALARM, ended_at=NOON)], NOON)
    assert told(database) == ()


def test_a_draft_of_a_person_does_not_silence_an_alarm(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.PUBLISHED, ["compute"], NOON)
    (component,) = pages.components(database, "mycloud")
    impact = Impact(type=pages.impact_types(database, "mycloud")[0].id, component=component.id, severity=100)
    mine = Incident(id=uuid4(), cloud="mycloud", name="x", description="", affects=(impact,), began_at=NOON - MINUTE)
    incidents.begin(database, mine, NOON)
    noticed(database, [ALARM], NOON)
    noticed(database, [replace(ALARM, alarm=uuid4())], NOON)
    assert len(told(database, drafts=False)) == 1


def test_where_a_person_speaks_already_none_begins(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.PUBLISHED, ["compute"], NOON)
    (component,) = pages.components(database, "mycloud")
    impact = Impact(type=pages.impact_types(database, "mycloud")[0].id, component=component.id, severity=100)
    mine = Incident(
        id=uuid4(),
        cloud="mycloud",
        name="We know",
        description="",
        affects=(impact,),
        began_at=NOON - MINUTE,
        published_at=NOON,
    )
    incidents.begin(database, mine, NOON)
    noticed(database, [ALARM], NOON)
    assert [each.name for each in told(database)] == ["We know"]


def test_a_deleted_draft_does_not_come_back_while_its_alarm_lasts(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.DRAFT, [], NOON)
    noticed(database, [ALARM], NOON)
    (draft,) = told(database)
    incidents.remove(database, "mycloud", draft.id, NOON)
    noticed(database, [ALARM], NOON)
    assert told(database) == ()


def test_a_page_that_is_opened_again_keeps_what_it_has(database: Database) -> None:
    pages.open_page(database, "mycloud", Automatic.DRAFT, ["compute"], NOON)
    again = pages.open_page(database, "mycloud", Automatic.OFF, ["compute", "image"], NOON + MINUTE)
    assert (again.opened_at, again.automatic) == (NOON, Automatic.OFF)
    assert [each.name for each in pages.components(database, "mycloud")] == ["compute", "image"]
    assert len(pages.severities(database, "mycloud")) == 3
    with pytest.raises(UnknownNameError, match="no status page"):
        pages.components(database, "another")
    for name in ("", "a/b"):
        with pytest.raises(UsageError):
            pages.open_page(database, name, Automatic.OFF, [], NOON)
