"""The scenario `loadbalancer`: two guests behind a load balancer are reached through it, together and each alone.

What is balanced is their SSH, which every Linux answers. With the OVN provider there is no guest of the load
balancer's own; without it, the cloud's usual provider is taken.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from allmende.clouds.settling import settled
from allmende.clouds.waiting import until
from allmende.health.apply.stage import Deed, Stage
from allmende.health.apply.surroundings import (
    CHOOSE,
    GROUP,
    INTERFACE,
    KEY_PAIR,
    NETWORK,
    OUTSIDE,
    RULE,
    SSH_PORT,
    SUBNET,
    SURROUNDING_DEEDS,
    SURROUNDINGS,
    guest_wish,
    port_in,
    ssh_answers,
)
from allmende.health.model.scenario import Scenario, Step

PORTS = "create two ports"
BALANCER = "create a load balancer"
BALANCER_READY = "wait for the load balancer"
ADDRESS = "give the load balancer a floating address"
GUESTS = "start two guests"
GUESTS_ACTIVE = "wait until both guests are active"
LISTENER = "add a listener"
POOL = "add a pool"
MEMBERS = "add both guests as members"
REACH = "reach a guest through it"
ALONE = "reach each guest alone through it"
NONE_LEFT = "reach nobody when no member is left"

_MEMBERS = 2
_OVN = "ovn"
_QUIET = 3
"""So often in a row nobody may answer where nobody is left."""


async def _ports(stage: Stage) -> list[dict[str, str]]:
    """Return the ports with their addresses."""
    place = (stage.result(NETWORK), stage.result(SUBNET))
    return [await port_in(stage, f"port-{number}", *place) for number in range(_MEMBERS)]


async def _balancer(stage: Stage) -> dict[str, str]:
    """Return the load balancer, with the port of its address, and how its pool shares out."""
    providers = await stage.cloud.items("load-balancer", "/lbaas/providers", "providers")
    is_ovn = _OVN in {row["name"] for row in providers}
    wish = {"vip_subnet_id": stage.result(SUBNET), **({"provider": _OVN} if is_ovn else {})}
    balancer = await stage.holding.create("load balancer", "balancer", wish)
    row = (await stage.cloud.request("load-balancer", "GET", f"/lbaas/loadbalancers/{balancer}")).object()
    port = str(row["loadbalancer"]["vip_port_id"])
    return {"id": balancer, "port": port, "algorithm": "SOURCE_IP_PORT" if is_ovn else "ROUND_ROBIN"}


async def _balancer_ready(stage: Stage) -> None:
    await settled(stage.cloud, "load balancer", stage.result(BALANCER)["id"], "ACTIVE")


async def _address(stage: Stage) -> str:
    wish = {"floating_network_id": stage.result(OUTSIDE).id, "port_id": stage.result(BALANCER)["port"]}
    address = await stage.holding.create("floating address", "address", wish)
    row = (await stage.cloud.request("network", "GET", f"/floatingips/{address}")).object()["floatingip"]
    return str(row["floating_ip_address"])


async def _guests(stage: Stage) -> list[str]:
    return [
        await stage.holding.create("server", f"guest-{number}", guest_wish(stage, port["id"]))
        for number, port in enumerate(stage.result(PORTS))
    ]


async def _guests_active(stage: Stage) -> None:
    await asyncio.gather(*(settled(stage.cloud, "server", guest, "ACTIVE") for guest in stage.result(GUESTS)))


async def _listener(stage: Stage) -> str:
    wish = {"loadbalancer_id": stage.result(BALANCER)["id"], "protocol": "TCP", "protocol_port": SSH_PORT}
    return await _added(stage, "/lbaas/listeners", "listener", wish)


async def _pool(stage: Stage) -> str:
    wish = {
        "listener_id": stage.result(LISTENER),
        "protocol": "TCP",
        "lb_algorithm": stage.result(BALANCER)["algorithm"],
    }
    return await _added(stage, "/lbaas/pools", "pool", wish)


async def _members(stage: Stage) -> list[str]:
    return [await _member(stage, port["address"]) for port in stage.result(PORTS)]


async def _reach(stage: Stage) -> str:
    await _answers(stage)
    return str(stage.result(ADDRESS))


async def _alone(stage: Stage) -> None:
    """Take one member away, then the other, so that each has to answer alone; leave only the second one."""
    first, second = stage.result(MEMBERS)
    addresses: Sequence[str] = [port["address"] for port in stage.result(PORTS)]
    await _taken_away(stage, first)
    await _answers(stage)
    again = await _member(stage, addresses[0])
    await _taken_away(stage, second)
    await _answers(stage)
    stage.result(MEMBERS)[:] = [again]


async def _none_left(stage: Stage) -> None:
    for member in stage.result(MEMBERS):
        await _taken_away(stage, member)
    address = str(stage.result(ADDRESS))

    async def nobody_answers() -> bool:
        return not any([await ssh_answers(address) for _ in range(_QUIET)])

    await until(nobody_answers)


async def _added(stage: Stage, path: str, key: str, wish: Mapping[str, Any]) -> str:
    """Add something to the load balancer, and wait until it can be changed again; it goes with the load balancer."""
    answer = await stage.cloud.request("load-balancer", "POST", path, json={key: wish})
    await _balancer_ready(stage)
    return str(answer.object()[key]["id"])


async def _member(stage: Stage, address: str) -> str:
    wish = {"address": address, "protocol_port": SSH_PORT, "subnet_id": stage.result(SUBNET)}
    return await _added(stage, f"/lbaas/pools/{stage.result(POOL)}/members", "member", wish)


async def _taken_away(stage: Stage, member: str) -> None:
    await stage.cloud.request("load-balancer", "DELETE", f"/lbaas/pools/{stage.result(POOL)}/members/{member}")
    await _balancer_ready(stage)


async def _answers(stage: Stage) -> None:
    address = str(stage.result(ADDRESS))

    async def answers() -> bool:
        return await ssh_answers(address)

    await until(answers)


DEEDS: Mapping[str, Deed] = {
    **SURROUNDING_DEEDS,
    PORTS: _ports,
    BALANCER: _balancer,
    BALANCER_READY: _balancer_ready,
    ADDRESS: _address,
    GUESTS: _guests,
    GUESTS_ACTIVE: _guests_active,
    LISTENER: _listener,
    POOL: _pool,
    MEMBERS: _members,
    REACH: _reach,
    ALONE: _alone,
    NONE_LEFT: _none_left,
}
_OF = "load-balancer"
SCENARIO = Scenario(
    name="loadbalancer",
    summary="two guests behind a load balancer: reached through it, together and each alone",
    steps=(
        *SURROUNDINGS,
        Step(name=PORTS, service="network", needs=(NETWORK, SUBNET, GROUP)),
        Step(name=BALANCER, service=_OF, needs=(SUBNET,), after=(INTERFACE,)),
        Step(name=BALANCER_READY, service=_OF, needs=(BALANCER,), seconds=300),
        Step(name=ADDRESS, service="network", needs=(OUTSIDE, INTERFACE, BALANCER)),
        Step(name=GUESTS, service="compute", needs=(CHOOSE, KEY_PAIR, PORTS), after=(RULE,)),
        Step(name=GUESTS_ACTIVE, service="compute", needs=(GUESTS,), seconds=300),
        Step(name=LISTENER, service=_OF, needs=(BALANCER, BALANCER_READY), seconds=120),
        Step(name=POOL, service=_OF, needs=(BALANCER, LISTENER), seconds=120),
        Step(name=MEMBERS, service=_OF, needs=(BALANCER, SUBNET, PORTS, POOL), seconds=120),
        Step(name=REACH, service=_OF, needs=(ADDRESS, MEMBERS, GUESTS_ACTIVE), seconds=300),
        Step(name=ALONE, service=_OF, needs=(BALANCER, SUBNET, PORTS, POOL, ADDRESS, MEMBERS, REACH), seconds=300),
        Step(name=NONE_LEFT, service=_OF, needs=(BALANCER, POOL, ADDRESS, MEMBERS, ALONE), seconds=120),
    ),
    creates=True,
    seconds=1200,
    quota={
        "compute.instances": 2,
        "network.network": 1,
        "network.subnet": 1,
        "network.router": 1,
        "network.port": 3,
        "network.security_group": 1,
        "network.floatingip": 1,
    },
)
