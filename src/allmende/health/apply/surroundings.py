"""What guests of several scenarios have around them: an image and a flavor, a key, a network behind a router."""

import asyncio
from collections.abc import Mapping
from typing import Any

from allmende.clouds.boot import booted_from
from allmende.clouds.routing import ExternalNetwork, connected, external_network
from allmende.errors import CloudNotFoundError, CloudRefusedError
from allmende.health.apply.stage import Deed, MissingError, Stage
from allmende.health.model.scenario import Step
from allmende.health.rules.choice import GuestChoice, guest_choice
from allmende.report.keys import ed25519_key

CHOOSE = "choose image and flavor"
KEY_PAIR = "create a key pair"
GROUP = "create a security group"
RULE = "let SSH in"
NETWORK = "create a network"
SUBNET = "create a subnet"
OUTSIDE = "find the network outside"
ROUTER = "create a router"
INTERFACE = "connect router and subnet"

SSH_PORT = 22

_SUBNET = "10.249.40.0/24"
_BANNER_S = 3.0
_NOT_YET = (404, 409)


async def ssh_answers(address: str) -> bool:
    """Tell whether a server of SSH says its name there, within some seconds."""
    try:
        async with asyncio.timeout(_BANNER_S):
            reader, writer = await asyncio.open_connection(address, SSH_PORT)
            try:
                return (await reader.readline()).startswith(b"SSH-")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def port_in(stage: Stage, purpose: str, network: str, subnet: str) -> dict[str, str]:
    """Return a new port in the security group, with its `id` and its `address`."""
    wish = {
        "network_id": network,
        "fixed_ips": [{"subnet_id": subnet}],
        "security_groups": [stage.result(GROUP)],
    }
    port = await stage.holding.create("port", purpose, wish)
    row = (await stage.cloud.request("network", "GET", f"/ports/{port}")).object()["port"]
    return {"id": port, "address": str(row["fixed_ips"][0]["ip_address"])}


async def console_of(stage: Stage, guest: str) -> str:
    """Return what a guest has said so far; nothing while it has no console."""
    action: dict[str, object] = {"os-getConsoleOutput": {}}
    try:
        answer = await stage.cloud.request("compute", "POST", f"/servers/{guest}/action", json=action, only_reads=True)
    except (CloudNotFoundError, CloudRefusedError) as error:
        if error.status in _NOT_YET:
            return ""
        raise
    return str(answer.object()["output"])


def guest_wish(stage: Stage, port: str) -> dict[str, Any]:
    """Return the description of a guest at this port, of the chosen image and flavor, with the key."""
    choice: GuestChoice = stage.result(CHOOSE)
    return {
        "flavorRef": choice.flavor,
        "networks": [{"port": port}],
        "key_name": stage.result(KEY_PAIR),
        **booted_from(choice.image, choice.volume_gib),
    }


async def _choose(stage: Stage) -> GuestChoice:
    images, flavors = await asyncio.gather(
        stage.cloud.items("image", "/images", "images", params={"status": "active"}),
        stage.cloud.items("compute", "/flavors/detail", "flavors"),
    )
    found = guest_choice(images, flavors)
    if found is None:
        raise MissingError("No image of a Linux that is known fits any flavor.")
    return found


async def _key_pair(stage: Stage) -> str:
    public = ed25519_key(bytes.fromhex(stage.secret * 2)[:32]).public.line
    return await stage.holding.create("key pair", "key", {"public_key": public})


async def _group(stage: Stage) -> str:
    return await stage.holding.create("security group", "group", {})


async def _rule(stage: Stage) -> None:
    rule = {
        "security_group_id": stage.result(GROUP),
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": SSH_PORT,
        "port_range_max": SSH_PORT,
    }
    await stage.cloud.request("network", "POST", "/security-group-rules", json={"security_group_rule": rule})


async def _network(stage: Stage) -> str:
    return await stage.holding.create("network", "network", {})


async def _subnet(stage: Stage) -> str:
    wish = {"network_id": stage.result(NETWORK), "ip_version": 4, "cidr": _SUBNET}
    return await stage.holding.create("subnet", "subnet", wish)


async def _outside(stage: Stage) -> ExternalNetwork:
    found = await external_network(stage.cloud)
    if found is None:
        raise MissingError("The project is shown no network to the outside.")
    return found


async def _router(stage: Stage) -> str:
    wish = {"external_gateway_info": {"network_id": stage.result(OUTSIDE).id}}
    return await stage.holding.create("router", "router", wish)


async def _interface(stage: Stage) -> None:
    await connected(stage.cloud, stage.holding, "interface", stage.result(ROUTER), stage.result(SUBNET))


SURROUNDING_DEEDS: Mapping[str, Deed] = {
    CHOOSE: _choose,
    KEY_PAIR: _key_pair,
    GROUP: _group,
    RULE: _rule,
    NETWORK: _network,
    SUBNET: _subnet,
    OUTSIDE: _outside,
    ROUTER: _router,
    INTERFACE: _interface,
}
SURROUNDINGS = (
    Step(name=CHOOSE, service="compute"),
    Step(name=KEY_PAIR, service="compute"),
    Step(name=GROUP, service="network"),
    Step(name=RULE, service="network", needs=(GROUP,)),
    Step(name=NETWORK, service="network"),
    Step(name=SUBNET, service="network", needs=(NETWORK,)),
    Step(name=OUTSIDE, service="network"),
    Step(name=ROUTER, service="network", needs=(OUTSIDE,)),
    Step(name=INTERFACE, service="network", needs=(ROUTER, SUBNET)),
)
"""The steps that make all of it."""
