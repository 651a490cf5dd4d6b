"""Defects of rules for traffic, of zones, and of networks and names that the operator provides."""

from collections.abc import Iterator
from typing import Any

from allmende.facts.openstack import SecurityGroupRule
from allmende.testing.defects.model import Defect, Strike
from allmende.testing.openstack import FakeOpenStack


def defects() -> Iterator[Defect]:
    """Yield a defect for every testcase of scs-0115, 0121, 0126 and 0127 that only reads."""
    yield Defect(
        testcase="scs-0115-default-rules",
        sentence="New security groups let SSH in from everywhere.",
        strike=_let_in,
        offender="ingress rule",
        seen="IPv4 tcp ports 22-22 from any address",
    )
    yield from _of_zones()
    yield Defect(
        testcase="scs-0126-standard-network",
        sentence="No provider network is the default.",
        strike=lambda fake: fake.state.resources.of("network", name="public")[0].fields.update(is_default=False),
        offender="network public",
        seen="not marked as default",
    )
    yield _of_pools(4, "A second shared IPv4 pool is a default, too.", "marked as default", second=True)
    yield _of_pools(6, "The shared IPv6 pool gives no prefix of length 64.", "of length 65 to 128", min_prefixlen=65)
    yield _of_names("scs-0127-dns-integration", "dns-integration", "dns-domain-ports")
    yield _of_names("scs-0127-dns-service", "dns-domain-ports")


def _let_in(fake: FakeOpenStack) -> None:
    rule = SecurityGroupRule(
        direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=22, port_range_max=22
    )
    fake.state.default_rules = [*(fake.state.default_rules or ()), rule]


def _of_zones() -> Iterator[Defect]:
    yield Defect(
        testcase="scs-0121-zones-visible",
        sentence="A zone of networks is not available.",
        strike=lambda fake: setattr(fake.state.provision, "network_zones", {"nova": False}),
        offender="network zone nova",
        seen="not available",
    )
    yield Defect(
        testcase="scs-0121-storage-zones",
        sentence="A zone of storage has another name than that of compute.",
        strike=lambda fake: setattr(fake.state.provision, "storage_zones", {"nova": True, "too": True}),
        offender="storage zone too",
        seen="no compute zone of the name",
    )


def _of_pools(version: int, sentence: str, seen: str, *, second: bool = False, **change: Any) -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        provision = fake.state.provision
        changed = [pool | change if pool["ip_version"] == version else pool for pool in provision.subnet_pools]
        more = [pool | {"id": "pool-more", "name": "more"} for pool in changed if pool["ip_version"] == version]
        provision.subnet_pools = [*changed, *(more if second else ())]

    return Defect(
        testcase=f"scs-0126-ipv{version}-pool",
        sentence=sentence,
        strike=strike,
        offender=f"subnet pool {'more' if second else f'ipv{version}'}",
        seen=seen,
    )


def _of_names(testcase: str, *extensions: str) -> Defect:
    return Defect(
        testcase=testcase,
        sentence=f"The Network API lacks the extension {' and '.join(extensions)}.",
        strike=_without(*extensions),
        offender="extensions of the Network API",
        seen="none about DNS",
    )


def _without(*extensions: str) -> Strike:
    return lambda fake: fake.state.provision.extensions.difference_update(extensions)
