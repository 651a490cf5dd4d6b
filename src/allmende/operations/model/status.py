"""Components, incidents, updates, impacts, phases and severities, as in the SCS status-page document (version 1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

_AS_WRITTEN = ConfigDict(extra="forbid")
"""People type these by hand: a name that is misspelt is refused."""


class Automatic(StrEnum):
    """What becomes of an alarm of the health monitor on the status page."""

    OFF = "off"
    DRAFT = "draft"
    """An incident that the operator sees, and publishes or deletes."""
    PUBLISHED = "published"
    """An incident that everybody sees at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """The status page of a cloud."""

    cloud: str
    automatic: Automatic
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of a cloud that users know. The label `service` names what is measured of it, as in the catalog."""

    id: UUID
    cloud: str
    name: str
    labels: Mapping[str, str]

    @property
    def service(self) -> str:
        """The service that it is; empty when nothing is measured of it."""
        return self.labels.get("service", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactType:
    """In which way components can be affected."""

    id: UUID
    cloud: str
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """A name for how bad it is: of impacts with up to `value` (0 to 100), and more than the next smaller one."""

    name: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The names of the phases of an incident, in order; the last says that it is over. Each list is a generation."""

    generation: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseReference:
    """A phase: the one at the place `order` (the first is 0) of a generation."""

    generation: int
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """That a component is affected, in which way, and how badly: a severity (0 to 100), and its name as it was said."""

    type: UUID
    component: UUID
    severity: int
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What was said of an incident; `order` is from 0. It is of `created_at`; `said_at` is of our clock."""

    order: int
    name: str
    description: str
    created_at: datetime
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody does until a day so that it does not happen again."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    what: str
    owner: str
    due: date
    done: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What happened at a moment of an incident, with what shows it: a request id, an address, a figure."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    at: datetime
    what: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMortem:
    """What was learnt of an incident."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    summary: str
    impact: str
    timeline: tuple[Moment, ...]
    causes: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What everybody could read of an incident from `said_at`, which is our clock's, until the next statement."""

    said_at: datetime
    name: str
    description: str
    affects: tuple[Impact, ...]
    began_at: datetime
    ended_at: datetime | None
    phase: PhaseReference | None
    post_mortem: PostMortem | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that affects components from `began_at` until `ended_at`; in the future, it is announced.

    It is a draft until `published_at`, which is our clock's. `measured_from` is since when an `alarm` was seen.
    What was published is not forgotten: at most it is withdrawn. `statements` are all that was ever public, in order.
    """

    id: UUID
    cloud: str
    name: str
    description: str
    affects: tuple[Impact, ...]
    began_at: datetime
    ended_at: datetime | None = None
    phase: PhaseReference | None = None
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    alarm: UUID | None = None
    measured_from: datetime | None = None
    post_mortem: PostMortem | None = None
    updates: tuple[Update, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.published_at is not None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """That an alarm about a service began, or ended, with what was seen."""

    alarm: UUID
    cloud: str
    service: str
    began_at: datetime
    ended_at: datetime | None
    said: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How often a service was tried on a day, and how often it failed."""

    tried: int
    failed: int
