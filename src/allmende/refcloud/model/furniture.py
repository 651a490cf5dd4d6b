"""What an operator puts into an empty cloud besides images: who uses it, and how its public network is addressed."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The cloud's ordinary user: a user in a project in a domain of its own, with these roles and no other."""

    domain: str
    project: str
    user: str
    password: str = field(repr=False)
    roles: tuple[str, ...] = ("member", "load-balancer_member")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNetwork:
    """The external network: the name that guests' routers are connected to, and its addresses.

    `physical_network` is the name that the blueprint gave the external bridge; `gateway` is this machine's address.
    """

    addresses: IPv4Network
    gateway: IPv4Address
    physical_network: str = "public"
    name: str = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """Everything that depends on the cloud and its profile; what the standards demand is the same for all."""

    account: Account
    public_network: PublicNetwork
