"""Keep alarms up to date with what was seen, say what has to be told of them, and mute them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection

from allmende.errors import UnknownNameError, UsageError
from allmende.health.model.alarm import Alarm, Cause, Message, Mute, Sighting, Trouble
from allmende.health.model.samples import Iteration, State
from allmende.health.model.tally import Grain, Of, Series, Tally
from allmende.health.rules import alarms as rules
from allmende.health.rules.objectives import OBJECTIVE, WINDOWS, burning
from allmende.health.rules.standing import STALE
from allmende.health.rules.statistics import by_stretch
from allmende.health.store import alarms, standings, tallies
from allmende.storage.database import Database

MOST_SHOWN = 50
LONGEST_MUTE = timedelta(days=90)
KEPT = timedelta(days=3 * 366)
"""So long alarms and mutes are kept after their end, as figures by the hour are."""

_MOST_PASSED_ON = 100
_LATELY = timedelta(days=14)
_WATCH = "the registry"


def saw(connection: Connection, iteration: Iteration, state: State, now: datetime) -> None:
    """Bring alarms up to date with an iteration; one that is told of late neither begins nor ends any."""
    if now - iteration.began_at > STALE:
        return
    muted = alarms.mutes_of(connection, now, iteration.cloud)
    source = f"{iteration.scenario} from {iteration.vantage}"
    for cause, sighting in rules.seen_by(iteration, state):
        sources = (source, _WATCH) if cause.trouble is Trouble.SILENT else (source,)
        _observed(connection, cause, sighting, sources, (iteration.began_at, now), muted)


def look(database: Database, now: datetime) -> None:
    """Look for what no iteration tells: that there is none, and that a service fails too often for its objective.

    What ended years ago is forgotten.
    """
    with database.writing() as connection:
        alarms.forget(connection, now - KEPT)
        muted = alarms.mutes_of(connection, now)
        seen = standings.everything(connection)
        for cloud in sorted({standing.cloud for standing in seen}):
            newest = max(standing.at for standing in seen if standing.cloud == cloud)
            if now - newest > STALE:
                said = f"The newest iteration began at {newest:%Y-%m-%d %H:%M} UTC."
                cause = Cause(cloud=cloud, trouble=Trouble.SILENT, what="")
                sighting = Sighting(at=newest, source=_WATCH, said=said)
                _observed(connection, cause, sighting, (_WATCH,), (now, now), muted)
        for (cloud, service), counted in _services(connection, now).items():
            _look_at_budget(connection, Cause(cloud=cloud, trouble=Trouble.BUDGET, what=service), counted, now, muted)


def pass_on(database: Database, tell: Callable[[Message], None]) -> None:
    """Pass on what has to be told; what `tell` raises leaves the rest for the next time."""
    with database.reading() as connection:
        waiting = alarms.to_pass_on(connection, _MOST_PASSED_ON)
    for message in waiting:
        tell(message)
        with database.writing() as connection:
            alarms.passed_on(connection, message.id)


def known_alarms(database: Database, cloud: str | None, *, open_only: bool) -> tuple[Alarm, ...]:
    """Return the newest alarms, newest first."""
    with database.reading() as connection:
        return alarms.everything(connection, cloud=cloud, open_only=open_only, most=MOST_SHOWN)


def lately(database: Database, now: datetime) -> tuple[Alarm, ...]:
    """Return the alarms that go on or ended within the last days, the oldest first."""
    with database.reading() as connection:
        return alarms.lately(connection, now - _LATELY)


def mute(database: Database, wish: Mute) -> None:
    """Let nobody be told of alarms for a while; UsageError without a reason, or for a time that cannot be."""
    if not wish.reason.strip():
        raise UsageError("A mute has a reason.", hint="Say why, for those who wonder why nobody was told.")
    if not timedelta(0) < wish.until - wish.since <= LONGEST_MUTE:
        raise UsageError(f"A mute lasts {LONGEST_MUTE.days} days at most.", hint="Make it shorter.")
    with database.writing() as connection:
        alarms.mute(connection, wish)


def unmute(database: Database, id_: UUID, now: datetime) -> None:
    """Let a mute end now; UnknownNameError when there is none of this id that has not ended."""
    with database.writing() as connection:
        if not alarms.end_mute(connection, id_, now):
            raise UnknownNameError(f"There is no mute {id_}.", hint="See: allmende monitor mutes")


def known_mutes(database: Database, now: datetime) -> tuple[Mute, ...]:
    """Return the mutes that have not ended."""
    with database.reading() as connection:
        return alarms.mutes_of(connection, now)


def _services(connection: Connection, now: datetime) -> dict[tuple[str, str], dict[Grain, Mapping[datetime, Tally]]]:
    """Return how often each service of each cloud worked lately, in the stretches that the windows need."""
    found: dict[tuple[str, str], dict[Grain, Mapping[datetime, Tally]]] = {}
    for grain in {window.grain for window in WINDOWS}:
        since = now - max(window.long for window in WINDOWS if window.grain is grain)
        services: dict[tuple[str, str], list[tuple[Series, datetime, Tally]]] = {}
        for each in tallies.since(connection, grain, since, of=(Of.SERVICE,)):
            services.setdefault((each[0].cloud, each[0].service), []).append(each)
        for service, counted in services.items():
            found.setdefault(service, {})[grain] = by_stretch(counted)
    return found


def _look_at_budget(
    connection: Connection,
    cause: Cause,
    counted: Mapping[Grain, Mapping[datetime, Tally]],
    now: datetime,
    muted: Iterable[Mute],
) -> None:
    """That a service misses its objective is an alarm of its own where it fails again and again, not by one outage.

    Of that, everybody was told already.
    """
    window = burning(counted, now)
    fails = replace(cause, trouble=Trouble.FAILS)
    if window is None:
        _observed(connection, cause, None, (_WATCH,), (now, now), muted)
    elif alarms.begun_since(connection, fails, now - window.long) != 1:
        said = f"It works less often than in {OBJECTIVE:.1%} of the iterations, over the last {window.long}."
        sighting = Sighting(at=now, source=_WATCH, said=said)
        _observed(connection, cause, sighting, (_WATCH,), (now, now), muted)


def _observed(
    connection: Connection,
    cause: Cause,
    sighting: Sighting | None,
    sources: Iterable[str],
    moments: tuple[datetime, datetime],
    muted: Iterable[Mute],
) -> None:
    at, now = moments
    alarm = alarms.open_for(connection, cause)
    if sighting is not None:
        alarm = rules.begun(uuid4(), cause, sighting) if alarm is None else rules.went_on(alarm, sighting)
    elif alarm is None:
        return
    else:
        for source in sources:
            alarm = rules.saw_nothing_wrong(alarm, source, at)
    word = rules.word_for(alarm, now, muted)
    if word is not None:
        alarm = rules.told(alarm, word, now)
        alarms.say(connection, word, alarm, now)
    alarms.put(connection, alarm)
