"""What every database must do with iterations and their samples, and what is said of a cloud by them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.errors import UnknownNameError
from allmende.health.model.samples import Ending, Iteration, Kind, Sample, State
from allmende.health.run.record import KEPT, health_of, keep
from allmende.health.store import samples as store
from allmende.storage.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
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
    left=("server allmende-x-guest",),
)


def test_an_iteration_is_kept_as_it_was(database: Database) -> None:
    assert keep(database, ITERATION, NOON) is State.FAILS, "something was left"
    with database.reading() as connection:
        assert store.since(connection, "mycloud", NOON) == ((State.FAILS, ITERATION),)
        assert store.since(connection, "mycloud", NOON + timedelta(seconds=1)) == ()
        assert store.since(connection, "other", NOON) == ()
        assert store.clouds(connection) == ("mycloud",)


def test_what_is_too_old_is_forgotten(database: Database) -> None:
    keep(database, ITERATION, NOON)
    later = NOON + KEPT + timedelta(seconds=1)
    keep(database, replace(ITERATION, id=UUID(int=2), began_at=later), later)
    with database.reading() as connection:
        assert [each.id for _, each in store.since(connection, "mycloud", NOON)] == [UUID(int=2)]


def test_a_cloud_has_figures_by_step_and_by_request(database: Database) -> None:
    broken = replace(STEP, ending=Ending.ERROR, seconds=9, status=503, said="No valid host was found.")
    for number, samples in enumerate(((CALL, STEP), (CALL, replace(STEP, seconds=4)), (CALL, broken)), 1):
        keep(database, replace(ITERATION, id=UUID(int=number), samples=samples, left=()), NOON)
    blind = replace(STEP, ending=Ending.BLIND)
    keep(database, replace(ITERATION, id=UUID(int=4), samples=(blind,), left=()), NOON)
    health = health_of(database, "mycloud", NOON)
    assert health.states == {State.WORKS: 2, State.FAILS: 1, State.BLIND: 1}
    steps = health.steps["compute", "start a guest"]
    assert (steps.tried, steps.failed, steps.p50, steps.p95) == (3, 1, 2, 4)
    assert health.calls["compute", "POST /servers"].tried == 3
    assert (health.services["compute"].seen, health.services["compute"].available) == (3, 2)


def test_a_cloud_that_was_never_measured_is_told_of(database: Database) -> None:
    keep(database, ITERATION, NOON)
    with pytest.raises(UnknownNameError, match="Nothing was measured") as caught:
        health_of(database, "other", NOON)
    assert "mycloud" in caught.value.hint
