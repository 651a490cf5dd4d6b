"""The rows of what was seen last."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from allmende.health.model.samples import State
from allmende.health.model.standing import Standing
from allmende.health.store.tables import standings


def find(connection: Connection, cloud: str, scenario: str, vantage: str) -> Standing | None:
    """Return what was seen last of a cloud by a scenario from a vantage point; None when nothing was."""
    key = {"cloud": cloud, "scenario": scenario, "vantage": vantage}
    row = connection.execute(select(standings).filter_by(**key)).mappings().first()
    return None if row is None else Standing(**{**row, "state": State(row["state"])})


def put(connection: Connection, standing: Standing) -> None:
    """Store what was seen last in the place of what was before."""
    key = (getattr(standings.c, name) == getattr(standing, name) for name in ("cloud", "scenario", "vantage"))
    connection.execute(delete(standings).where(*key))
    connection.execute(insert(standings).values(asdict(standing)))


def everything(connection: Connection, cloud: str | None = None) -> tuple[Standing, ...]:
    """Return what was seen last of every cloud, or of one."""
    query = select(standings).order_by(standings.c.cloud, standings.c.scenario, standings.c.vantage)
    if cloud is not None:
        query = query.where(standings.c.cloud == cloud)
    rows = connection.execute(query).mappings()
    return tuple(Standing(**{**row, "state": State(row["state"])}) for row in rows)
