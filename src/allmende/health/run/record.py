"""Keep iterations, and read what they say of a cloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.health.model.samples import Iteration, State
from allmende.health.model.tally import Of
from allmende.health.rules.judging import state_of
from allmende.health.rules.standing import followed
from allmende.health.rules.statistics import Figures, by_thing, figures
from allmende.health.rules.tallies import counted, grain_for, start
from allmende.health.run import alarms
from allmende.health.store import samples, standings, tallies
from allmende.storage.database import Database

KEPT = timedelta(days=14)
"""How long single samples are kept."""
MOST_STRETCHES = 180
"""How many stretches of time are put together at most where everything about a cloud is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudHealth:
    """What was seen of a cloud since a moment: when the first of the stretches began that are counted together."""

    cloud: str
    since: datetime
    states: Mapping[State, int]
    services: Mapping[str, Figures]
    steps: Mapping[tuple[str, str], Figures]
    calls: Mapping[tuple[str, str], Figures]


def keep(database: Database, iteration: Iteration, now: datetime) -> State:
    """Store an iteration, bring alarms up to date with it, forget what is too old; return what it says of the cloud.

    One that is stored already changes nothing, so it can be told of again when no answer came.
    """
    state = state_of(iteration)
    with database.writing() as connection:
        stored = samples.state_of(connection, iteration.id)
        if stored is not None:
            return stored
        samples.add(connection, iteration, state)
        tallies.add(connection, counted(iteration, state), iteration.began_at)
        before = standings.find(connection, iteration.cloud, iteration.scenario, iteration.vantage)
        standings.put(connection, followed(before, iteration, state))
        alarms.saw(connection, iteration, state, now)
        samples.forget_before(connection, now - KEPT)
    return state


def health_of(database: Database, cloud: str, since: datetime, now: datetime) -> CloudHealth:
    """Return what was seen of a cloud since then; UnknownNameError when nothing ever was."""
    grain = grain_for(now - since, MOST_STRETCHES)
    with database.reading() as connection:
        known(connection, cloud)
        found = tallies.since(connection, grain, since, of=(Of.SCENARIO, Of.SERVICE, Of.STEP, Of.CALL), cloud=cloud)
    whole = [figures(tally) for tally in by_thing(found, Of.SCENARIO).values()]
    failed = sum(each.failed for each in whole)
    return CloudHealth(
        cloud=cloud,
        since=start(since, grain),
        states={
            State.WORKS: sum(each.tried for each in whole) - failed,
            State.FAILS: failed,
            State.BLIND: sum(each.blind for each in whole),
        },
        services={service: figures(tally) for (service, _), tally in by_thing(found, Of.SERVICE).items()},
        steps={thing: figures(tally) for thing, tally in by_thing(found, Of.STEP).items()},
        calls={thing: figures(tally) for thing, tally in by_thing(found, Of.CALL).items()},
    )


def known(connection: Connection, cloud: str) -> None:
    """Raise UnknownNameError when nothing was ever measured of the cloud."""
    names = {standing.cloud for standing in standings.everything(connection)}
    if cloud not in names:
        raise UnknownNameError(
            f"Nothing was measured of the cloud {cloud}.",
            hint=f"Measured were: {', '.join(sorted(names))}."
            if names
            else f"Measure it: allmende monitor run {cloud}",
        )
