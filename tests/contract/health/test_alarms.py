"""What every database must do with alarms: one for each cause at a time, each word told once, in spite of mutes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.errors import UnknownNameError, UsageError
from allmende.health.model.alarm import Message, Mute, Trouble, Word
from allmende.health.model.samples import Ending
from allmende.health.run.alarms import known_alarms, known_mutes, lately, look, mute, pass_on, unmute
from allmende.health.run.record import keep
from allmende.storage.database import Database
from allmende.testing.health import iteration

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def measured(database: Database, at: datetime, *failing: str, ending: Ending = Ending.ERROR) -> None:
    keep(database, iteration("mycloud", at, failing=failing, ending=ending), at)


def told(database: Database) -> list[Message]:
    found: list[Message] = []
    pass_on(database, found.append)
    return found


def words(messages: list[Message]) -> list[tuple[Word, Trouble, str]]:
    return [(each.word, each.alarm.cause.trouble, each.alarm.cause.what) for each in messages]


def test_a_failure_is_told_once_and_so_is_its_end(database: Database) -> None:
    for minutes in (0, 5, 10):
        measured(database, NOON + minutes * MINUTE, "start a guest", "wait until the guest is active")
    first = told(database)
    assert words(first) == [(Word.BEGINS, Trouble.FAILS, "compute")]
    assert first[0].alarm.newest.samples[0].request_id == "req-0815"
    (alarm,) = known_alarms(database, "mycloud", open_only=True)
    assert (alarm.times, alarm.began_at) == (3, NOON)
    for minutes in (15, 20):
        measured(database, NOON + minutes * MINUTE)
    assert words(told(database)) == [(Word.ENDS, Trouble.FAILS, "compute")]
    assert known_alarms(database, None, open_only=True) == ()
    assert len(known_alarms(database, None, open_only=False)) == 1
    measured(database, NOON + 25 * MINUTE, "start a guest")
    assert words(told(database)) == [(Word.BEGINS, Trouble.FAILS, "compute")]


def test_what_could_not_be_passed_on_is_the_next_time(database: Database) -> None:
    measured(database, NOON, "start a guest", "get a token")

    def refuse(_: Message) -> None:
        raise UnknownNameError("Nobody is there.", hint="")

    with pytest.raises(UnknownNameError):
        pass_on(database, refuse)
    assert len(told(database)) == 2
    assert told(database) == []


def test_an_iteration_that_is_told_of_late_alarms_nobody(database: Database) -> None:
    keep(database, iteration("mycloud", NOON - 5 * HOUR, failing=["start a guest"]), NOON)
    assert told(database) == []


def test_silence_is_told_and_ends_with_the_next_word(database: Database) -> None:
    measured(database, NOON)
    look(database, NOON + HOUR)
    assert told(database) == []
    for hours in (3, 3.1):
        look(database, NOON + hours * HOUR)
    assert words(told(database)) == [(Word.BEGINS, Trouble.SILENT, "")]
    for minutes in (0, 5):
        measured(database, NOON + 4 * HOUR + minutes * MINUTE)
    assert words(told(database)) == [(Word.ENDS, Trouble.SILENT, "")]


def test_a_blind_monitor_has_an_alarm_of_its_own_and_the_cloud_none(database: Database) -> None:
    measured(database, NOON, "start a guest", ending=Ending.BLIND)
    assert words(told(database)) == [(Word.BEGINS, Trouble.BLIND, "here")]


def test_a_service_that_fails_now_and_then_misses_its_objective(database: Database) -> None:
    for number in range(60):
        measured(database, NOON + 5 * number * MINUTE, *(["start a guest"] if number % 6 == 0 else []))
        told(database)
    now = NOON + 5 * 59 * MINUTE
    look(database, now)
    assert words(told(database)) == [(Word.BEGINS, Trouble.BUDGET, "compute")]
    look(database, now + MINUTE)
    assert told(database) == []


def test_one_outage_is_told_of_once_and_not_as_a_missed_objective_as_well(database: Database) -> None:
    for number in range(40):
        measured(database, NOON + 5 * number * MINUTE, *(["start a guest"] if 10 <= number < 16 else []))
        look(database, NOON + 5 * number * MINUTE)
    assert words(told(database)) == [
        (Word.BEGINS, Trouble.FAILS, "compute"),
        (Word.ENDS, Trouble.FAILS, "compute"),
    ]


def test_while_it_is_muted_nobody_is_told(database: Database) -> None:
    wish = Mute(
        id=UUID(int=1),
        cloud="mycloud",
        service="",
        since=NOON,
        until=NOON + HOUR,
        reason="new switches",
        made_by="operator",
    )
    mute(database, wish)
    assert known_mutes(database, NOON) == (wish,)
    measured(database, NOON, "start a guest")
    assert told(database) == []
    unmute(database, wish.id, NOON + MINUTE)
    measured(database, NOON + 5 * MINUTE, "start a guest")
    assert words(told(database)) == [(Word.BEGINS, Trouble.FAILS, "compute")]
    assert known_mutes(database, NOON + 5 * MINUTE) == ()
    with pytest.raises(UnknownNameError):
        unmute(database, wish.id, NOON + 5 * MINUTE)


@pytest.mark.parametrize(("reason", "lasts"), [(" ", HOUR), ("work", timedelta(0)), ("work", timedelta(days=91))])
def test_a_mute_has_a_reason_and_an_end(database: Database, reason: str, lasts: timedelta) -> None:
    with pytest.raises(UsageError):
        mute(
            database,
            Mute(
                id=UUID(int=1),
                cloud="mycloud",
                service="",
                since=NOON,
                until=NOON + lasts,
                reason=reason,
                made_by="me",
            ),
        )


def test_what_goes_on_or_ended_lately_is_known_however_long_ago_it_began(database: Database) -> None:
    measured(database, NOON, "start a guest", "get a token")
    for minutes in (5, 10):
        measured(database, NOON + minutes * MINUTE, "get a token")
    assert {each.cause.what for each in lately(database, NOON + timedelta(days=13))} == {"compute", "identity"}
    assert {each.cause.what for each in lately(database, NOON + timedelta(days=15))} == {"identity"}


def test_what_ended_years_ago_is_forgotten(database: Database) -> None:
    for minutes in (0, 5, 10):
        measured(database, NOON + minutes * MINUTE, *(["start a guest"] if minutes == 0 else []))
    told(database)
    look(database, NOON + timedelta(days=1000))
    assert "fails" in [each.cause.trouble for each in known_alarms(database, "mycloud", open_only=False)]
    look(database, NOON + timedelta(days=1200))
    assert "fails" not in [each.cause.trouble for each in known_alarms(database, "mycloud", open_only=False)]
