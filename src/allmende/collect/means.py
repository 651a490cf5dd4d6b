"""What a run may use in a cloud beside reading it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from allmende.clouds.lease import Leases
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.removal import Leftover


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Another account of the same cloud: its door, and where what it creates is written down."""

    cloud: OpenStackCloud
    leases: Leases


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run is given; what of it is absent is not used, and facts that need it are then unavailable.

    `leases` is where what is created in the cloud is written down, `cache` where programs of others are installed into,
    and `state` where their results are kept. `manager` is the account of a domain manager, `others` are accounts in
    other projects. `wishes` are what the user wants of single collectors, each in a type of its collector's.
    """

    leases: Leases | None = None
    cache: Path | None = None
    state: Path | None = None
    manager: Account | None = None
    others: tuple[Account, ...] = ()
    wishes: tuple[object, ...] = ()

    @property
    def leftovers(self) -> Iterator[Leftover]:
        """What was created with any of the accounts and could not be removed."""
        of_others = [account.leases for account in (self.manager, *self.others) if account]
        for leases in [*([self.leases] if self.leases else []), *of_others]:
            yield from leases.leftovers
