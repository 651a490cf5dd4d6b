"""The rows of series and their tallies: what an iteration adds is put to what is there, in each kind of stretch."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from allmende.errors import UsageError
from allmende.health.model.tally import Grain, Of, Series, Tally, Thing
from allmende.health.rules.tallies import KEPT, start, together
from allmende.health.store.tables import series, tallies

MOST_SERIES = 5000
"""How many different things may be measured of a cloud, over all vantage points: about 150 from each."""

_SERIES = ("cloud", "region", "vantage", "of", "service", "what")
_COUNTS = ("tried", "failed", "blind")
_FIGURES = (*_COUNTS, "seconds", "durations")


def add(connection: Connection, counted: Mapping[Series, Tally], at: datetime) -> None:
    """Put what was counted then to what is there, and remove of these series what is kept no longer.

    The rows of the cloud's series are locked until the transaction ends. UsageError when there would be too many.
    """
    ids = _ids(connection, counted)
    starts = {grain: _number(start(at, grain)) for grain in Grain}
    wanted = select(tallies).where(tallies.c.series.in_(ids.values()), tallies.c.at.in_(set(starts.values())))
    held = {
        (row["series"], row["grain"], row["at"]): _tally([row[name] for name in _FIGURES])
        for row in connection.execute(wanted.where(tallies.c.grain.in_(starts))).mappings()
    }
    rows = [
        {
            "series": id_,
            "grain": grain,
            "at": begin,
            **_figures(together((held.get((id_, grain, begin), Tally()), counted[each]))),
        }
        for each, id_ in ids.items()
        for grain, begin in starts.items()
    ]
    put = _insert(connection, tallies)
    replaced = {name: put.excluded[name] for name in _FIGURES}
    connection.execute(put.on_conflict_do_update(index_elements=["series", "grain", "at"], set_=replaced), rows)
    for grain, kept in KEPT.items():
        old = (tallies.c.grain == grain, tallies.c.at < _number(start(at - kept, grain)))
        connection.execute(delete(tallies).where(tallies.c.series.in_(ids.values()), *old))


def since(
    connection: Connection,
    grain: Grain,
    moment: datetime,
    *,
    of: Collection[Of] = tuple(Of),
    cloud: str | None = None,
    thing: Thing | None = None,
    whats: Collection[str] | None = None,
    counts_only: bool = False,
) -> tuple[tuple[Series, datetime, Tally], ...]:
    """Return the tallies of the series that these choose, of the stretches from the one that the moment is in, on.

    With `counts_only` they do not say how long things took, which is what takes time to read.
    """
    wanted = select(series.c.id, *(series.c[name] for name in _SERIES))
    wanted = wanted.where(series.c.of.in_(of if thing is None else (thing.of,)))
    if cloud is not None:
        wanted = wanted.where(series.c.cloud == cloud)
    if thing is not None:
        wanted = wanted.where(series.c.service == thing.service, series.c.what == thing.what)
    if whats is not None:
        wanted = wanted.where(series.c.what.in_(whats))
    chosen = {row["id"]: _series(row) for row in connection.execute(wanted).mappings()}
    # By ids and not by a join: SQLite would read every tally that there is.
    figures = _COUNTS if counts_only else _FIGURES
    query = select(tallies.c.series, tallies.c.at, *(tallies.c[name] for name in figures))
    since_then = (tallies.c.grain == grain, tallies.c.at >= _number(start(moment, grain)))
    rows = connection.execute(query.where(tallies.c.series.in_(chosen), *since_then).order_by(tallies.c.at))
    return tuple((chosen[row[0]], datetime.fromtimestamp(row[1], UTC), _tally(row[2:])) for row in rows)


def _ids(connection: Connection, wanted: Collection[Series]) -> Mapping[Series, int]:
    """Return the ids of these series, which are made where there are none, and locked in the order of their ids."""
    rows = [{name: getattr(each, name) for name in _SERIES} for each in sorted(wanted)]
    found = _known(connection, wanted)
    missing = [row for row, each in zip(rows, sorted(wanted), strict=True) if each not in found]
    if missing:
        clouds = {each.cloud for each in wanted}
        known = connection.execute(select(func.count()).select_from(series).where(series.c.cloud.in_(clouds)))
        if known.scalar_one() + len(missing) > MOST_SERIES:
            raise UsageError(
                f"Of {', '.join(sorted(clouds))} more than {MOST_SERIES} different things were measured.",
                hint="Steps and kinds of requests have the same names each time; let vantage points have, too.",
            )
        connection.execute(_insert(connection, series).on_conflict_do_nothing(), missing)
        found = _known(connection, wanted)
    return found


def _known(connection: Connection, wanted: Collection[Series]) -> dict[Series, int]:
    clouds = {each.cloud for each in wanted}
    query = select(series).where(series.c.cloud.in_(clouds)).order_by(series.c.id).with_for_update()
    rows = connection.execute(query).mappings()
    found = {_series(row): row["id"] for row in rows}
    return {each: found[each] for each in wanted if each in found}


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _series(row: RowMapping) -> Series:
    return Series(**{**{name: row[name] for name in _SERIES}, "of": Of(row["of"])})


def _tally(figures: Sequence[Any]) -> Tally:
    tried, failed, blind, *lasted = figures
    if not lasted:
        return Tally(tried=tried, failed=failed, blind=blind)
    seconds, durations = lasted
    return Tally(
        tried=tried,
        failed=failed,
        blind=blind,
        seconds=seconds,
        durations={int(slot): number for slot, number in durations.items()},
    )


def _figures(tally: Tally) -> dict[str, object]:
    durations = {str(slot): number for slot, number in tally.durations.items()}
    return {**{name: getattr(tally, name) for name in _FIGURES if name != "durations"}, "durations": durations}


def _number(moment: datetime) -> int:
    return int(moment.timestamp())
