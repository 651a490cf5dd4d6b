"""What a member can observe of networks that the operator provides, and of what the Network API can do."""

from dataclasses import dataclass

from allmende.facts.fact import Fact
from allmende.facts.trials import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNetwork:
    """A network of another project that is external (for routers) or shared (for servers), as the Network API says it.

    None where the API does not say: `is_default` needs auto-allocated-topology, `has_port_security` port-security.
    """

    id: str
    name: str
    is_external: bool
    is_shared: bool
    is_default: bool | None = None
    has_port_security: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetPool:
    """A subnet pool; `shortest_prefix` and `longest_prefix` are what a project may ask for, in bits."""

    id: str
    name: str
    ip_version: int
    is_shared: bool
    is_default: bool
    shortest_prefix: int
    longest_prefix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNetworks(Fact):
    """Every network that is not the project's own, but that it may use."""

    items: tuple[ProviderNetwork, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetPools(Fact):
    """Every subnet pool that the member can see."""

    items: tuple[SubnetPool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkExtensions(Fact):
    """The extensions of the Network API, by alias."""

    aliases: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsZones(Fact):
    """The names of the zones that the DNS service lists to the project."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNetworkTrial(Fact):
    """What became of asking, as a member, for a network of a provider's type that does not exist."""

    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingTrial(Fact):
    """What became of sharing, as a member, a network of our own with our own project."""

    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class PortName(Fact):
    """The name that a port of a tenant network was created with, and what the Network API made of it.

    `addresses` are those under which it is entered, each with its full name; empty where the API enters nothing.
    """

    wanted: str
    given: str
    addresses: tuple[tuple[str, str], ...]
