"""Keep iterations, and read what they say of a cloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.errors import UnknownNameError
from allmende.health.model.samples import Iteration, Kind, State
from allmende.health.rules.judging import state_of
from allmende.health.rules.statistics import Availability, Figures, availability, by_thing
from allmende.health.store import samples
from allmende.storage.database import Database

KEPT = timedelta(days=14)
"""How long single samples are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudHealth:
    """What was seen of a cloud since a moment."""

    cloud: str
    since: datetime
    states: Mapping[State, int]
    services: Mapping[str, Availability]
    steps: Mapping[tuple[str, str], Figures]
    calls: Mapping[tuple[str, str], Figures]


def keep(database: Database, iteration: Iteration, now: datetime) -> State:
    """Store an iteration, forget those that are too old, and return what it says of the cloud."""
    state = state_of(iteration)
    with database.writing() as connection:
        samples.add(connection, iteration, state)
        samples.forget_before(connection, now - KEPT)
    return state


def health_of(database: Database, cloud: str, since: datetime) -> CloudHealth:
    """Return what was seen of a cloud since then; UnknownNameError when nothing ever was."""
    with database.reading() as connection:
        known = samples.clouds(connection)
        found = samples.since(connection, cloud, since)
    if cloud not in known:
        raise UnknownNameError(
            f"Nothing was measured of the cloud {cloud}.",
            hint=f"Measured were: {', '.join(known)}." if known else f"Measure it: allmende monitor run {cloud}",
        )
    states = [state for state, _ in found]
    seen = [iteration for _, iteration in found]
    return CloudHealth(
        cloud=cloud,
        since=since,
        states={state: states.count(state) for state in State},
        services=availability(found),
        steps=by_thing(seen, Kind.STEP),
        calls=by_thing(seen, Kind.CALL),
    )
