"""What every database must do with iterations and their samples, and what is said of a cloud by them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.errors import UnknownNameError, UsageError
from allmende.health.model.samples import Ending, Iteration, Kind, Sample, State
from allmende.health.model.tally import Grain, Of, Thing
from allmende.health.run.record import KEPT, health_of, keep
from allmende.health.run.view import cloud_view, overview, period_called, point_period, thing_view
from allmende.health.store import samples as store
from allmende.health.store import tallies
from allmende.storage.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEP = Sample(
    kind=Kind.STEP, at=NOON, service="compute", what="start a guest", step="start a guest", ending=Ending.OK, seconds=2
)
CALL = replace(STEP, kind=Kind.CALL, what="POST /servers", seconds=0.5, status=202, request_id="req-1")
ITERATION = Iteration(
    id=UUID(int=1),
    cloud="mycloud",
    region="RegionOne",
    vantage="here",
    scenario="instance",
    began_at=NOON,
    seconds=40.5,
    samples=(CALL, STEP),
    overhead=0.4,
    lag=0.01,
)
LEFT = replace(STEP, what="remove everything", ending=Ending.TIMEOUT, said="server allmende-x: it was still there")
BROKEN = replace(ITERATION, samples=(CALL, STEP, LEFT), left=("server allmende-x",))


def test_an_iteration_is_kept_as_it_was(database: Database) -> None:
    assert keep(database, BROKEN, NOON) is State.FAILS, "something was left"
    with database.reading() as connection:
        assert store.since(connection, "mycloud", NOON) == ((State.FAILS, BROKEN),)
        assert store.since(connection, "mycloud", NOON + timedelta(seconds=1)) == ()
        assert store.since(connection, "other", NOON) == ()


def test_what_is_too_old_is_forgotten(database: Database) -> None:
    keep(database, ITERATION, NOON)
    later = NOON + KEPT + timedelta(seconds=1)
    keep(database, replace(ITERATION, id=UUID(int=2), began_at=later), later)
    with database.reading() as connection:
        assert [each.id for _, each in store.since(connection, "mycloud", NOON)] == [UUID(int=2)]


def test_a_cloud_has_figures_by_step_and_by_request(database: Database) -> None:
    broken = replace(STEP, ending=Ending.ERROR, seconds=9, status=503, said="No valid host was found.")
    for number, samples in enumerate(((CALL, STEP), (CALL, replace(STEP, seconds=4)), (CALL, broken)), 1):
        keep(database, replace(ITERATION, id=UUID(int=number), samples=samples), NOON)
    blind = replace(STEP, ending=Ending.BLIND)
    keep(database, replace(ITERATION, id=UUID(int=4), samples=(blind,)), NOON)
    health = health_of(database, "mycloud", NOON, NOON + HOUR)
    assert health.states == {State.WORKS: 2, State.FAILS: 1, State.BLIND: 1}
    steps = health.steps["compute", "start a guest"]
    assert (steps.tried, steps.failed, steps.blind) == (3, 1, 1)
    assert steps.p50 == pytest.approx(2, rel=0.03)
    assert steps.p95 == pytest.approx(4, rel=0.03)
    assert health.calls["compute", "POST /servers"].tried == 3
    assert (health.services["compute"].tried, health.services["compute"].failed) == (3, 1)


def test_a_cloud_that_was_never_measured_is_told_of(database: Database) -> None:
    keep(database, ITERATION, NOON)
    with pytest.raises(UnknownNameError, match="Nothing was measured") as caught:
        health_of(database, "other", NOON, NOON + HOUR)
    assert "mycloud" in caught.value.hint


def test_an_iteration_that_is_told_of_again_counts_once(database: Database) -> None:
    assert keep(database, BROKEN, NOON) is keep(database, BROKEN, NOON)
    assert health_of(database, "mycloud", NOON, NOON + HOUR).states[State.FAILS] == 1


def test_figures_outlive_the_samples(database: Database) -> None:
    keep(database, replace(ITERATION), NOON)
    later = NOON + timedelta(days=200)
    keep(database, replace(ITERATION, id=UUID(int=2), began_at=later), later)
    with database.reading() as connection:
        of = {grain: tallies.since(connection, grain, NOON, of=(Of.SCENARIO,)) for grain in Grain}
    assert [at for _, at, _ in of[Grain.FIVE_MINUTES]] == [later]
    assert [at for _, at, _ in of[Grain.HOUR]] == [NOON, later]
    assert [tally.tried for _, _, tally in of[Grain.EVER]] == [2]
    assert health_of(database, "mycloud", NOON, later).states[State.WORKS] == 2


def test_several_vantage_points_are_one_series_to_the_reader(database: Database) -> None:
    keep(database, replace(ITERATION), NOON)
    keep(database, replace(ITERATION, id=UUID(int=2), vantage="there"), NOON)
    view = cloud_view(database, "mycloud", period_called("24h", NOON + HOUR))
    assert [line.figures.tried for line in view.steps] == [2]
    assert [standing.vantage for standing in view.standings] == ["here", "there"]
    assert view.state is State.WORKS


def test_a_cloud_fails_since_the_first_of_the_failures_in_a_row(database: Database) -> None:
    for number, each in enumerate((ITERATION, BROKEN, BROKEN)):
        at = NOON + number * timedelta(minutes=5)
        keep(database, replace(each, id=UUID(int=number + 1), began_at=at), at)
    late = replace(ITERATION, id=UUID(int=9), began_at=NOON + timedelta(minutes=1))
    keep(database, late, NOON + HOUR)
    (line,) = overview(database, NOON + HOUR)
    assert line.state is State.FAILS
    assert (line.newest.since, line.newest.at) == (NOON + timedelta(minutes=5), NOON + timedelta(minutes=10))
    assert (line.today.tried, line.today.failed) == (4, 2)
    assert line.days[-1][1] is not None
    assert all(tally is None for _, tally in line.days[:-1])


def test_of_a_cloud_that_is_silent_nothing_is_said_of_now(database: Database) -> None:
    keep(database, ITERATION, NOON)
    (line,) = overview(database, NOON + timedelta(days=1))
    assert line.state is None


def test_what_failed_is_shown_with_its_evidence(database: Database) -> None:
    broken = replace(STEP, ending=Ending.ERROR, status=503, request_id="req-9", said="No valid host was found.")
    keep(database, replace(ITERATION, samples=(CALL, STEP, broken)), NOON)
    keep(database, replace(ITERATION, id=UUID(int=2)), NOON)
    view = cloud_view(database, "mycloud", period_called("24h", NOON + HOUR))
    assert [(each.id, each.samples) for each in view.failed] == [(ITERATION.id, (broken,))]


def test_one_step_is_shown_over_time(database: Database) -> None:
    for number in range(3):
        at = NOON + number * HOUR
        keep(database, replace(ITERATION, id=UUID(int=number + 1), began_at=at), at)
    thing = Thing(of=Of.STEP, service="compute", what="start a guest")
    view = thing_view(database, "mycloud", thing, point_period("24h", NOON + 3 * HOUR))
    seen = {at: tally.tried for at, tally in view.line.stretches if tally is not None}
    assert seen == {NOON: 1, NOON + HOUR: 1, NOON + 2 * HOUR: 1}
    assert view.vantages == ("here",)


def test_a_monitor_cannot_make_up_ever_more_things(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MOST_SERIES", 14)
    keep(database, ITERATION, NOON)
    keep(database, replace(ITERATION, id=UUID(int=2), vantage="there"), NOON)
    with pytest.raises(UsageError, match="more than 14"):
        keep(database, replace(ITERATION, id=UUID(int=3), vantage="elsewhere"), NOON)
    view = cloud_view(database, "mycloud", period_called("24h", NOON + HOUR))
    assert [line.figures.tried for line in view.steps] == [2], "nothing of it was kept"
