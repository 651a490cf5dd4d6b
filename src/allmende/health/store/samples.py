"""The rows of iterations and samples. An iteration is stored whole, and never changed."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from allmende.health.model.samples import Ending, Iteration, Kind, Sample, State
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
        values = {name: value for name, value in row.items() if name not in ("id", "iteration")}
        sample = Sample(**{**values, "kind": Kind(row["kind"]), "ending": Ending(row["ending"])})
        of[row["iteration"]].append(sample)
    return tuple(
        (
            State(row["state"]),
            Iteration(
                **{name: value for name, value in row.items() if name not in ("state", "left")},
                left=tuple(row["left"]),
                samples=tuple(of[row["id"]]),
            ),
        )
        for row in rows
    )


def clouds(connection: Connection) -> tuple[str, ...]:
    """Return the clouds of which there are iterations, by their names."""
    return tuple(connection.execute(select(iterations.c.cloud).distinct().order_by(iterations.c.cloud)).scalars())


def forget_before(connection: Connection, moment: datetime) -> None:
    """Remove the iterations that began before then, with their samples."""
    old = select(iterations.c.id).where(iterations.c.began_at < moment)
    connection.execute(delete(samples).where(samples.c.iteration.in_(old)))
    connection.execute(delete(iterations).where(iterations.c.began_at < moment))
