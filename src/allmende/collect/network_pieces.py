"""GovStack: an ordinary member makes security groups, takes addresses of the outside, and gets load balancers."""

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.routing import ExternalNetwork, connected, external_network
from allmende.clouds.settling import WentWrongError, settled
from allmende.collect.attempting import Work, working
from allmende.collect.collector import collector
from allmende.collect.visit import UnobservedError, Visit
from allmende.facts.govstack import (
    CREATE_NETWORK,
    CREATE_PORT,
    CREATE_SUBNET,
    FloatingAddressWork,
    LoadBalancerWork,
    SecurityGroupWork,
)

BALANCER_SECONDS = 600.0
_SUBNET = "10.249.28.0/24"
_SSH = {
    "direction": "ingress",
    "ethertype": "IPv4",
    "protocol": "tcp",
    "port_range_min": 22,
    "port_range_max": 22,
    "remote_ip_prefix": "192.0.2.0/24",
}
_OF_GROUP = {"network.security_group": 1, "network.security_group_rule": 3}
_OF_NETWORK = {"network.network": 1, "network.subnet": 1}
_OF_ADDRESS = {**_OF_NETWORK, "network.port": 2, "network.router": 1, "network.floatingip": 1}
_OF_BALANCER = {**_OF_NETWORK, "network.port": 1}


@collector(seconds=240, usual_seconds=2, creates=True, needs=_OF_GROUP)
async def security_group_work(visit: Visit) -> SecurityGroupWork:
    """Five requests."""
    cloud = visit.cloud
    async with working(visit, SecurityGroupWork) as (work, holding):
        group = await work.step("create a security group", holding.create("security group", "group", {}))
        rule = await work.step("let one network in by SSH", _rule(cloud, group))
        await work.step("see the rule in the group", _rule_seen(cloud, group, rule))
        removal = cloud.request("network", "DELETE", f"/security-group-rules/{rule}")
        await work.step("remove the rule", removal)
        await work.step("remove the group", holding.give_back(group))
    return SecurityGroupWork(attempts=work.attempts)


@collector(seconds=300, usual_seconds=5, creates=True, needs=_OF_ADDRESS)
async def floating_address_work(visit: Visit) -> FloatingAddressWork:
    """Some fifteen requests: what the address is attached to is a port of a network behind a router."""
    cloud = visit.cloud
    outside = await _outside(cloud)
    async with working(visit, FloatingAddressWork) as (work, holding):
        network, subnet = await _subnet(holding, work, "floating")
        port = await work.step(CREATE_PORT, holding.create("port", "floating-port", {"network_id": network}))
        await _routed(cloud, holding, work, subnet, outside.id)
        wish = {"floating_network_id": outside.id}
        address = await work.step(
            f"allocate an address of «{outside.name}»", holding.create("floating address", "address", wish)
        )
        await work.step("attach it to the port", _attached(cloud, address, port), seen=str)
        await work.step("release it", holding.give_back(address))
    return FloatingAddressWork(attempts=work.attempts, outside=outside.name)


@collector(seconds=900, usual_seconds=10, creates=True, needs=_OF_BALANCER)
async def load_balancer_work(visit: Visit) -> LoadBalancerWork:
    """Some ten requests with a driver in the network, many more where the balancer is a guest."""
    cloud = visit.cloud
    await cloud.endpoint("load-balancer")
    provider = ""
    async with working(visit, LoadBalancerWork) as (work, holding):
        _, subnet = await _subnet(holding, work, "balanced")
        wish = {"vip_subnet_id": subnet}
        balancer = await work.step("create a load balancer", holding.create("load balancer", "balancer", wish))
        row = await work.step(
            "wait until it is ACTIVE",
            settled(cloud, "load balancer", balancer, "ACTIVE"),
            seen=lambda row: str(row["provisioning_status"]),
            seconds=BALANCER_SECONDS,
        )
        provider = str(row.get("provider") or "")
        await work.step("remove it", holding.give_back(balancer))
    return LoadBalancerWork(attempts=work.attempts, provider=provider)


async def _rule(cloud: OpenStackCloud, group: str) -> str:
    wish = {"security_group_rule": {**_SSH, "security_group_id": group}}
    answer = await cloud.request("network", "POST", "/security-group-rules", json=wish)
    return str(answer.object()["security_group_rule"]["id"])


async def _rule_seen(cloud: OpenStackCloud, group: str, rule: str) -> None:
    row = (await cloud.request("network", "GET", f"/security-groups/{group}")).object()["security_group"]
    if rule not in {known["id"] for known in row["security_group_rules"]}:
        raise WentWrongError("the group does not show it")


async def _outside(cloud: OpenStackCloud) -> ExternalNetwork:
    outside = await external_network(cloud)
    if outside is None:
        reason = "The project is shown no network to the outside, as a private cloud may want it; nothing was tried."
        raise UnobservedError(reason)
    return outside


async def _subnet(holding: Holding, work: Work, purpose: str) -> tuple[str, str]:
    network = await work.step(CREATE_NETWORK, holding.create("network", f"{purpose}-network", {}))
    wish = {"network_id": network, "ip_version": 4, "cidr": _SUBNET}
    return network, await work.step(CREATE_SUBNET, holding.create("subnet", f"{purpose}-subnet", wish))


async def _routed(cloud: OpenStackCloud, holding: Holding, work: Work, subnet: str, outside: str) -> None:
    wish = {"external_gateway_info": {"network_id": outside}}
    router = await work.step("create a router to the outside", holding.create("router", "floating-router", wish))
    await work.step("connect it with the subnet", connected(cloud, holding, "floating-interface", router, subnet))


async def _attached(cloud: OpenStackCloud, address: str, port: str) -> str:
    wish = {"floatingip": {"port_id": port}}
    row = (await cloud.request("network", "PUT", f"/floatingips/{address}", json=wish)).object()["floatingip"]
    if row.get("port_id") != port:
        raise WentWrongError("the answer does not show the port")
    return f"{row.get('floating_ip_address')} stands for {row.get('fixed_ip_address')}"
