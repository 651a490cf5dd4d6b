"""The availability zones that a member can choose from."""

from dataclasses import dataclass

from allmende.facts.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """An availability zone, and whether it takes orders."""

    name: str
    is_available: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityZones(Fact):
    """The zones of each service; none of networks where the Network API has no zones."""

    compute: tuple[Zone, ...]
    storage: tuple[Zone, ...]
    network: tuple[Zone, ...] = ()
