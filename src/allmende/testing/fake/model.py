"""What the fake cloud knows: its state, calls that come in and replies that go out, resources and their kinds."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule, VolumeType
from allmende.testing.fake.provision import Provision

PROJECT = "4fd44f30292945e481c7b8a0c8908869"
OPERATOR = "operator"
USER = "ee4dfb6e5540447cb3741905149d9b6e"
PATHS: Mapping[str, str] = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "image": "/image",
    "network": "/network",
    "block-storage": f"/volume/v3/{PROJECT}",
    "object-store": f"/swift/v1/AUTH_{PROJECT}",
    "key-manager": "/key-manager",
    "load-balancer": "/load-balancer",
    "placement": "/placement",
    "orchestration": f"/heat/v1/{PROJECT}",
    "dns": "/dns",
}
NAMES: Mapping[str, str] = {
    "identity": "keystone",
    "compute": "nova",
    "image": "glance",
    "network": "neutron",
    "block-storage": "cinder",
    "object-store": "swift",
    "key-manager": "barbican",
    "load-balancer": "octavia",
    "placement": "placement",
    "orchestration": "heat",
    "dns": "designate",
}
LIMITS: Mapping[str, int] = {
    "server": 10, "cores": 20, "ram": 51200, "keypair": 100, "server_group": 10,
    "volume": 10, "gigabytes": 1000, "snapshot": 10, "backup": 10, "backup_gigabytes": 1000,
    "network": 100, "subnet": 100, "port": 500, "router": 10, "floatingip": 50, "security_group": 10,
    "security_group_rule": 100,
    "loadbalancer": -1, "listener": -1, "pool": -1, "member": -1, "healthmonitor": -1, "stack": 512,
}  # fmt: skip
GONE = "(gone)"
"""What a resource becomes that is being deleted."""


Fields = dict[str, Any]


class Tie(Enum):
    """What a reference means when the resource that it points to is to be deleted."""

    HOLDS = auto()
    """It cannot be deleted."""
    FOLLOWS = auto()
    """The one that refers goes with it."""
    LETS_GO = auto()
    """The reference is emptied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`field` of a kind holds the id of a resource of `kind`, plainly or somewhere inside."""

    field: str
    kind: str
    tie: Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource: where it is found, what it looks like, how it comes and goes.

    `path` is its collection, relative to the service. `key` wraps one in answers and requests, `plural` many. `build`
    returns the fields of a new one, and refuses what the service refuses; `present` adds what follows from others.
    An empty `passing` or `leaving` means «at once». `absent` and `busy` are the service's words, with its type for
    neutron; `over` are its words when the quota is used up. `in_short` is what the list without details shows,
    `in_reply` what the answer to a creation shows of it (empty: everything), `unseen` what only the fake itself needs.
    """

    name: str
    service: str
    path: str
    plural: str
    build: "Callable[[State, Call, Fields], Fields]"
    key: str | None = None
    status_field: str = "status"
    passing: str = ""
    final: str = ""
    failed: str = "error"
    leaving: str = ""
    failed_leaving: str = ""
    created: int = 201
    deleted: int = 204
    refers: tuple[Reference, ...] = ()
    absent: tuple[str, str] = ("", "The resource could not be found.")
    busy: tuple[int, str, str] = (409, "", "{id} is in use.")
    deletable: frozenset[str] = frozenset()
    over: tuple[int, str, str] = (403, "", "Quota exceeded.")
    present: "Callable[[State, Call, Resource], Fields] | None" = None
    in_short: tuple[str, ...] = ()
    in_reply: tuple[str, ...] = ()
    unseen: frozenset[str] = frozenset()
    bare_request: bool = False
    names_are_patterns: bool = False
    made: "Callable[[State, Call, Resource], None] | None" = None
    before_delete: "Callable[[State, Call, Resource], None] | None" = None
    settled: "Callable[[State, Resource], None] | None" = None
    gone: "Callable[[State, Resource], None] | None" = None
    identified_by: str = "id"

    @property
    def wrapper(self) -> str:
        """The key around one resource in a document; empty for services that use none."""
        return self.name if self.key is None else self.key


@dataclass(slots=True, kw_only=True)
class Resource:
    """Something that a member created. `fields` is what the API shows of it, but for the status.

    With `then`, the status is a passing one: after it was seen `looks` times more, the resource becomes that.
    """

    kind: Kind
    id: str
    fields: Fields
    status: str = ""
    then: str | None = None
    looks: int = 0
    content: bytes = b""
    secret: dict[str, Any] = field(default_factory=dict)
    furniture: bool = False

    @property
    def is_leaving(self) -> bool:
        """Whether it will be gone in a moment."""
        return self.then == GONE and self.looks >= 0

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind.name, str(self.fields.get("name") or self.id), self.status) if part)


@dataclass(slots=True)
class Resources:
    """Everything that members created, by kind and id, in the order of creation."""

    rows: dict[tuple[str, str], Resource] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Resource]:
        return iter(tuple(self.rows.values()))

    def add(self, resource: Resource) -> Resource:
        """Keep a new resource and return it."""
        self.rows[resource.kind.name, resource.id] = resource
        return resource

    def find(self, kind: str, identifier: object) -> Resource | None:
        """Return the resource of this kind with this id, if it is there."""
        return self.rows.get((kind, str(identifier)))

    def of(self, kind: str, **fields: object) -> list[Resource]:
        """Return the resources of a kind that show these fields."""
        return [
            row
            for row in self
            if row.kind.name == kind and all(row.fields.get(name) == value for name, value in fields.items())
        ]

    def discard(self, resource: Resource) -> None:
        """Forget a resource."""
        self.rows.pop((resource.kind.name, resource.id), None)


@dataclass(kw_only=True)
class State:
    """Everything the fake cloud holds. Tests change it at any time.

    `default_rules` None means «no such API»; `altered` is what a proxy or a plugin makes of answers, by path.
    `unlisted` names kinds whose resources no list shows.
    `readers_write` names services that let a mere reader change things, as a real cinder with its old policies does.
    `polls` is how often a passing status is seen; `stuck` and `wrong` name kinds (or `restore`, `upload`,
    `delete volume`) that never leave it, or end in the error whose words are given. `console` returns what a server
    prints, from its user data.
    """

    flavors: list[Flavor] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    volume_types: list[VolumeType] = field(default_factory=list)
    default_rules: list[SecurityGroupRule] | None = field(default_factory=list)
    groups: dict[str, list[SecurityGroupRule]] = field(default_factory=dict)
    services: set[str] = field(default_factory=lambda: set(PATHS))
    region: str = "RegionOne"
    other_regions: tuple[str, ...] = ()
    user: str = "alice"
    password: str = "canary-password-never-to-be-printed"  # noqa: S105 -- of a fake cloud on the loopback interface
    operator_password: str = "canary-operator-password-never-to-be-printed"  # noqa: S105 -- likewise
    credential_id: str = "21dced0fd20347869b93710d2b98aae0"
    credential_secret: str = "canary-secret-never-to-be-printed"  # noqa: S105 -- likewise
    credential_expired: bool = False
    roles: tuple[str, ...] = ("member", "reader")
    tokens: set[str] = field(default_factory=set)
    token_documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    token_lifetime: timedelta = timedelta(hours=1)
    revocation_works: bool = True
    unlisted: set[str] = field(default_factory=set)
    readers_write: set[str] = field(default_factory=set)
    deleted_stacks: dict[str, Fields] = field(default_factory=dict)
    shows_extra_specs: bool = True
    page_size: int = 1000
    pages_never_end: bool = False
    s3_error: str | None = "InvalidAccessKeyId"
    altered: dict[str, bytes] = field(default_factory=dict)
    serial: "count[int]" = field(default_factory=lambda: count(1))
    resources: Resources = field(default_factory=Resources)
    provision: Provision = field(default_factory=Provision)
    quota: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    image_data: dict[str, bytes] = field(default_factory=dict)
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    polls: int = 1
    stuck: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)
    restores_garbage: bool = False
    console: Callable[[str], str] = field(default=lambda _user_data: "")

    def new_id(self) -> str:
        """Return an id that nothing else has, the same in every run of a test."""
        return str(uuid5(NAMESPACE_URL, f"fake-openstack-{next(self.serial)}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    now: datetime

    def under(self, key: str) -> dict[str, Any]:
        """Return the object `key` of the body, or the whole body for an empty key; 400 for anything else."""
        try:
            document = json.loads(self.body)
            given = document[key] if key else document
        except (ValueError, KeyError, TypeError):
            given = None
        if not isinstance(given, dict):
            raise RefusedError(400, f"Invalid input: {key or 'an object'} is a required property")
        return given

    def microversion(self) -> tuple[int, int]:
        """Return the version of the Compute API that was asked for."""
        said = self.headers.get("openstack-api-version") or self.headers.get("x-openstack-nova-api-version") or "2.1"
        major, _, minor = said.rpartition(" ")[2].partition(".")
        return int(major), int(minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A call that a service refuses, in its own words; `type` is the word of neutron's for it."""

    def __init__(self, status: int, message: str, type: str = "") -> None:  # noqa: A002 -- neutron's word
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An answer that is none of create, list, show, change and delete. `path` is relative to the service."""

    service: str
    method: str
    path: str
    run: Callable[..., Reply]


def json_reply(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON document as a reply."""
    return Reply(status=status, body=json.dumps(document).encode(), headers=headers or {})


def seconds(at: datetime) -> str:
    """Return a time as most services show it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micros(at: datetime) -> str:
    """Return a time as block storage shows it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000")


def chosen(given: Mapping[str, Any], names: Iterable[str]) -> Fields:
    """Return those of the given fields that have these names."""
    return {name: given[name] for name in names if name in given}
