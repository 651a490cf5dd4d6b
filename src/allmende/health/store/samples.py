"""The rows of iterations and samples. An iteration is stored whole, and never changed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, insert, select

from allmende.health.model.samples import FAULTS, Ending, Iteration, Kind, Sample, State
from allmende.health.store.tables import iterations, samples


def add(connection: Connection, iteration: Iteration, state: State) -> None:
    """Store an iteration with its samples."""
    row = {
        "id": iteration.id,
        "cloud": iteration.cloud,
        "region": iteration.region,
        "vantage": iteration.vantage,
        "scenario": iteration.scenario,
        "began_at": iteration.began_at,
        "seconds": iteration.seconds,
        "state": state,
        "overhead": iteration.overhead,
        "lag": iteration.lag,
        "left": list(iteration.left),
    }
    connection.execute(insert(iterations).values(row))
    if iteration.samples:
        connection.execute(
            insert(samples), [{"iteration": iteration.id, **asdict(sample)} for sample in iteration.samples]
        )


def since(connection: Connection, cloud: str, moment: datetime) -> tuple[tuple[State, Iteration], ...]:
    """Return the iterations on a cloud that began since then, with their samples, oldest first."""
    wanted = select(iterations).where(iterations.c.cloud == cloud, iterations.c.began_at >= moment)
    rows = connection.execute(wanted.order_by(iterations.c.began_at, iterations.c.id)).mappings().all()
    of: dict[object, list[Sample]] = {row["id"]: [] for row in rows}
    found = select(samples).where(samples.c.iteration.in_(wanted.with_only_columns(iterations.c.id)))
    for row in connection.execute(found.order_by(samples.c.id)).mappings():
        of[row["iteration"]].append(_sample(row))
    return tuple((State(row["state"]), _iteration(row, of[row["id"]])) for row in rows)


def state_of(connection: Connection, iteration: UUID) -> State | None:
    """Return what an iteration says of its cloud; None when it is not stored."""
    found = connection.execute(select(iterations.c.state).where(iterations.c.id == iteration)).scalar()
    return None if found is None else State(found)


def failed(connection: Connection, cloud: str, moment: datetime, most: int) -> tuple[Iteration, ...]:
    """Return the newest iterations that failed and began since then, with the steps that did not work."""
    wanted = select(iterations).where(
        iterations.c.cloud == cloud, iterations.c.state == State.FAILS, iterations.c.began_at >= moment
    )
    rows = connection.execute(wanted.order_by(iterations.c.began_at.desc()).limit(most)).mappings().all()
    faults = select(samples).where(
        samples.c.iteration.in_([row["id"] for row in rows]),
        samples.c.kind == Kind.STEP,
        samples.c.ending.in_(FAULTS),
    )
    of: dict[object, list[Sample]] = {}
    for row in connection.execute(faults.order_by(samples.c.id)).mappings():
        of.setdefault(row["iteration"], []).append(_sample(row))
    return tuple(_iteration(row, of.get(row["id"], ())) for row in rows)


def forget_before(connection: Connection, moment: datetime) -> None:
    """Remove the iterations that began before then, with their samples."""
    old = select(iterations.c.id).where(iterations.c.began_at < moment)
    connection.execute(delete(samples).where(samples.c.iteration.in_(old)))
    connection.execute(delete(iterations).where(iterations.c.began_at < moment))


def _sample(row: RowMapping) -> Sample:
    values = {name: value for name, value in row.items() if name not in ("id", "iteration")}
    return Sample(**{**values, "kind": Kind(row["kind"]), "ending": Ending(row["ending"])})


def _iteration(row: RowMapping, found: Sequence[Sample]) -> Iteration:
    values = {name: value for name, value in row.items() if name not in ("state", "left")}
    return Iteration(**values, left=tuple(row["left"]), samples=tuple(found))
