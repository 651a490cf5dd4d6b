"""The public network, and the rules that new security groups are given (scs-0115)."""

import asyncio
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.furniture import PublicNetwork

_RULES = "/default-security-group-rules"

# What scs-0115-v1 shows: everybody may speak, only members of the same default group are heard.
_WANTED_RULES: tuple[dict[str, Any], ...] = (
    {"direction": "egress", "ethertype": "IPv4", "used_in_default_sg": True, "used_in_non_default_sg": True},
    {"direction": "egress", "ethertype": "IPv6", "used_in_default_sg": True, "used_in_non_default_sg": True},
    {
        "direction": "ingress",
        "ethertype": "IPv4",
        "remote_group_id": "PARENT",
        "used_in_default_sg": True,
        "used_in_non_default_sg": False,
    },
    {
        "direction": "ingress",
        "ethertype": "IPv6",
        "remote_group_id": "PARENT",
        "used_in_default_sg": True,
        "used_in_non_default_sg": False,
    },
)
_FIELDS = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_address_group_id",
    "remote_group_id",
    "used_in_default_sg",
    "used_in_non_default_sg",
)


async def default_rules_hold(cloud: OpenStackCloud) -> None:
    """Make the template for security groups hold exactly the rules that scs-0115 shows."""
    found = await cloud.items("network", _RULES, "default_security_group_rules")
    present = {_essence(rule): rule["id"] for rule in found}
    wanted = {_essence(rule): rule for rule in _WANTED_RULES}
    await asyncio.gather(
        *(cloud.request("network", "DELETE", f"{_RULES}/{present[essence]}") for essence in present.keys() - wanted),
        *(
            cloud.request("network", "POST", _RULES, json={"default_security_group_rule": wanted[essence]})
            for essence in wanted.keys() - present
        ),
    )


def _essence(rule: dict[str, Any]) -> tuple[object, ...]:
    return tuple(rule.get(field) for field in _FIELDS)


async def public_network_exists(cloud: OpenStackCloud, wanted: PublicNetwork) -> None:
    """Make the external network and its subnet when they are missing; addresses are not given out by DHCP there."""
    found = await cloud.items(
        "network", "/networks", "networks", params={"name": wanted.name, "router:external": "true"}
    )
    network = found[0] if found else await _new_network(cloud, wanted)
    if not network["subnets"]:
        subnet = {
            "name": wanted.name,
            "network_id": network["id"],
            "ip_version": 4,
            "cidr": str(wanted.addresses),
            "gateway_ip": str(wanted.gateway),
            "enable_dhcp": False,
        }
        await cloud.request("network", "POST", "/subnets", json={"subnet": subnet})


async def _new_network(cloud: OpenStackCloud, wanted: PublicNetwork) -> dict[str, Any]:
    network = {
        "name": wanted.name,
        "description": "Floating addresses, reachable from the machine that this cloud runs on",
        "router:external": True,
        "provider:network_type": "flat",
        "provider:physical_network": wanted.physical_network,
    }
    answer = await cloud.request("network", "POST", "/networks", json={"network": network})
    made: dict[str, Any] = answer.object()["network"]
    return made
