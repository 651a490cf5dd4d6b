"""The picture of a timeline: since when each version counts for what."""

from datetime import date

import pytest

from allmende.registry.pages.timeline import counts_since, timeline
from allmende.standards.model import Scope, TimelineEntry, Validity, Version

TODAY = date(2026, 7, 2)
DRAFT, EFFECTIVE, WARN = Validity.DRAFT, Validity.EFFECTIVE, Validity.WARN


def scope(*entries: TimelineEntry) -> Scope:
    return Scope(
        id="scope",
        uuid="50393e6f-2ae1-4c5c-a62c-3b75f2abef3f",
        name="Scope",
        level="compatible",
        layer="IaaS",
        url="",
        versions=(Version(name="v2", modules=()), Version(name="v1", modules=())),
        timeline=entries,
    )


def entry(since: date, **validity: Validity) -> TimelineEntry:
    return TimelineEntry(since=since, validity=validity)


TWO_YEARS = scope(
    entry(date(2026, 7, 2), v2=EFFECTIVE),
    entry(date(2026, 1, 1), v1=WARN, v2=EFFECTIVE),
    entry(date(2025, 7, 2), v1=EFFECTIVE, v2=DRAFT),
    entry(date(2025, 1, 1), v1=EFFECTIVE),
)


def test_each_version_has_its_validities_in_order_and_equal_neighbours_are_one() -> None:
    picture = timeline(TWO_YEARS, TODAY)

    assert picture is not None
    lives = {lane.version: [(s.validity, s.since, s.until) for s in lane.spans] for lane in picture.lanes}
    assert lives == {
        "v2": [(DRAFT, date(2025, 7, 2), date(2026, 1, 1)), (EFFECTIVE, date(2026, 1, 1), None)],
        "v1": [
            (EFFECTIVE, date(2025, 1, 1), date(2026, 1, 1)),
            (WARN, date(2026, 1, 1), date(2026, 7, 2)),
            (Validity.DEPRECATED, date(2026, 7, 2), None),
        ],
    }


def test_bars_and_marks_are_placed_in_percents_of_whole_years() -> None:
    picture = timeline(TWO_YEARS, TODAY)

    assert picture is not None
    assert picture.years == ((2025, 0.0), (2026, 50.0))
    assert picture.today == pytest.approx(75, abs=0.1)
    for lane in picture.lanes:
        assert lane.spans[-1].x + lane.spans[-1].width == pytest.approx(100)


def test_what_is_planned_has_room() -> None:
    picture = timeline(scope(entry(date(2028, 1, 1), v2=EFFECTIVE), entry(date(2026, 1, 1), v1=EFFECTIVE)), TODAY)

    assert picture is not None
    assert [year for year, _ in picture.years] == [2026, 2027, 2028]


def test_an_empty_timeline_has_no_picture() -> None:
    assert timeline(scope(), TODAY) is None


def test_a_version_counts_since_its_validity_of_today_began() -> None:
    assert counts_since(TWO_YEARS, "v2", TODAY) == date(2026, 1, 1)
    assert counts_since(TWO_YEARS, "v1", date(2026, 3, 1)) == date(2026, 1, 1)
    with pytest.raises(KeyError):
        counts_since(TWO_YEARS, "v2", date(2025, 2, 1))
