"""What one reference cloud has been given: name, profile, ports, network, places. And how its user reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path

REGION = "RegionOne"
_BENCHMARK_NETWORK = IPv4Network("198.18.0.0/15")  # RFC 2544: never routed, so it is no neighbour's network
MOST_CLOUDS = 512


class Profile(StrEnum):
    """How much of a cloud: every API over a fake hypervisor, or real guests."""

    API = "api"
    CORE = "core"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells one cloud of this machine from another: a name, and a number that no other cloud has."""

    name: str
    number: int
    profile: Profile

    @property
    def id(self) -> str:
        """A short name for what has little room, such as network interfaces."""
        return f"al-{self.number}"

    @property
    def host(self) -> str:
        """The name that the cloud's only machine has inside the cloud."""
        return f"{self.name}-host"

    @property
    def internal_bridge(self) -> str:
        """The bridge that guests are plugged into."""
        return f"{self.id}-int"

    @property
    def external_bridge(self) -> str:
        """The bridge, and interface of this machine, of the public network."""
        return f"{self.id}-ex"

    @property
    def datapath(self) -> str:
        """The interface that Open vSwitch makes for its datapath in user space."""
        return f"{self.id}-dp"

    @property
    def external_network(self) -> IPv4Network:
        """The public network: floating addresses, reachable from this machine alone."""
        return list(_BENCHMARK_NETWORK.subnets(new_prefix=24))[self.number]

    @property
    def external_address(self) -> IPv4Interface:
        """This machine's address in the public network; its gateway."""
        return IPv4Interface(f"{self.external_network[1]}/{self.external_network.prefixlen}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The directories of one cloud. `root` is its own; the environment of OpenStack, `venv`, is shared by all."""

    root: Path
    venv: Path

    @property
    def etc(self) -> Path:
        """Rendered configuration; holds secrets."""
        return self.root / "etc"

    @property
    def home(self) -> Path:
        """The home directory of the services, where each looks for its configuration."""
        return self.etc / "home"

    @property
    def state(self) -> Path:
        """What the services keep: databases, images, volumes, guests."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """One log per unit and per command, rotated by the supervisor."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Sockets that programs outside the cloud may use."""
        return self.root / "run"

    @property
    def tools(self) -> Path:
        """Our small programs that services call."""
        return self.root / "tools"

    @property
    def clouds_yaml(self) -> Path:
        """The configuration of the cloud's user."""
        return self.root / "clouds.yaml"

    @property
    def operator_yaml(self) -> Path:
        """The configuration of the cloud's operator."""
        return self.root / "operator-clouds.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAbilities:
    """What this machine can do for guests: libvirt's `virt_type` and `cpu_mode`."""

    virt_type: str
    cpu_mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everything that turns a blueprint into the plan of one cloud."""

    identity: Identity
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    places: Places
    abilities: HostAbilities


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAddress:
    """How to reach a cloud that answers: the authentication URL, and the clouds.yaml files of user and operator."""

    name: str
    profile: Profile
    auth_url: str
    region: str
    clouds_yaml: Path
    cloud: str
    operator_yaml: Path
    operator: str
    external_network: IPv4Network
