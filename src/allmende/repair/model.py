"""What a repair is made of: failing testcases, changes with what is and what will be, open points. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from allmende.checks.catalog import Check
from allmende.facts.fact import Fact
from allmende.outcome import Finding, Unavailable

Facts = Mapping[type[Fact], Fact | Unavailable]


class Kind(StrEnum):
    """What can be changed through an API."""

    FLAVOR = "flavor"
    IMAGE = "image"
    VOLUME_TYPE = "volume type"
    RULE = "default security group rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A testcase that was judged and failed."""

    check: Check
    finding: Finding

    @property
    def id(self) -> str:
        """The testcase's id."""
        return self.check.testcase.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is changed; `id` is empty for what does not exist yet."""

    kind: Kind
    id: str
    name: str

    @property
    def is_new(self) -> bool:
        """Whether it is to be created."""
        return not self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One value: what is and what will be; None stands for «not there».

    `because` says where the new value is known from. `overwrites` tells whether something is lost that somebody set.
    """

    key: str
    before: str | None
    after: str | None
    because: str = ""
    overwrites: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of an OpenStack API; `{id}` in `path` is the id that the request before it made."""

    service: str
    method: str
    path: str
    body: object | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that is changed of one thing, as a diff, as requests, and as commands of OpenStack's own client.

    `undo` takes it back; with `ID` for the id of what is created where there is no name for it.
    """

    thing: Thing
    edits: tuple[Edit, ...]
    testcases: tuple[str, ...]
    requests: tuple[Request, ...]
    commands: tuple[str, ...]
    undo: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def overwrites(self) -> bool:
        """Whether something is lost that somebody set."""
        return any(edit.overwrites for edit in self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What no change of the plan settles: why, which words on the command line would, and the steps for a person."""

    testcase: str
    says: str
    asks: tuple[str, ...] = ()
    steps: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyWish:
    """A value that a person knows: of `key`, for images of this id or of a name that matches this pattern."""

    image: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A person's word that volumes of a type (by name or id) have an aspect of scs-0114."""

    type: str
    aspect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person allows and knows. `disk_type` is what root disks are made of, in the words of scs-0103."""

    overwrite: bool = False
    properties: tuple[PropertyWish, ...] = ()
    claims: tuple[Claim, ...] = ()
    disk_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be changed, what is left alone because it would overwrite something, and what stays open.

    `foreseen` are the testcases that pass once all `changes` are made, as far as their facts tell.
    """

    changes: tuple[Change, ...] = ()
    left_alone: tuple[Change, ...] = ()
    open: tuple[Open, ...] = ()
    foreseen: frozenset[str] = field(default_factory=frozenset)


class Fate(StrEnum):
    """What became of a planned change."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What became of one change; `made` is the id of what was created, `words` say why it was not (wholly) done."""

    change: Change
    fate: Fate
    words: str = ""
    made: str = ""
