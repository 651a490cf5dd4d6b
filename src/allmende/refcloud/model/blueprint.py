"""What a blueprint says: the services of a cloud as data, before ports, secrets and paths are known.

Texts hold placeholders such as `{port.keystone}`, `{secret.rabbitmq}`, `{path.state}` and `{cloud.host}`;
`rules.render` fills them in. One YAML file of `data/blueprint` is one `Service`.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from allmende.refcloud.model.cloud import Profile

Scalar = str | int | float


class _Part(BaseModel):
    """A part of a blueprint: it never changes, and says nothing that the model does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Phase(StrEnum):
    """When a command runs: into the database template, once in a cloud's life, or at every start."""

    SCHEMA = "schema"
    ONCE = "once"
    START = "start"


class Layer(StrEnum):
    """What is stopped first and last: services before the foundation that they stand on."""

    FOUNDATION = "foundation"
    SERVICE = "service"


class SecretKind(StrEnum):
    """What a secret looks like: 24 random bytes in hexadecimal, or 32 in URL-safe Base64 as Fernet wants its keys."""

    TOKEN = "token"  # noqa: S105 -- a kind of secret, not a secret
    FERNET = "fernet"


class TcpReady(_Part):
    """Ready when the port of that name accepts connections."""

    tcp: str


class HttpReady(_Part):
    """Ready when the port of that name answers a GET of `path` with a status below 500."""

    http: str
    path: str = "/"


class SocketReady(_Part):
    """Ready when the Unix socket accepts connections, and, with `greets`, has said its first word."""

    socket: str
    greets: bool = False


class FileReady(_Part):
    """Ready when the file is there, as seen from inside the cloud."""

    file: str


class InterfaceReady(_Part):
    """Ready when the network interface is there."""

    interface: str


class ConsumesReady(_Part):
    """Ready when somebody reads the message queue of that name."""

    consumes: str


class ReportReady(_Part):
    """Ready when the API of the service type `report` lists an object that has all the values of `where`.

    With `consumes`, only after somebody reads the message queue of that name: for a while after a crash, a report still
    says what was true before it.
    """

    report: str
    path: str
    list: str
    where: Mapping[str, str | bool] = Field(default_factory=dict)
    consumes: str | None = None


Ready = TcpReady | HttpReady | SocketReady | FileReady | InterfaceReady | ConsumesReady | ReportReady


class Mount(_Part):
    """What a cloud sees at a place where the rest of the machine sees something else.

    Either a directory (`bind`), or the file that is there with a line more (`append`).
    """

    at: str
    bind: str | None = None
    append: str | None = None


class ConfigFile(_Part):
    """A file below the cloud's `etc`: a `text`, or INI `sections` on top of shared `fragments`.

    The key `as` in a section stands for the options with which a service acts in the cloud as that user. `also` are
    further paths with the same content.
    """

    path: str
    text: str | None = None
    fragments: tuple[str, ...] = ()
    sections: Mapping[str, Mapping[str, Scalar]] = Field(default_factory=dict)
    also: tuple[str, ...] = ()


class Command(_Part):
    """A program that runs to its end. `creates` names a file that shows that it need not run again."""

    name: str
    phase: Phase
    argv: tuple[str, ...]
    profiles: tuple[Profile, ...] = tuple(Profile)
    environment: Mapping[str, str] = Field(default_factory=dict)
    environment_file: str | None = None
    directories: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    creates: str | None = None


class Unit(_Part):
    """A process that is supervised: `argv`, or `wsgi` for an application that gunicorn serves on `port`."""

    name: str
    argv: tuple[str, ...] = ()
    wsgi: str | None = None
    threads: int = 4
    port: str | None = None
    profiles: tuple[Profile, ...] = tuple(Profile)
    environment: Mapping[str, str] = Field(default_factory=dict)
    directories: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    ready: Ready | None = None
    layer: Layer = Layer.SERVICE
    stop_seconds: int = 2


class Endpoint(_Part):
    """An entry of the service catalogue."""

    type: str
    port: str
    path: str = ""


class Service(_Part):
    """One service of OpenStack, or a part that several stand on, with everything that it needs."""

    name: str
    title: str
    profiles: tuple[Profile, ...] = tuple(Profile)
    ports: tuple[str, ...] = ()
    secrets: Mapping[str, SecretKind] = Field(default_factory=dict)
    databases: tuple[str, ...] = ()
    user: str | None = None
    roles: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    mounts: tuple[Mount, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    commands: tuple[Command, ...] = ()
    units: tuple[Unit, ...] = ()


Fragments = Mapping[str, Mapping[str, Mapping[str, Scalar] | Scalar]]


class Blueprint(_Part):
    """All services, what their configuration shares, and what the profiles set."""

    services: tuple[Service, ...]
    fragments: Fragments
    profiles: Mapping[Profile, Mapping[str, str]]
