"""The rows of alarms, of what has to be told of them, and of mutes."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from allmende.health.model.alarm import Alarm, Cause, Message, Mute, Sighting, Trouble, Word
from allmende.health.store.tables import alarms, messages, mutes

_ALARM = TypeAdapter(Alarm)
_SIGHTING = TypeAdapter(Sighting)
_PLAIN = ("id", "began_at", "times", "sources", "told_at", "reminders", "ended_at")


def open_for(connection: Connection, cause: Cause) -> Alarm | None:
    """Return the alarm about this that has not ended; None when there is none."""
    where = (alarms.c.cloud == cause.cloud, alarms.c.trouble == cause.trouble, alarms.c.what == cause.what)
    query = select(alarms).where(*where, alarms.c.ended_at.is_(None))
    row = connection.execute(query.with_for_update()).mappings().first()
    return None if row is None else _alarm(row)


def begun_since(connection: Connection, cause: Cause, moment: datetime) -> int:
    """Return how many alarms about this began since then."""
    where = (alarms.c.cloud == cause.cloud, alarms.c.trouble == cause.trouble, alarms.c.what == cause.what)
    query = select(func.count()).select_from(alarms).where(*where, alarms.c.began_at >= moment)
    return int(connection.execute(query).scalar_one())


def put(connection: Connection, alarm: Alarm) -> None:
    """Store an alarm in the place of what was known of it."""
    values = {
        **{name: getattr(alarm, name) for name in _PLAIN},
        "sources": dict(alarm.sources),
        "cloud": alarm.cause.cloud,
        "trouble": alarm.cause.trouble,
        "what": alarm.cause.what,
        "newest": _SIGHTING.dump_python(alarm.newest, mode="json"),
    }
    connection.execute(delete(alarms).where(alarms.c.id == alarm.id))
    connection.execute(insert(alarms).values(values))


def everything(connection: Connection, *, cloud: str | None = None, open_only: bool, most: int) -> tuple[Alarm, ...]:
    """Return the newest alarms, newest first."""
    query = select(alarms).order_by(alarms.c.began_at.desc()).limit(most)
    if cloud is not None:
        query = query.where(alarms.c.cloud == cloud)
    if open_only:
        query = query.where(alarms.c.ended_at.is_(None))
    return tuple(map(_alarm, connection.execute(query).mappings()))


def lately(connection: Connection, since: datetime) -> tuple[Alarm, ...]:
    """Return the alarms that did not end before then, the oldest first."""
    query = select(alarms).where(or_(alarms.c.ended_at.is_(None), alarms.c.ended_at >= since))
    return tuple(map(_alarm, connection.execute(query.order_by(alarms.c.began_at)).mappings()))


def say(connection: Connection, word: Word, alarm: Alarm, at: datetime) -> None:
    """Note what has to be told of an alarm, as it is now."""
    row = {"at": at, "word": word, "alarm": _ALARM.dump_python(alarm, mode="json"), "passed_on": False}
    connection.execute(insert(messages).values(row))


def to_pass_on(connection: Connection, most: int) -> tuple[Message, ...]:
    """Return what was not passed on yet to those who are to be told, oldest first."""
    query = select(messages).where(messages.c.passed_on.is_(False)).order_by(messages.c.id).limit(most)
    return tuple(
        Message(id=row["id"], at=row["at"], word=Word(row["word"]), alarm=_ALARM.validate_python(row["alarm"]))
        for row in connection.execute(query).mappings()
    )


def passed_on(connection: Connection, message: int) -> None:
    """Note that a message was passed on."""
    connection.execute(update(messages).where(messages.c.id == message).values(passed_on=True))


def forget(connection: Connection, before: datetime) -> None:
    """Forget what was passed on before then, and alarms and mutes that ended before then."""
    connection.execute(delete(messages).where(messages.c.passed_on, messages.c.at < before))
    connection.execute(delete(alarms).where(alarms.c.ended_at < before))
    connection.execute(delete(mutes).where(mutes.c.until < before))


def mute(connection: Connection, wish: Mute) -> None:
    """Store a mute."""
    connection.execute(insert(mutes).values({column.name: getattr(wish, column.name) for column in mutes.c}))


def end_mute(connection: Connection, id_: UUID, now: datetime) -> bool:
    """Let a mute end now; return whether there was one that had not ended."""
    ended = update(mutes).where(mutes.c.id == id_, mutes.c.until > now).values(until=now)
    return connection.execute(ended).rowcount > 0


def mutes_of(connection: Connection, now: datetime, cloud: str | None = None) -> tuple[Mute, ...]:
    """Return the mutes that have not ended, of every cloud or of one, by their beginnings."""
    query = select(mutes).where(mutes.c.until > now).order_by(mutes.c.since)
    if cloud is not None:
        query = query.where(mutes.c.cloud == cloud)
    return tuple(Mute(**row) for row in connection.execute(query).mappings())


def _alarm(row: RowMapping) -> Alarm:
    return Alarm(
        **{name: row[name] for name in _PLAIN},
        cause=Cause(cloud=row["cloud"], trouble=Trouble(row["trouble"]), what=row["what"]),
        newest=_SIGHTING.validate_python(row["newest"]),
    )
