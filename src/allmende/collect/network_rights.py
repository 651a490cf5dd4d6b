"""What a member may do in the Network API, by trying it with things of our own that are removed again."""

from collections.abc import Awaitable

from allmende.clouds.answer import Answer
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.errors import CloudAuthError, CloudNotFoundError, CloudRefusedError
from allmende.facts.networks import Attempt, NetworkExtensions, PortName, ProviderNetworkAttempt, SharingAttempt

NO_SUCH_TYPE = "allmende-no-such-type"
ADDRESSES = "10.98.76.0/29"
DNS = frozenset(
    {"dns-integration", "dns-domain-ports", "subnet-dns-publish-fixed-ip", "dns-integration-domain-keywords"}
)
CREATED = 201


@collector(usual_seconds=2.0, creates=True)
async def provider_network_attempt(visit: Visit) -> ProviderNetworkAttempt:
    """Ask for a network of a type that no cloud has: who may ask is told so, who may not is refused before that."""
    async with visit.leases.held() as holding:
        wish = {"provider:network_type": NO_SUCH_TYPE}
        try:
            await holding.create("network", "provider", wish)
        except (CloudAuthError, CloudNotFoundError, CloudRefusedError) as error:
            return ProviderNetworkAttempt(attempt=Attempt(status=error.status or 0, words=_words(error)))
    return ProviderNetworkAttempt(attempt=Attempt(status=CREATED))


@collector(usual_seconds=3.0, creates=True, needs={"network.network": 1})
async def sharing_attempt(visit: Visit) -> SharingAttempt:
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
        return SharingAttempt(attempt=await _attempt(request))


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


async def _attempt(request: Awaitable[Answer]) -> Attempt:
    """Return what became of a request that should be refused; that a service fails is no answer to it."""
    try:
        return Attempt(status=(await request).status)
    except (CloudAuthError, CloudNotFoundError, CloudRefusedError) as error:
        return Attempt(status=error.status or 0, words=_words(error))


def _words(error: Exception) -> str:
    """Return the cloud's own words, without what we asked and its status."""
    return str(error).partition(" answered ")[2].partition(": ")[2] or str(error)
