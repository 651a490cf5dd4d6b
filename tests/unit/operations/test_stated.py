"""What is said of a component is compared with what was measured, in favour of nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from allmende.errors import DocumentError, KeptError
from allmende.operations.model.status import Day, Impact, Incident, PostMortem, Severity
from allmende.operations.rules import post_mortem
from allmende.operations.rules.saying import MOST_STATEMENTS, said
from allmende.operations.rules.stated import Verdict, compared, conduct, first_word, impact_at, named

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COMPUTE = UUID(int=1)


SCALE = (Severity(name="limited", value=50), Severity(name="broken", value=100))
IMPACT = Impact(type=UUID(int=2), component=COMPUTE, severity=50)


def incident(
    *, severity: int = 50, began: datetime = NOON, ended: datetime | None = None, published: datetime | None = NOON
) -> Incident:
    made = Incident(
        id=UUID(int=9),
        cloud="c",
        name="x",
        description="",
        affects=(replace(IMPACT, severity=severity),),
        began_at=began,
        ended_at=ended,
        published_at=published,
    )
    return said(made, None, SCALE, published or NOON)


def later(told: Incident, now: datetime, **change: Any) -> Incident:
    return said(replace(told, **change), told, SCALE, now)


def verdicts(told: Incident, *days: datetime, failed: int = 30) -> list[Verdict]:
    measured = {day.date(): Day(tried=288, failed=failed) for day in days}
    return [each.verdict for each in compared({COMPUTE}, [told], measured, list(measured), NOON + 30 * DAY)]


def verdict(told: list[Incident], day: Day | None) -> Verdict:
    on = NOON.date()
    measured = {} if day is None else {on: day}
    (found,) = compared({COMPUTE}, told, measured, [on], NOON + HOUR)
    return found.verdict


@pytest.mark.parametrize(
    ("told", "day", "expected"),
    [
        ([], Day(tried=288, failed=0), Verdict.AGREES),
        ([], Day(tried=288, failed=2), Verdict.AGREES),
        ([], Day(tried=288, failed=3), Verdict.HUSHED),
        ([], Day(tried=1000, failed=5), Verdict.AGREES),
        ([], None, Verdict.NOT_MEASURED),
        ([], Day(tried=0, failed=0), Verdict.NOT_MEASURED),
        ([incident()], Day(tried=288, failed=30), Verdict.AGREES),
        ([incident(severity=25)], Day(tried=288, failed=30), Verdict.MAINTENANCE),
        ([incident()], Day(tried=288, failed=0), Verdict.UNSEEN),
        ([incident(severity=25)], Day(tried=288, failed=0), Verdict.AGREES),
        ([incident(published=None)], Day(tried=288, failed=30), Verdict.HUSHED),
        ([incident(published=NOON + 2 * DAY)], Day(tried=288, failed=30), Verdict.HUSHED),
        ([incident(began=NOON - 3 * DAY, ended=NOON - 2 * DAY)], Day(tried=288, failed=30), Verdict.HUSHED),
    ],
)
def test_a_day(told: list[Incident], day: Day | None, expected: Verdict) -> None:
    assert verdict(told, day) is expected


def test_what_is_said_later_does_not_mend_a_day() -> None:
    parked = incident(began=NOON + 9000 * DAY)
    moved = later(parked, NOON + 20 * DAY, began_at=NOON + 10 * DAY, ended_at=NOON + 10 * DAY + HOUR)
    assert verdicts(moved, NOON + 10 * DAY) == [Verdict.HUSHED]
    assert first_word(moved) == (NOON + 20 * DAY, 10 * DAY)
    empty = later(incident(), NOON, affects=())
    full = later(empty, NOON + 5 * DAY, affects=(IMPACT,))
    assert verdicts(full, NOON, NOON + 3 * DAY, NOON + 4 * DAY) == [Verdict.HUSHED, Verdict.HUSHED, Verdict.AGREES]
    longer = later(incident(ended=NOON + HOUR), NOON + 9 * DAY, ended_at=NOON + 9 * DAY)
    assert verdicts(longer, NOON, NOON + 5 * DAY, NOON + 9 * DAY) == [Verdict.AGREES, Verdict.HUSHED, Verdict.AGREES]


def test_what_was_said_in_time_stays_said_whatever_follows() -> None:
    for change in ({"affects": (replace(IMPACT, severity=100),)}, {"affects": ()}, {"withdrawn_at": NOON + 20 * DAY}):
        told = later(incident(), NOON + 20 * DAY, **change)
        assert verdicts(told, NOON, NOON + 5 * DAY) == [Verdict.AGREES, Verdict.AGREES], change
    over = incident(ended=NOON + 3 * DAY)
    gone = later(over, NOON + 20 * DAY, withdrawn_at=NOON + 20 * DAY)
    assert verdicts(gone, NOON + DAY, failed=0) == [Verdict.UNSEEN]
    assert conduct([gone], [], NOON + 30 * DAY).incidents == 1
    assert conduct([later(over, NOON + HOUR, withdrawn_at=NOON + HOUR)], [], NOON + 30 * DAY).incidents == 0
    twice = incident(severity=100)
    both = later(twice, NOON, affects=(*twice.affects, IMPACT))
    (day,) = compared({COMPUTE}, [both], {}, [NOON.date()], NOON + HOUR)
    assert day.stated is not None
    assert (day.stated.severity, day.stated.word) == (100, "broken")


def test_every_statement_is_kept_once_and_with_its_words() -> None:
    told = incident()
    assert later(told, NOON + HOUR).statements == told.statements
    renamed = said(replace(told, name="y"), told, (Severity(name="all well", value=100),), NOON + HOUR)
    assert [each.name for each in renamed.statements] == ["x", "y"]
    assert {impact.word for each in renamed.statements for impact in each.affects} == {"limited"}
    draft = incident(published=None)
    assert (draft.statements, later(draft, NOON, name="y").statements) == ((), ())
    assert later(draft, NOON + HOUR, published_at=NOON + HOUR).statements[0].said_at == NOON + HOUR
    for number in range(MOST_STATEMENTS - 1):
        told = later(told, NOON, name=str(number))
    with pytest.raises(KeptError):
        later(told, NOON, name="once more")


def test_maintenance_that_is_announced_affects_nothing_yet() -> None:
    announced = incident(severity=25, began=NOON + HOUR, ended=NOON + 2 * HOUR)
    during = impact_at(COMPUTE, [announced], NOON + HOUR)
    assert during is not None
    assert during.severity == 25
    assert (impact_at(COMPUTE, [announced], NOON), impact_at(COMPUTE, [announced], NOON + 2 * HOUR)) == (None, None)


def test_severities_have_the_names_of_the_page() -> None:
    known = [Severity(name="limited", value=50), Severity(name="broken", value=100)]
    assert [named(value, known) for value in (1, 50, 51, 100)] == ["limited", "limited", "broken", "broken"]
    assert named(60, known[:1]) == "60"


def test_conduct_counts_what_is_public_and_no_announced_maintenance() -> None:
    told = [
        incident(began=NOON - HOUR, ended=NOON + HOUR),
        incident(began=NOON, published=NOON + 3 * HOUR),
        incident(severity=25, began=NOON + HOUR, ended=NOON + 2 * HOUR),
        incident(published=None),
    ]
    days = compared({COMPUTE}, [], {NOON.date(): Day(tried=288, failed=9)}, [NOON.date()], NOON)
    figures = conduct(told, days, NOON + DAY)
    assert (figures.incidents, figures.first_word, figures.over) == (2, 2 * HOUR, 1)
    assert (figures.post_mortems, figures.compared, figures.agreement) == (0, 1, 0.0)
    assert conduct(told, days, NOON).over == 0
    assert conduct([incident(severity=25, began=NOON - HOUR, ended=NOON + HOUR)], [], NOON).incidents == 1
    lowered = later(incident(), NOON + HOUR, affects=(replace(IMPACT, severity=25),), ended_at=NOON + HOUR)
    assert conduct([lowered], [], NOON).incidents == 1
    assert conduct([], [], NOON).first_word is None
    assert conduct([], [], NOON).agreement is None


def test_a_post_mortem_begins_with_what_is_known_and_lacks_what_people_write() -> None:
    begun = post_mortem.begun(incident(ended=NOON + HOUR))
    assert [moment.what for moment in begun.timeline] == ["It began.", "Everybody could read of it.", "It was over."]
    with pytest.raises(DocumentError, match="does not say its summary"):
        post_mortem.read(post_mortem.plain(begun))
    whole = {**post_mortem.plain(begun), "summary": "s", "impact": "i", "causes": "c"}
    assert isinstance(post_mortem.read(whole), PostMortem)
    without_zone = {**whole, "timeline": [{"at": "2026-11-27T12:00:00", "what": "x"}]}
    documents: tuple[object, ...] = (None, [], {"summary": "s"}, without_zone)
    for broken in documents:
        with pytest.raises(DocumentError):
            post_mortem.read(broken)
