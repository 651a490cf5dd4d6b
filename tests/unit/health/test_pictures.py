"""Time as a picture: strips and lines."""

from datetime import UTC, datetime, timedelta

from allmende.health.model.tally import Tally
from allmende.health.pages import percent
from allmende.health.pages.pictures import HEIGHT, WIDTH, chart, marks, strip
from allmende.health.rules.tallies import slot

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = Tally(tried=2, seconds=4.0, durations={slot(2.0): 2})
BAD = Tally(tried=2, failed=2)
POOR = Tally(tried=20, failed=1, durations={slot(2.0): 19})


def row(*tallies: Tally | None) -> list[tuple[datetime, Tally | None]]:
    return [(NOON + place * HOUR, tally) for place, tally in enumerate(tallies)]


def test_neighbours_that_say_the_same_are_one_bar_and_nothing_is_none() -> None:
    bars = strip(row(GOOD, GOOD, None, Tally(blind=1), GOOD), HOUR)
    assert [(bar.name, bar.x, bar.width) for bar in bars] == [
        ("pass", 0, 40),
        ("dnf", 60, 20),
        ("pass", 80, 20),
    ]
    assert (bars[0].since, bars[0].until, bars[0].tally.tried) == (NOON, NOON + 2 * HOUR, 4)


def test_the_more_failed_the_higher_the_bar() -> None:
    poor, bad, good = strip(row(POOR, BAD, GOOD), HOUR)
    assert poor.name == bad.name == "fail"
    assert good.height < poor.height < bad.height


def test_a_line_breaks_where_nothing_was_measured() -> None:
    found = chart(row(GOOD, GOOD, None, GOOD, GOOD), HOUR)
    assert found is not None
    assert len(found.lines) == 2
    assert found.scale[0] == (0.0, float(HEIGHT))
    places = [float(point.partition(",")[0]) for line in found.lines for point in line.split()]
    assert min(places) >= 0
    assert max(places) <= WIDTH


def test_rare_measurements_are_drawn_as_one_line() -> None:
    rare = row(*[GOOD if place % 6 == 0 else None for place in range(60)])
    found = chart(rare, HOUR)
    assert found is not None
    assert len(found.lines) == 1
    assert len(strip(rare, HOUR)) == 1


def test_there_is_no_line_where_nothing_worked() -> None:
    assert chart(row(BAD, None), HOUR) is None
    assert chart([], HOUR) is None


def test_marks_are_times_days_or_months() -> None:
    assert [word for word, _ in marks(row(*[GOOD] * 8), HOUR)] == ["12:00", "14:00", "16:00", "18:00"]
    assert next(marks(row(*[GOOD] * 200), HOUR))[0] == "11-27"
    assert next(marks(row(*[GOOD] * 800), timedelta(days=1)))[0] == "2026-11"


def test_only_all_is_a_hundred_percent() -> None:
    assert percent(1.0) == "100 %"
    assert percent(0.99999) == "99.99 %"
    assert percent(0.5) == "50 %"
    assert percent(None) == "–"  # noqa: RUF001 -- a dash is meant
