"""What an ordinary project member can observe of an OpenStack cloud.

A check asks for facts by the type of its parameters: each `Fact` is one thing that `collect` fetches once per run.
Sizes carry their unit in the name. Text values are what the API said, unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from allmende.facts.fact import Fact

SAME_GROUP = "PARENT"
"""The Network API's word, in a template rule, for the group that the rule is put into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A flavor with its extra specs (Compute API, `GET /flavors/detail`)."""

    id: str
    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    extra_specs: Mapping[str, str] = field(default_factory=dict)
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image with its properties (Image API, `GET /v2/images`).

    `properties` holds every extra property as text, `hw_*`, `os_*` and `architecture` among them. `size_bytes` is None
    until data is uploaded, `virtual_size_bytes` (of the disk inside) also where the cloud does not know it.
    """

    id: str
    name: str
    status: str
    visibility: str
    is_hidden: bool
    size_bytes: int | None
    min_disk_gib: int
    min_ram_mib: int
    created_at: datetime
    hash_algo: str | None = None
    disk_format: str = ""
    virtual_size_bytes: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeType:
    """A volume type (Block Storage API, `GET /types`)."""

    id: str
    name: str
    description: str = ""
    extra_specs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupRule:
    """One rule of the template for new security groups (Network API, `GET /v2.0/default-security-group-rules`).

    `remote_group` is `SAME_GROUP` where the rule refers to the group that it is put into. None means «any».
    `id` is empty where it is not known; rules are equal that do the same.
    """

    direction: str
    ethertype: str
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group: str | None = None
    used_in_default_group: bool = True
    used_in_other_groups: bool = True
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A service of the catalog in the token, with its public endpoint's address in the region of the subject."""

    type: str
    name: str
    public_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavors(Fact):
    """Every flavor the member can see."""

    items: tuple[Flavor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Images(Fact):
    """Every image with visibility `public` or `community`, hidden ones included."""

    items: tuple[Image, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeTypes(Fact):
    """Every volume type the member can see."""

    items: tuple[VolumeType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultSecurityGroupRules(Fact):
    """The rules that new security groups get.

    `from_template` is False where the cloud lacks the template API and the rules were read from the project's existing
    groups instead;
    what is used only in the default or only in other groups is then as seen there.
    """

    items: tuple[SecurityGroupRule, ...]
    from_template: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog(Fact):
    """The service catalog."""

    items: tuple[CatalogEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Probe(Fact):
    """What the object store answered to an unsigned-in S3 request (`GET /` with an invented access key).

    `error_code` is the `Code` of the S3 error document (`InvalidAccessKeyId`), or empty where the answer was no such
    document.
    """

    url: str
    http_status: int
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Fact):
    """Who we are in the cloud: the roles and the project in the token, or the domain where it is for one."""

    user: str
    project: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Fact):
    """When the cloud was observed, in UTC; what «recent» and «in the future» refer to."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom(Fact):
    """What is free of the project's quota, by service and resource (`block-storage.volumes`); unlimited ones absent.

    Memory is in MiB (`compute.ram_mib`), volumes in GiB (`block-storage.gigabytes`).
    """

    free: Mapping[str, int]
