"""What the operator provides of networks and names, each with one request that only reads."""

from allmende.collect.collector import collector
from allmende.collect.rows import Row, reading
from allmende.collect.visit import Visit
from allmende.facts.networks import (
    DnsZones,
    NetworkExtensions,
    ProviderNetwork,
    ProviderNetworks,
    SubnetPool,
    SubnetPools,
)


@collector()
async def provider_networks(visit: Visit) -> ProviderNetworks:
    """One request: networks of other projects are in the list only where they may be used."""
    rows = await visit.cloud.items("network", "/networks", "networks")
    own = await visit.cloud.project_id()
    provided = [
        row for row in rows if row.get("project_id") != own and (row.get("router:external") or row.get("shared"))
    ]
    return ProviderNetworks(items=reading("a network", _network, provided))


@collector()
async def subnet_pools(visit: Visit) -> SubnetPools:
    """One request."""
    rows = await visit.cloud.items("network", "/subnetpools", "subnetpools")
    return SubnetPools(items=reading("a subnet pool", _pool, rows))


@collector()
async def network_extensions(visit: Visit) -> NetworkExtensions:
    """One request."""
    rows = await visit.cloud.items("network", "/extensions", "extensions")
    return NetworkExtensions(aliases=frozenset(reading("an extension", lambda row: str(row["alias"]), rows)))


@collector()
async def dns_zones(visit: Visit) -> DnsZones:
    """One request, where the catalog has a DNS service."""
    rows = await visit.cloud.items("dns", "/zones", "zones")
    return DnsZones(names=reading("a DNS zone", lambda row: str(row["name"]), rows))


def _network(row: Row) -> ProviderNetwork:
    return ProviderNetwork(
        id=str(row["id"]),
        name=str(row["name"]),
        is_external=bool(row.get("router:external", False)),
        is_shared=bool(row["shared"]),
        is_default=row.get("is_default"),
        has_port_security=row.get("port_security_enabled"),
    )


def _pool(row: Row) -> SubnetPool:
    return SubnetPool(
        id=str(row["id"]),
        name=str(row["name"]),
        ip_version=int(row["ip_version"]),
        is_shared=bool(row["shared"]),
        is_default=bool(row.get("is_default", False)),
        shortest_prefix=int(row["min_prefixlen"]),
        longest_prefix=int(row["max_prefixlen"]),
    )
