"""scs-0126: networks and addresses that the operator provides, and that members do not pass theirs off as such.

Whether external addresses are really reached from outside is not judged here.
"""

from collections.abc import Iterable

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, listed
from allmende.facts.networks import (
    NetworkExtensions,
    ProviderNetwork,
    ProviderNetworks,
    ProviderNetworkTrial,
    SharingTrial,
    SubnetPool,
    SubnetPools,
)
from allmende.facts.trials import Trial
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

IPV4, IPV6 = 4, 6
PROJECT_PREFIX = 64
NO_SUCH_TYPE = 400
"""The status by which Neutron says that it has no such type of network, to whoever may ask for one."""


@check("scs-0126-standard-network")
def one_provider_network_is_the_standard(networks: ProviderNetworks) -> Finding:
    """Just one provider network is the default; it is external, and has port security where it is shared.

    Provider networks are those of other projects that are external or shared. That it is the only one is recommended,
    and said as a note.
    """
    if not networks.items:
        absent = Evidence(subject="provider network", seen="none", demanded="one that is the default", ok=False)
        return failed("The project sees no provider network.", [absent])
    if all(network.is_default is None for network in networks.items):
        return undetermined("The Network API does not say which network is the default (auto-allocated-topology).")
    defaults = [network for network in networks.items if network.is_default]
    total = counted(len(networks.items), "provider network")
    if len(defaults) != 1:
        number = f"{len(defaults)} of {total} are" if defaults else f"None of {total} is"
        return failed(f"{number} marked as default.", [_marked(network) for network in defaults or networks.items])
    evidence = [_standard(defaults[0])]
    notes = [] if len(networks.items) == 1 else [f"Recommended is a single provider network; the project sees {total}."]
    if not evidence[0].ok:
        return failed(f"The default network {defaults[0].name} is {evidence[0].seen}.", evidence, notes=notes)
    return passed(f"The default network {defaults[0].name} is {evidence[0].seen}.", evidence, notes=notes)


@check("scs-0126-ipv6-pool")
def one_shared_pool_gives_ipv6_prefixes(pools: SubnetPools) -> Finding:
    """Just one shared IPv6 pool is the default, and a project may ask it for a prefix of length 64."""
    shared = _shared(pools, IPV6)
    if not shared:
        absent = Evidence(subject="shared IPv6 subnet pool", seen="none", demanded="one that is the default", ok=False)
        return failed("The project sees no shared IPv6 subnet pool.", [absent])
    return _one_default(shared, IPV6)


@check("scs-0126-ipv4-pool")
def one_shared_pool_for_ipv4_is_the_default(pools: SubnetPools) -> Finding:
    """Where there are shared IPv4 pools, just one is the default; without any there is nothing to judge."""
    shared = _shared(pools, IPV4)
    if not shared:
        return undetermined("The project sees no shared IPv4 subnet pool; to offer one is optional.")
    return _one_default(shared, IPV4)


@check("scs-0126-no-own-provider-networks")
def members_are_refused_networks_of_a_providers_type(
    asked: ProviderNetworkTrial, extensions: NetworkExtensions
) -> Finding:
    """A member who asks for a network of a type that does not exist is refused for want of a right.

    Being refused only because there is no such type means that the right was there.
    """
    if not extensions.aliases & {"provider", "multi-provider"}:
        return undetermined("The Network API has no attributes of provider networks (extension provider).")
    return _refusal(asked.trial, "a network of a provider's type", allowed_by=frozenset({NO_SUCH_TYPE}))


@check("scs-0126-rbac-restricted")
def members_are_refused_the_sharing_of_networks(asked: SharingTrial) -> Finding:
    """A member who shares a network of the own project is refused for want of a right."""
    return _refusal(asked.trial, "a Networking RBAC rule for an own network")


def _refusal(trial: Trial, what: str, *, allowed_by: frozenset[int] = frozenset()) -> Finding:
    evidence = Evidence(
        subject=trial.what, seen=trial.answer, demanded="refused for want of a right (403)", ok=trial.is_forbidden
    )
    if trial.is_forbidden:
        return passed(f"A member is refused {what}.", [evidence])
    if trial.succeeded or trial.status in allowed_by:
        return failed(f"A member may ask for {what}.", [evidence])
    return undetermined(f"The request for {what} failed for another reason: {trial.answer.rstrip('.')}.", [evidence])


def _shared(pools: SubnetPools, ip_version: int) -> list[SubnetPool]:
    return [pool for pool in pools.items if pool.is_shared and pool.ip_version == ip_version]


def _one_default(pools: list[SubnetPool], ip_version: int) -> Finding:
    defaults = [pool for pool in pools if pool.is_default]
    total = counted(len(pools), f"shared IPv{ip_version} subnet pool")
    if len(defaults) != 1:
        number = f"{len(defaults)} of {total} are" if defaults else f"None of {total} is"
        return failed(f"{number} marked as default.", [_marked(pool) for pool in defaults or pools])
    evidence = _prefix(defaults[0]) if ip_version == IPV6 else _sole(defaults[0])
    if not evidence.ok:
        return failed(f"The default subnet pool {defaults[0].name} gives no prefix of length 64.", [evidence])
    return passed(f"Of {total}, {listed([defaults[0].name])} is the default.", [evidence])


def _marked(thing: ProviderNetwork | SubnetPool) -> Evidence:
    kind = "network" if isinstance(thing, ProviderNetwork) else "subnet pool"
    seen = "marked as default" if thing.is_default else "not marked as default"
    return Evidence(subject=f"{kind} {thing.name}", seen=seen, demanded="just one marked as default", ok=False)


def _sole(pool: SubnetPool) -> Evidence:
    return Evidence(subject=f"subnet pool {pool.name}", seen="the only default", demanded="just one marked as default")


def _prefix(pool: SubnetPool) -> Evidence:
    return Evidence(
        subject=f"subnet pool {pool.name}",
        seen=f"prefixes of length {pool.shortest_prefix} to {pool.longest_prefix}",
        demanded=f"a prefix of length {PROJECT_PREFIX}",
        ok=pool.shortest_prefix <= PROJECT_PREFIX <= pool.longest_prefix,
    )


def _standard(network: ProviderNetwork) -> Evidence:
    secured = bool(network.has_port_security) or not network.is_shared
    return Evidence(
        subject=f"network {network.name}",
        seen=", ".join(_qualities(network)),
        demanded="external, and with port security where it is shared",
        ok=network.is_external and secured,
    )


def _qualities(network: ProviderNetwork) -> Iterable[str]:
    yield "external" if network.is_external else "not external"
    if network.is_shared:
        yield "shared"
        yield "with port security" if network.has_port_security else "without port security"
