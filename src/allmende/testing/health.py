"""Iterations of a health monitor to look at and to test with: made up, and kept as any other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from allmende.health.model.samples import Ending, Iteration, Kind, Sample
from allmende.health.run.record import keep
from allmende.storage.database import Database

STEPS = (
    ("get a token", "identity", 0.3),
    ("create a network", "network", 0.6),
    ("create a volume", "block-storage", 0.8),
    ("start a guest", "compute", 1.2),
    ("wait until the guest is active", "compute", 11.0),
)


def iteration(
    cloud: str,
    began_at: datetime,
    *,
    failing: Sequence[str] = (),
    ending: Ending = Ending.ERROR,
    vantage: str = "here",
    scenario: str = "instance",
) -> Iteration:
    """Return an iteration whose steps worked but for those that are failing, which ended as told."""
    return Iteration(
        id=uuid5(NAMESPACE_URL, f"{cloud} {began_at.isoformat()} {vantage} {scenario}"),
        cloud=cloud,
        region="RegionOne",
        vantage=vantage,
        scenario=scenario,
        began_at=began_at,
        seconds=40.0,
        samples=tuple(_samples(began_at, failing, ending)),
        overhead=0.4,
        lag=0.01,
    )


def measure(database: Database, cloud: str, now: datetime, *, hours: int, failing_hours: Sequence[int] = ()) -> None:
    """Keep an iteration for each of so many hours until now; in those so many hours ago, no guest could be started."""
    for ago in reversed(range(hours)):
        failing = ("start a guest",) if ago in failing_hours else ()
        at = now - timedelta(hours=ago, minutes=5)
        keep(database, iteration(cloud, at, failing=failing), at)


def _samples(at: datetime, failing: Sequence[str], ending: Ending) -> Iterator[Sample]:
    for what, service, seconds in STEPS:
        step = Sample(kind=Kind.STEP, at=at, service=service, what=what, step=what, ending=Ending.OK, seconds=seconds)
        if what in failing:
            said = "No valid host was found."
            step = replace(step, ending=ending, status=503, request_id="req-0815", said=said)
        yield replace(step, kind=Kind.CALL, what=f"POST /{service}", seconds=seconds / 3, said="")
        yield step
