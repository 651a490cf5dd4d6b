"""What a member may do in the Network API, by trying it with things of our own that are removed again."""

from allmende.collect.collector import collector
from allmende.collect.trying import tried
from allmende.collect.visit import Visit
from allmende.facts.networks import NetworkExtensions, PortName, ProviderNetworkTrial, SharingTrial

NO_SUCH_TYPE = "allmende-no-such-type"
ADDRESSES = "10.98.76.0/29"
DNS = frozenset(
    {"dns-integration", "dns-domain-ports", "subnet-dns-publish-fixed-ip", "dns-integration-domain-keywords"}
)


@collector(usual_seconds=2.0, creates=True)
async def provider_network_trial(visit: Visit) -> ProviderNetworkTrial:
    """Ask for a network of a type that no cloud has: who may ask is told so, who may not is refused before that."""
    async with visit.leases.held() as holding:
        wish = {"provider:network_type": NO_SUCH_TYPE}
        trial = await tried("create a network of a provider's type", holding.create("network", "provider", wish))
    return ProviderNetworkTrial(trial=trial)


@collector(usual_seconds=3.0, creates=True, needs={"network.network": 1})
async def sharing_trial(visit: Visit) -> SharingTrial:
    """Share a network of our own with our own project; the rule goes with the network."""
    async with visit.leases.held() as holding:
        network = await holding.create("network", "shared", {})
        rule = {
            "object_type": "network",
            "object_id": network,
            "action": "access_as_shared",
            "target_tenant": await visit.cloud.project_id(),
        }
        request = visit.cloud.request("network", "POST", "/rbac-policies", json={"rbac_policy": rule})
        return SharingTrial(trial=await tried("share a network with a project", request))


@collector(usual_seconds=5.0, creates=True, needs={"network.network": 1, "network.subnet": 1, "network.port": 1})
async def port_name(visit: Visit) -> PortName:
    """Create a port with a name in a network of our own; where the API knows no names, nothing is created."""
    async with visit.leases.held() as holding:
        wanted = holding.name("named")[:63]  # a label of DNS is no longer
        if not (await visit.fact(NetworkExtensions)).aliases & DNS:
            return PortName(wanted=wanted, given="", addresses=())
        network = await holding.create("network", "names", {})
        await holding.create("subnet", "names", {"network_id": network, "ip_version": 4, "cidr": ADDRESSES})
        identifier = await holding.create("port", "names", {"network_id": network, "dns_name": wanted})
        port = (await visit.cloud.request("network", "GET", f"/ports/{identifier}")).object()["port"]
    entries = port.get("dns_assignment") or ()
    return PortName(
        wanted=wanted,
        given=str(port.get("dns_name") or ""),
        addresses=tuple((str(entry["ip_address"]), str(entry["fqdn"]).rstrip(".")) for entry in entries),
    )
