"""What a standard, a scope and a testcase are (scs-0001, scs-0003-v2, scs-0500).

Values only; reading the data is `standards.load`, judging results is `standards.verdict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum


class Track(StrEnum):
    """Where a document belongs (scs-0001-v1, «Tracks»)."""

    GLOBAL = "Global"
    IAAS = "IaaS"
    KAAS = "KaaS"
    IAM = "IAM"
    OPS = "Ops"
    SCOPES = "Scopes"


class DocumentType(StrEnum):
    """What kind of text a document is (scs-0001-v1)."""

    STANDARD = "Standard"
    DECISION_RECORD = "Decision Record"
    PROCEDURAL = "Procedural"
    SUPPLEMENT = "Supplement"


class Status(StrEnum):
    """Where a document version is in its life (scs-0001-v1)."""

    DRAFT = "Draft"
    STABLE = "Stable"
    DEPRECATED = "Deprecated"


class Validity(StrEnum):
    """What a version of a scope counts for at a date (scs-0003-v2)."""

    DRAFT = "draft"
    EFFECTIVE = "effective"
    WARN = "warn"
    DEPRECATED = "deprecated"


class Target(StrEnum):
    """What a testcase counts for within a version: only `main` decides the verdict."""

    MAIN = "main"
    RECOMMENDED = "recommended"
    PREVIEW = "preview"


class Lifetime(StrEnum):
    """How long a result counts: until the end of the calendar period after the one it is from (scs-0003-v2)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def counts_until(self) -> str:
        """Until when a result counts, as words; `standards.verdict` has it as a rule."""
        if self is Lifetime.YEAR:
            return "the end of the month after the same month of the next year"
        return f"the end of the following {self}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerFace:
    """What a document version was called, was and belonged to before the day `until`; None where it was as today."""

    until: date
    title: str | None = None
    type: DocumentType | None = None
    track: Track | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """One version of a document (`v3`) or one of its supplements (`w1`).

    `published`, `stabilized` and `deprecated` are the days on which it became public, Stable and Deprecated. `listed`
    is the first day on which the public overview surely had it, where that is later than `published`. Title, type and
    track may have been others earlier and are then given by `former`, oldest first. `replaces` and `supplements` hold
    names. `anchor_prefix` is what its page puts before the anchors of its headings.
    """

    id: str
    version: str
    title: str
    type: DocumentType
    track: Track
    published: date
    listed: date | None = None
    stabilized: date | None = None
    deprecated: date | None = None
    replaces: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ()
    url: str = ""
    anchor_prefix: str = ""
    former: tuple[FormerFace, ...] = ()

    @property
    def name(self) -> str:
        """Id and version in one, as other documents refer to it: `scs-0103-v1`."""
        return f"{self.id}-{self.version}"

    def is_public(self, on: date) -> bool:
        """Tell whether the public overview had it on that day."""
        return on >= (self.listed or self.published)

    def status(self, on: date) -> Status:
        """Return the status on that day; Draft where no other had begun, as always for a supplement."""
        if self.deprecated and on >= self.deprecated:
            return Status.DEPRECATED
        return Status.STABLE if self.stabilized and on >= self.stabilized else Status.DRAFT

    def as_of(self, on: date) -> "DocumentVersion":
        """Return this version with the title, type and track it had on that day."""
        title, type_, track = self.title, self.type, self.track
        for face in reversed(self.former):
            if on < face.until:
                title, type_, track = face.title or title, face.type or type_, face.track or track
        return replace(self, title=title, type=type_, track=track)


@dataclass(frozen=True, slots=True, kw_only=True)
class Testcase:
    """The atomic proposition that is judged and reported by its id.

    `title` is the sentence a user reads. `demand` is what the standard demands, `section` where it does so; `remedy`
    tells an operator what to do, with commands. `parameters` are the columns of the row, of near-identical testcases,
    that the check needs: for instance the canonical flavor name. `active` testcases create resources in the cloud,
    `heavy` ones take long. Near-identical testcases have one `family`; empty for a testcase without siblings.
    `attestation` lists what an operator hands in where people judge. `own` tells that the id is Allmende's: the public
    suite has no testcase for it.
    """

    id: str
    title: str
    standard: str
    section: str
    demand: str
    remedy: str
    url: str
    lifetime: Lifetime = Lifetime.WEEK
    automated: bool = True
    active: bool = False
    heavy: bool = False
    own: bool = False
    attestation: tuple[str, ...] = ()
    parameters: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    family: str = ""

    @property
    def runbook(self) -> str:
        """Where its page of the reference is, as a path in the repository; a family has one page."""
        page = f"docs/reference/testcases/{self.family or self.id}.md"
        return f"{page}#{self.id}" if self.family else page


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """What a version of a scope takes from one standard: testcase ids per target."""

    id: str
    name: str
    url: str
    targets: Mapping[Target, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a scope, with its modules in order."""

    name: str
    modules: tuple[Module, ...]
    stabilized: date | None = None

    def testcases(self, *targets: Target) -> tuple[str, ...]:
        """Return the ids under any of `targets` (all targets when none is given), in module order, each once."""
        wanted = targets or tuple(Target)
        return tuple(
            dict.fromkeys(id_ for module in self.modules for target in wanted for id_ in module.targets.get(target, ()))
        )

    def target_of(self, testcase: str) -> Target:
        """Return the target under which this version lists `testcase`; KeyError when it does not."""
        for module in self.modules:
            for target, ids in module.targets.items():
                if testcase in ids:
                    return target
        raise KeyError(testcase)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """From `since` on (until the next entry), the validity of each version that is named; others are deprecated."""

    since: date
    validity: Mapping[str, Validity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A level and layer with their own id and UUID, its versions, and the timeline of their validity.

    `short` is what people may call it (`iaas`); a scope without a short form is called by its id.
    """

    id: str
    uuid: str
    name: str
    level: str
    layer: str
    url: str
    versions: tuple[Version, ...]
    timeline: tuple[TimelineEntry, ...]
    short: str = ""

    @property
    def called(self) -> str:
        """What to write for it in a command."""
        return self.short or self.id

    def version(self, name: str) -> Version:
        """Return the version called `name`; KeyError when there is none."""
        for version in self.versions:
            if version.name == name:
                return version
        raise KeyError(name)

    def known(self, on: date) -> tuple[Version, ...]:
        """Return the versions that the timeline has spoken of by that day, newest first."""
        names = {name for entry in self.timeline if entry.since <= on for name in entry.validity}
        return tuple(version for version in self.versions if version.name in names)

    def named(self, on: date) -> Mapping[str, Validity]:
        """Return the versions that the timeline names on that day, with what they count for."""
        entries = [entry for entry in self.timeline if entry.since <= on]
        return max(entries, key=lambda entry: entry.since).validity if entries else {}

    def validity(self, name: str, on: date) -> Validity:
        """Return what version `name` counts for on that day."""
        return self.named(on).get(name, Validity.DEPRECATED)

    def effective(self, on: date) -> tuple[Version, ...]:
        """Return the versions that are effective (or still tolerated with a warning) on that day, newest first."""
        return tuple(v for v in self.versions if self.validity(v.name, on) in (Validity.EFFECTIVE, Validity.WARN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """The whole catalogue."""

    documents: tuple[DocumentVersion, ...]
    scopes: tuple[Scope, ...]
    testcases: Mapping[str, Testcase]

    def scope(self, name: str) -> Scope:
        """Return the scope with this id, UUID, name or short form (`iaas`); KeyError when there is none."""
        for scope in self.scopes:
            if name.lower() in (scope.id, scope.uuid, scope.name.lower(), scope.called):
                return scope
        raise KeyError(name)
