"""What is said of a component is compared with what was measured, in favour of nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.errors import DocumentError, KeptError
from allmende.operations.model.status import Component, Day, Impact, Incident, PostMortem, Severity
from allmende.operations.rules import post_mortem
from allmende.operations.rules.saying import said
from allmende.operations.rules.stated import Verdict, compared, conduct, named, severity_at

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COMPUTE = Component(id=UUID(int=1), cloud="c", name="Compute", labels={"service": "compute"})


def incident(
    *, severity: int = 50, began: datetime = NOON, ended: datetime | None = None, published: datetime | None = NOON
) -> Incident:
    return Incident(
        id=UUID(int=9),
        cloud="c",
        name="x",
        description="",
        affects=(Impact(type=UUID(int=2), component=COMPUTE.id, severity=severity, said_at=published),),
        began_at=began,
        ended_at=ended,
        published_at=published,
    )


def verdict(told: list[Incident], day: Day | None) -> Verdict:
    on = NOON.date()
    measured = {} if day is None else {on: day}
    (found,) = compared(COMPUTE, told, measured, [on], NOON + HOUR)
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
        ([incident(severity=25)], Day(tried=288, failed=30), Verdict.AGREES),
        ([incident()], Day(tried=288, failed=0), Verdict.UNSEEN),
        ([incident(severity=25)], Day(tried=288, failed=0), Verdict.AGREES),
        ([incident(published=None)], Day(tried=288, failed=30), Verdict.HUSHED),
        ([incident(published=NOON + 2 * DAY)], Day(tried=288, failed=30), Verdict.HUSHED),
        ([incident(began=NOON - 3 * DAY, ended=NOON - 2 * DAY)], Day(tried=288, failed=30), Verdict.HUSHED),
    ],
)
def test_a_day(told: list[Incident], day: Day | None, expected: Verdict) -> None:
    assert verdict(told, day) is expected


def test_what_is_said_of_a_component_later_does_not_mend_the_past() -> None:
    told = incident(began=NOON - 5 * DAY, published=NOON - 5 * DAY)
    (impact,) = told.affects
    late = replace(told, affects=(replace(impact, said_at=NOON),))
    assert verdict([told], Day(tried=288, failed=30)) is Verdict.AGREES
    days = {(NOON - 3 * DAY).date(): Day(tried=288, failed=30)}
    assert [each.verdict for each in compared(COMPUTE, [told], days, list(days), NOON)] == [Verdict.AGREES]
    assert [each.verdict for each in compared(COMPUTE, [late], days, list(days), NOON)] == [Verdict.HUSHED]


def test_what_is_settled_is_not_told_differently() -> None:
    over = incident(ended=NOON + HOUR)
    (impact,) = over.affects
    other = replace(impact, component=UUID(int=3))
    more = said(replace(over, affects=(impact, other)), over, NOON + DAY)
    assert [each.said_at for each in more.affects] == [NOON, NOON + DAY]
    assert more.changed_at == NOON + DAY
    worse = said(replace(over, affects=(replace(impact, severity=100),)), over, NOON + DAY)
    assert [each.said_at for each in worse.affects] == [NOON + DAY]
    changes: tuple[Incident, ...] = (
        replace(over, affects=()),
        replace(over, ended_at=None),
        replace(over, ended_at=NOON + 9 * DAY),
        replace(over, began_at=NOON - DAY),
    )
    for changed in changes:
        with pytest.raises(KeptError):
            said(changed, over, NOON + 3 * DAY)
    assert said(replace(over, name="y"), over, NOON + 3 * DAY).changed_at == NOON + 3 * DAY
    assert said(over, over, NOON + 3 * DAY).changed_at is None
    draft = incident(published=None)
    assert said(replace(draft, name="y"), draft, NOON).changed_at is None
    assert said(replace(draft, published_at=NOON), draft, NOON).affects[0].said_at == NOON


def test_maintenance_that_is_announced_affects_nothing_yet() -> None:
    announced = incident(severity=25, began=NOON + HOUR, ended=NOON + 2 * HOUR)
    assert severity_at(COMPUTE.id, [announced], NOON) == 0
    assert severity_at(COMPUTE.id, [announced], NOON + HOUR) == 25
    assert severity_at(COMPUTE.id, [announced], NOON + 2 * HOUR) == 0


def test_severities_have_the_names_of_the_page() -> None:
    known = [Severity(name="limited", value=50), Severity(name="broken", value=100)]
    assert [named(value, known) for value in (1, 50, 51, 100)] == ["limited", "limited", "broken", "broken"]
    assert named(60, known[:1]) == "60"


def test_conduct_counts_what_is_public_and_no_maintenance() -> None:
    told = [
        incident(began=NOON - HOUR, ended=NOON + HOUR),
        incident(began=NOON, published=NOON + 3 * HOUR),
        incident(severity=25),
        incident(published=None),
    ]
    figures = conduct(told, compared(COMPUTE, [], {NOON.date(): Day(tried=288, failed=9)}, [NOON.date()], NOON))
    assert (figures.incidents, figures.first_word, figures.over) == (2, 2 * HOUR, 1)
    assert (figures.post_mortems, figures.compared, figures.agreement) == (0, 1, 0.0)
    assert conduct([], []).first_word is None
    assert conduct([], []).agreement is None


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
