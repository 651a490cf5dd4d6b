"""What is to be done for one cloud, as values: files to write, steps to take, units to supervise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from allmende.refcloud.model.blueprint import Layer, Phase, Ready


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """A file with its final bytes; `secret` ones are only for their owner, `program`s can be run."""

    path: Path
    text: str
    program: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand:
    """Run a program to its end; it is repeated only when its digest or its phase says so."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    environment_file: Path | None
    phase: Phase
    digest: str
    creates: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUnit:
    """Start a supervised process and wait until it is ready."""

    unit: str
    ready: Ready | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDatabaseFiles:
    """Unpack the template of the databases where there is one; else make an empty database server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTemplate:
    """Pack the migrated databases as template for the next cloud, unless they came from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Make service users, roles and catalogue entries what the plan says."""

    digest: str


Action = RunCommand | StartUnit | MakeDatabaseFiles | KeepTemplate | Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do once everything in `after` is done."""

    name: str
    action: Action
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUnit:
    """A process as the supervisor shall run it."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    layer: Layer
    stop_seconds: int
    port: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEndpoint:
    """An entry of the service catalogue with its final address."""

    service: str
    type: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUser:
    """A user in the project `service`, with the roles `admin` and `service`."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What keystone shall know about the other services."""

    region: str
    roles: tuple[str, ...]
    users: tuple[ServiceUser, ...]
    endpoints: tuple[CatalogEndpoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything to do, in no order but that of `Step.after`.

    `digest` changes when anything does; `template_key` only with what decides the content of migrated databases.
    """

    files: tuple[RenderedFile, ...]
    directories: tuple[Path, ...]
    units: tuple[PlannedUnit, ...]
    steps: tuple[Step, ...]
    catalogue: Catalogue
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    template_key: str
    digest: str
