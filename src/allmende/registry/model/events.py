"""What happened, who wants to be told of it, and how it stands with the messages."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EventKind(StrEnum):
    """What somebody may want to be told of."""

    TESTCASE = "testcase"
    """The result of a testcase that counts has another outcome than before."""
    VERDICT = "verdict"
    """The verdict on a version of a scope changed."""
    ATTESTATION = "attestation"
    """An assessor decided on an attestation."""
    CERTIFICATE = "certificate"
    """A certificate was issued, suspended, resumed or revoked."""
    EXPIRING = "expiring"
    """Results, a certificate or a token are about to end."""
    HEALTH = "health"
    """A cloud does not work, works again, or cannot be seen by its monitor."""
    STATUS = "status"
    """The provider of a cloud tells of an incident or maintenance, or has not learnt from one yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: of a subject, in one sentence, with the page that has more; `id` grows with each.

    `account` is set where it concerns one account only, as a token does. `key` is the same for events that say the same
    again, so that they are told of once. `alarm` is what an event of a cloud's health is about.
    """

    id: int = 0
    at: datetime
    kind: EventKind
    subject: str | None
    account: str | None = None
    said: str
    page: str
    key: str = ""
    alarm: "AlarmNote | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmNote:
    """An alarm in the words of those who are told: what it is about, since when, and what was seen.

    `seen` are lines of evidence, with request ids where there are some. `runbook` is the address of what to do, below
    the registry's own.
    """

    id: UUID
    about: str
    trouble: str
    service: str
    began_at: datetime
    ended_at: datetime | None
    times: int
    seen: tuple[str, ...]
    runbook: str


class Channel(StrEnum):
    """How somebody is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    MATRIX = "matrix"
    """A room of Matrix; alarms and all else."""
    ALERTMANAGER = "alertmanager"
    """An Alertmanager of Prometheus; alarms only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An account wants to be told of events of its subjects (`subject`: of one of them), of these kinds.

    `position` is the id of the last event that was looked at for it. `secret` signs what a webhook gets, or is the
    access token for a room of Matrix.
    """

    id: UUID
    account: str
    channel: Channel
    address: str
    secret: str = field(repr=False)
    kinds: frozenset[EventKind]
    subject: str | None
    made_at: datetime
    position: int
    ended_at: datetime | None = None


class DeliveryState(StrEnum):
    """How it stands with a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message of one or more events to one subscription; `error` is what the last attempt ended with."""

    id: int
    subscription: UUID
    events: tuple[int, ...]
    state: DeliveryState
    attempts: int
    next_at: datetime
    error: str = ""
