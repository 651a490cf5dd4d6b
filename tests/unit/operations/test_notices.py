"""Subscribers are told each public word, in order, and once a week what is still to be done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from allmende.operations.model.status import Action, Impact, Incident, PostMortem, Update
from allmende.operations.rules.notices import notices

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SLOW = Incident(
    id=UUID(int=9),
    cloud="c",
    name="Slow",
    description="",
    affects=(Impact(type=UUID(int=2), component=UUID(int=1), severity=50),),
    began_at=NOON - 2 * HOUR,
    published_at=NOON - HOUR,
    updates=(Update(order=0, name="We look", description="", created_at=NOON - 2 * HOUR, said_at=NOON - 2 * HOUR),),
)


def said(incident: Incident, now: datetime = NOON) -> list[str]:
    return [each.said for each in notices([incident], now)]


def test_every_public_word_is_told() -> None:
    assert said(SLOW) == ["Slow", "Slow: We look"]
    assert said(replace(SLOW, ended_at=NOON)) == ["Slow", "Slow: We look", "Slow: it is over."]
    assert said(replace(SLOW, published_at=None)) == []
    assert said(replace(SLOW, withdrawn_at=NOON)) == []
    assert said(SLOW, NOON + 2 * DAY) == []


def test_maintenance_is_told_with_its_time() -> None:
    impact = replace(SLOW.affects[0], severity=25)
    announced = replace(SLOW, affects=(impact,), began_at=NOON + DAY, ended_at=NOON + DAY + HOUR, updates=())
    assert said(announced) == ["Slow: maintenance from 2026-11-28 12:00 UTC on."]
    assert said(announced, NOON + 9 * DAY) == []


def test_what_is_to_be_done_is_told_each_week_until_it_is() -> None:
    over = replace(SLOW, ended_at=NOON)
    assert said(over, NOON + 4 * DAY) == []
    assert said(over, NOON + 6 * DAY) == ["Slow: its post-mortem is not written yet."]
    keys = {each.key for days in range(6, 20) for each in notices([over], NOON + days * DAY)}
    assert len(keys) == 3
    due = Action(what="more disks", owner="ops", due=date(2026, 12, 1))
    learnt = replace(over, post_mortem=PostMortem(summary="", impact="", timeline=(), causes="", actions=(due,)))
    assert said(learnt, NOON + 3 * DAY) == []
    assert said(learnt, NOON + 6 * DAY) == ["Slow: «more disks» (ops) was due on 2026-12-01."]
    done = replace(due, done=date(2026, 12, 2))
    finished = PostMortem(summary="", impact="", timeline=(), causes="", actions=(done,))
    assert said(replace(learnt, post_mortem=finished), NOON + 6 * DAY) == []
