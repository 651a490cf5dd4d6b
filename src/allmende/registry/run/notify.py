"""Tell subscribers what happened: events become messages, messages are delivered, and tried again where that fails.

Events are stored with what they tell of, so none is lost. `pump` does what is due; the serving process calls it every
few seconds, and with several of them on one database each message is taken by one. A message may arrive twice when a
process is killed between its delivery and noting that; its id stays the same.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from allmende.errors import UnknownNameError, UsageError
from allmende.registry.apply import alertmanager, mail, matrix, webhook
from allmende.registry.apply.mail import MailServer
from allmende.registry.apply.undelivered import UndeliveredError
from allmende.registry.model.assessment import Standing
from allmende.registry.model.events import Channel, Delivery, DeliveryState, Event, EventKind, Subscription
from allmende.registry.model.record import CurrentResult
from allmende.registry.rules import notifications
from allmende.registry.rules.certificates import standing
from allmende.registry.run.administer import known_account
from allmende.registry.run.registry import Registry
from allmende.registry.store import accounts, certificates, events, reports, subjects, tokens

MOST_EVENTS = 1000
MOST_DELIVERIES = 20
TRYING = timedelta(minutes=2)
SECRET_BYTES = 32
SHOWN = 20
_HELD = (Standing.ACTIVE, Standing.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How messages leave: the registry's own address for links, the mail server, and where webhooks may lead."""

    origin: str = ""
    mail: MailServer | None = None
    private_allowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What somebody wants to be told of, and where."""

    channel: Channel
    address: str
    kinds: frozenset[EventKind] = frozenset(EventKind)
    subject: str | None = None
    token: str = field(default="", repr=False)
    """For a room of Matrix: the access token."""


def happened(registry: Registry, event: Event) -> None:
    """Note something that another part of Allmende saw, once by its key; of a subject that there is not, nothing."""
    with registry.database.writing() as connection:
        if event.subject is None or subjects.find(connection, event.subject) is not None:
            events.add(connection, [event])


def subscribe(
    registry: Registry, account: str, interest: Interest, id_: UUID, randomness: bytes, now: datetime
) -> Subscription:
    """Let an account be told from now on; the secret that signs what a webhook gets is made of random bytes.

    UnknownNameError for an account or subject that is none, UsageError for an address that cannot be one.
    """
    _checked(interest)
    with registry.database.writing() as connection:
        found = known_account(connection, account)
        if interest.subject is not None and interest.subject not in found.subjects:
            raise UsageError(
                f"The account {account} does not report for {interest.subject}.",
                hint="It is told of its own subjects: leave --subject out, or grant it that one.",
            )
        subscription = Subscription(
            id=id_,
            account=account,
            channel=interest.channel,
            address=interest.address,
            secret=interest.token or b64encode(randomness).decode(),
            kinds=interest.kinds,
            subject=interest.subject,
            made_at=now,
            position=events.last(connection),
        )
        events.subscribe(connection, subscription)
    return subscription


def unsubscribe(registry: Registry, account: str, id_: UUID, now: datetime) -> None:
    """Let a subscription of the account end; UnknownNameError when it has no such one."""
    with registry.database.writing() as connection:
        if not events.end(connection, account, id_, now):
            raise UnknownNameError(
                f"The account {account} has no subscription {id_}.", hint="See: allmende registry subscription list"
            )


def subscriptions(registry: Registry, account: str) -> tuple[tuple[Subscription, tuple[Delivery, ...]], ...]:
    """Return the subscriptions of an account, each with its newest messages."""
    with registry.database.reading() as connection:
        known_account(connection, account)
        found = events.of_account(connection, account)
        return tuple((each, events.deliveries_of(connection, each.id, SHOWN)) for each in found)


def look_ahead(registry: Registry, now: datetime) -> None:
    """Note what is about to end: results, certificates, tokens."""
    with registry.database.writing() as connection:
        results: dict[str, list[CurrentResult]] = {}
        for (subject, _), of_scope in reports.current(connection).items():
            results.setdefault(subject, []).extend(of_scope)
        held = [each for each in certificates.everything(connection) if standing(each, now) in _HELD]
        made = [token for each in accounts.everyone(connection) for token in tokens.of_account(connection, each.name)]
        ahead = (
            *(notifications.of_ending_results(name, each, registry.standards, now) for name, each in results.items()),
            *(notifications.of_ending_certificate(each, now) for each in held),
            *(notifications.of_ending_token(each, now) for each in made),
        )
        events.add(connection, [event for event in ahead if event is not None])


def pump(registry: Registry, doors: Doors, clock: Callable[[], datetime]) -> int:
    """Turn what happened into messages and deliver those that are due; return how many were tried."""
    _queue(registry, clock())
    tried = 0
    while tried < MOST_DELIVERIES and _deliver_one(registry, doors, clock()):
        tried += 1
    return tried


def _queue(registry: Registry, now: datetime) -> None:
    with registry.database.reading() as connection:
        if not events.behind_any(connection):
            return
    with registry.database.writing() as connection:
        for subscription in events.behind(connection):
            account = accounts.find(connection, subscription.account)
            happened = events.since(connection, subscription.position, MOST_EVENTS)
            if account is None or not happened:
                continue
            told = [event.id for event in happened if notifications.concerns(event, subscription, account)]
            if told:
                events.queue(connection, subscription.id, told, now)
            events.advance(connection, subscription.id, happened[-1].id)


def _deliver_one(registry: Registry, doors: Doors, now: datetime) -> bool:
    """Try one message that is due; return whether there was one."""
    with registry.database.reading() as connection:
        if not events.is_due(connection, now):
            return False
    with registry.database.writing() as connection:
        delivery = events.take_due(connection, now, now + TRYING)
        if delivery is None:
            return False
        subscription = events.find(connection, delivery.subscription)
        told = events.called(connection, delivery.events)
    error = "It was ended."
    if subscription is not None and subscription.ended_at is None:
        error = _tried(subscription, delivery, told, doors, now)
    with registry.database.writing() as connection:
        events.settle(connection, _settled(delivery, error, now))
    return True


def _tried(subscription: Subscription, delivery: Delivery, told: Iterable[Event], doors: Doors, now: datetime) -> str:
    """Return what went wrong; an empty text when the message was taken."""
    said = tuple(told)
    id_ = f"{subscription.id}-{delivery.id}"
    address, secret, private = subscription.address, subscription.secret, doors.private_allowed
    try:
        if subscription.channel is Channel.WEBHOOK:
            body = notifications.document(said, doors.origin)
            webhook.post(address, secret, id_, body, now, private_allowed=private)
        elif subscription.channel is Channel.MATRIX:
            matrix.say(address, secret, id_, notifications.text(said, doors.origin), private_allowed=private)
        elif subscription.channel is Channel.ALERTMANAGER:
            alertmanager.post(address, notifications.alerts(said, doors.origin), private_allowed=private)
        elif doors.mail is None:
            return "This registry has no mail server (ALLMENDE_SMTP)."
        else:
            about = notifications.subject_line(said)
            mail.send(doors.mail, address, about, notifications.text(said, doors.origin), id_)
    except UndeliveredError as error:
        return str(error)
    return ""


def _settled(delivery: Delivery, error: str, now: datetime) -> Delivery:
    if not error:
        return replace(delivery, state=DeliveryState.DELIVERED, error="")
    again = notifications.next_attempt(delivery.attempts, now)
    if again is None:
        return replace(delivery, state=DeliveryState.GIVEN_UP, error=error)
    return replace(delivery, next_at=again, error=error)


def _checked(interest: Interest) -> None:
    parts = urlsplit(interest.address)
    is_web = parts.scheme in ("https", "http") and parts.hostname and not (parts.username or parts.fragment)
    if interest.channel in (Channel.WEBHOOK, Channel.ALERTMANAGER) and not is_web:
        raise UsageError(
            f"{interest.address!r} is no address of a webhook or an Alertmanager.",
            hint="It begins with https:// and holds no password.",
        )
    if interest.channel is Channel.ALERTMANAGER and interest.kinds != {EventKind.HEALTH}:
        raise UsageError("An Alertmanager takes alarms only.", hint="Choose the kind «health», and no other.")
    if interest.channel is Channel.MATRIX and not (is_web and parts.path.startswith("/!") and interest.token):
        raise UsageError(
            f"{interest.address!r} is no room of Matrix, or its access token is missing.",
            hint="Like this: https://matrix.example.org/!room:example.org",
        )
    name, at, host = interest.address.rpartition("@")
    if interest.channel is Channel.MAIL and not (
        name and at and "." in host and interest.address.isprintable() and " " not in interest.address
    ):
        raise UsageError(f"{interest.address!r} is no e-mail address.", hint="Like this: name@example.org")
