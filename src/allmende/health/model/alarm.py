"""What is wrong with a cloud, or with the view of it, and what is said of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from allmende.health.model.samples import Sample


class Trouble(StrEnum):
    """What can be wrong. Only the first and the last are of the cloud."""

    FAILS = "fails"
    """Steps of a service do not work."""
    BLIND = "blind"
    """A monitor cannot see."""
    SILENT = "silent"
    """Nothing was measured for a while."""
    BUDGET = "budget"
    """A service fails so often that it will miss its objective, though it works in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What an alarm is about: there is one at a time for each. `what` is the service, or where a monitor looks from."""

    cloud: str
    trouble: Trouble
    what: str


class Word(StrEnum):
    """What is said of an alarm."""

    BEGINS = "begins"
    GOES_ON = "goes on"
    ENDS = "ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """That something was wrong at a moment, as a `source` saw it: a scenario from a vantage point."""

    at: datetime
    source: str
    said: str
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is wrong since `began_at`, was seen `times`, last at `seen_at`.

    `sources` are those that saw it, each with how often in a row it saw nothing wrong since. `told_at` is when anybody
    was told last, `reminders` how often it was said to go on. `newest` is the newest sighting, as evidence.
    """

    id: UUID
    cause: Cause
    began_at: datetime
    newest: Sighting
    times: int = 1
    sources: Mapping[str, int] = field(default_factory=dict)
    told_at: datetime | None = None
    reminders: int = 0
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Nobody is told of alarms of a cloud (`service`: of one service; empty for all) from `since` until `until`.

    A maintenance window is a mute that was announced.
    """

    id: UUID
    cloud: str
    service: str
    since: datetime
    until: datetime
    reason: str
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What has to be told of an alarm, as it was at that moment."""

    id: int
    at: datetime
    word: Word
    alarm: Alarm
