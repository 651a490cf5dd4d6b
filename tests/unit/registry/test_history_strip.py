"""The strip of a testcase: what counted when, drawn from the days on which it was reported."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.registry.model.record import DayOutcome
from allmende.registry.pages.history import Strip, period, strip
from allmende.standards.model import Lifetime, Testcase

SHOWN = period(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
WEEKLY = Testcase(id="t", title="T", standard="", section="", demand="", remedy="", url="", lifetime=Lifetime.WEEK)
PASS, FAIL = Outcome.PASS, Outcome.FAIL


def made_of(*days: tuple[str, Outcome]) -> Strip:
    return strip(WEEKLY, [DayOutcome(day=day, outcome=outcome) for day, outcome in days], SHOWN)


def stretches(of: Strip) -> list[tuple[Outcome, str, str]]:
    return [(s.outcome, s.since.isoformat(), s.until.isoformat()) for s in of.stretches]


def test_an_outcome_counts_until_the_next_report() -> None:
    made = made_of(("2026-11-02", PASS), ("2026-11-05", FAIL), ("2026-11-06", PASS))

    assert stretches(made)[:2] == [(PASS, "2026-11-02", "2026-11-05"), (FAIL, "2026-11-05", "2026-11-06")]


def test_an_outcome_counts_no_longer_than_its_lifetime() -> None:
    made = made_of(("2026-09-07", PASS), ("2026-10-05", PASS))

    assert stretches(made) == [(PASS, "2026-09-07", "2026-09-21"), (PASS, "2026-10-05", "2026-10-19")]


def test_what_goes_on_is_one_stretch_and_ends_today() -> None:
    made = made_of(("2026-11-06", PASS), ("2026-11-13", PASS), ("2026-11-20", PASS))

    assert stretches(made) == [(PASS, "2026-11-06", "2026-11-22")]
    assert made.stretches[0].x + made.stretches[0].width == 100


def test_quarters_are_marked() -> None:
    assert [month for month, _ in SHOWN.marks()] == ["2025-07", "2025-10", "2026-01", "2026-04", "2026-07", "2026-10"]


@given(st.dictionaries(st.dates(SHOWN.first - timedelta(days=30), SHOWN.last), st.sampled_from((PASS, FAIL))))
def test_stretches_are_in_order_and_inside_the_picture(days: dict[date, Outcome]) -> None:
    made = made_of(*((day.isoformat(), days[day]) for day in sorted(days)))

    edges = [edge for stretch in made.stretches for edge in (stretch.since, stretch.until)]
    assert edges == sorted(edges)
    assert all(s.x >= 0 and s.x + s.width <= 100.01 for s in made.stretches)
