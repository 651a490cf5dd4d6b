"""A defect, a blindness, and the settings in which they are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from allmende.testing.openstack import FakeOpenStack

HANGING = "services that hang"
SINGLE = "calls that are refused"
"""Runs that several modules have blindnesses in."""

Strike = Callable[[FakeOpenStack], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a conformant fake cloud has beside the standard's demands, before anything is wrong with it."""

    name: str
    furnish: Strike


def _with_alternatives(fake: FakeOpenStack) -> None:
    """Give the cloud what testcases about a choice need: several zones, and a shared IPv4 pool."""
    provision = fake.state.provision
    provision.compute_zones = {"nova": True, "two": True}
    provision.storage_zones = {"nova": True, "two": True}
    pool = {"id": "pool-4", "name": "ipv4", "ip_version": 4, "shared": True, "is_default": True}
    lengths = {"min_prefixlen": 26, "max_prefixlen": 32, "default_prefixlen": 28}
    provision.subnet_pools = [*provision.subnet_pools, {**pool, **lengths, "prefixes": ["198.51.100.0/24"]}]


def _with_https_addresses(fake: FakeOpenStack) -> None:
    """Let the catalog list S3 as a service of its own, and addresses with https, at which nobody answers."""
    names = fake.state.services = fake.state.services | {"object-store-s3"}
    fake.state.provision.addresses = {name: f"https://{name}.cloud.example" for name in names}


SERVED = Setting(name="a cloud that serves", furnish=_with_alternatives)
LISTED = Setting(name="a catalog", furnish=_with_https_addresses)
"""Where only the catalog is looked at: a fake cloud speaks plain HTTP, and may list another address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A way in which a cloud is wrong, by which one testcase must fail.

    The finding must name the `offender`, and say that `seen` was seen there. Defects of one `run` touch different
    things, so that one cloud has them all at once.
    """

    testcase: str
    sentence: str
    strike: Strike
    offender: str
    seen: str
    run: str = "what is only read"
    setting: Setting = SERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """A way in which a cloud shows nothing, which must leave testcases undetermined; they are given as patterns.

    The finding must say `says`: as a rule, the service. Where `answered`, the cloud answered with an error, whose
    request id the finding must name. Blindnesses of one `run` touch different things.
    """

    testcases: tuple[str, ...]
    sentence: str
    strike: Strike
    says: str
    run: str
    answered: bool = False
    setting: Setting = SERVED

    def blinds(self, testcase: str) -> bool:
        """Tell whether this blindness is shown with the testcase."""
        return any(fnmatchcase(testcase, pattern) for pattern in self.testcases)
