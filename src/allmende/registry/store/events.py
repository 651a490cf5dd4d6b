"""The rows of events, subscriptions and deliveries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from allmende.registry.model.events import AlarmNote, Channel, Delivery, DeliveryState, Event, EventKind, Subscription
from allmende.registry.store.tables import deliveries, events, subscriptions

_ALARM = TypeAdapter(AlarmNote)


def add(connection: Connection, happened: Iterable[Event]) -> None:
    """Store events; one whose key was stored before is left out."""
    for event in happened:
        if event.key and connection.execute(select(events.c.id).where(events.c.key == event.key).limit(1)).first():
            continue
        connection.execute(
            insert(events).values(
                at=event.at,
                kind=event.kind,
                subject=event.subject,
                account=event.account,
                said=event.said,
                page=event.page,
                key=event.key,
                more=None if event.alarm is None else _ALARM.dump_python(event.alarm, mode="json"),
            )
        )


def since(connection: Connection, position: int, limit: int) -> tuple[Event, ...]:
    """Return at most `limit` events after this position, oldest first."""
    query = select(events).where(events.c.id > position).order_by(events.c.id).limit(limit)
    return tuple(map(_event, connection.execute(query).mappings()))


def newest(connection: Connection, limit: int, subject: str | None = None) -> tuple[Event, ...]:
    """Return what happened last, of one subject or of all, newest first; not what is about to end, nor alarms."""
    where = (events.c.account.is_(None), events.c.kind.not_in((EventKind.EXPIRING, EventKind.HEALTH, EventKind.STATUS)))
    query = select(events).where(*where).order_by(events.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(events.c.subject == subject)
    return tuple(map(_event, connection.execute(query).mappings()))


def called(connection: Connection, ids: Sequence[int]) -> tuple[Event, ...]:
    """Return these events, oldest first."""
    query = select(events).where(events.c.id.in_(ids)).order_by(events.c.id)
    return tuple(map(_event, connection.execute(query).mappings()))


def last(connection: Connection) -> int:
    """Return the position after the newest event."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def subscribe(connection: Connection, subscription: Subscription) -> None:
    """Store a subscription."""
    row = {column.name: getattr(subscription, column.name) for column in subscriptions.c}
    connection.execute(insert(subscriptions).values({**row, "kinds": sorted(subscription.kinds)}))


def end(connection: Connection, account: str, id_: UUID, now: datetime) -> bool:
    """Let a subscription of an account end; return whether there was one that had not ended."""
    where = (subscriptions.c.id == id_, subscriptions.c.account == account, subscriptions.c.ended_at.is_(None))
    return connection.execute(update(subscriptions).where(*where).values(ended_at=now)).rowcount > 0


def of_account(connection: Connection, account: str) -> tuple[Subscription, ...]:
    """Return the subscriptions of an account that have not ended, oldest first."""
    query = select(subscriptions).where(subscriptions.c.account == account, subscriptions.c.ended_at.is_(None))
    return tuple(map(_subscription, connection.execute(query.order_by(subscriptions.c.made_at)).mappings()))


def find(connection: Connection, id_: UUID) -> Subscription | None:
    """Return the subscription with this id; None when there is none."""
    row = connection.execute(select(subscriptions).where(subscriptions.c.id == id_)).mappings().one_or_none()
    return None if row is None else _subscription(row)


def behind(connection: Connection) -> tuple[Subscription, ...]:
    """Return the subscriptions for which there are events to look at, and keep others from doing the same."""
    query = select(subscriptions).where(
        subscriptions.c.ended_at.is_(None), subscriptions.c.position < select(func.max(events.c.id)).scalar_subquery()
    )
    return tuple(map(_subscription, connection.execute(query.with_for_update(skip_locked=True)).mappings()))


def behind_any(connection: Connection) -> bool:
    """Tell whether there are events that were not looked at for a subscription."""
    newest_event = select(func.max(events.c.id)).scalar_subquery()
    query = select(subscriptions.c.id).where(
        subscriptions.c.ended_at.is_(None), subscriptions.c.position < newest_event
    )
    return connection.execute(query.limit(1)).first() is not None


def is_due(connection: Connection, now: datetime) -> bool:
    """Tell whether the time of a message has come."""
    where = (deliveries.c.state == DeliveryState.WAITING, deliveries.c.next_at <= now)
    return connection.execute(select(deliveries.c.id).where(*where).limit(1)).first() is not None


def advance(connection: Connection, subscription: UUID, position: int) -> None:
    """Note up to where events were looked at for a subscription."""
    connection.execute(update(subscriptions).where(subscriptions.c.id == subscription).values(position=position))


def queue(connection: Connection, subscription: UUID, told: Sequence[int], now: datetime) -> None:
    """Let a message of these events wait for its delivery."""
    values = {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now, "error": ""}
    connection.execute(insert(deliveries).values(subscription=subscription, events=list(told), **values))


def take_due(connection: Connection, now: datetime, until: datetime) -> Delivery | None:
    """Return a message whose time has come, and let nobody else try it before `until`; None when there is none."""
    query = (
        select(deliveries)
        .where(deliveries.c.state == DeliveryState.WAITING, deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    attempts = row["attempts"] + 1
    connection.execute(update(deliveries).where(deliveries.c.id == row["id"]).values(next_at=until, attempts=attempts))
    return _delivery({**row, "attempts": attempts, "next_at": until})


def settle(connection: Connection, delivery: Delivery) -> None:
    """Store how it stands with a message."""
    values = {"state": delivery.state, "next_at": delivery.next_at, "error": delivery.error}
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**values))


def deliveries_of(connection: Connection, subscription: UUID, limit: int) -> tuple[Delivery, ...]:
    """Return the newest messages to a subscription, newest first."""
    query = select(deliveries).where(deliveries.c.subscription == subscription).order_by(deliveries.c.id.desc())
    return tuple(_delivery(row) for row in connection.execute(query.limit(limit)).mappings())


def _event(row: RowMapping) -> Event:
    values = {name: value for name, value in row.items() if name != "more"}
    alarm = None if row["more"] is None else _ALARM.validate_python(row["more"])
    return Event(**{**values, "kind": EventKind(row["kind"]), "alarm": alarm})


def _subscription(row: RowMapping) -> Subscription:
    kinds = frozenset(map(EventKind, row["kinds"]))
    return Subscription(**{**row, "channel": Channel(row["channel"]), "kinds": kinds})


def _delivery(row: RowMapping | dict[str, object]) -> Delivery:
    values = {**row}
    return Delivery(**{**values, "events": tuple(values["events"]), "state": DeliveryState(str(values["state"]))})
