"""The scenario `zones`: guests in every availability zone, each on a network of its own, reach each other.

With one zone there are two guests in it, so that there are always packets that a router has to carry. The guests say on
their consoles whom they reach, so nothing outside needs a way to them.
"""

from base64 import b64encode
from collections.abc import Mapping

from allmende.clouds.routing import connected
from allmende.clouds.settling import settled
from allmende.clouds.waiting import until
from allmende.health.apply.stage import Deed, MissingError, Stage
from allmende.health.apply.surroundings import (
    CHOOSE,
    GROUP,
    KEY_PAIR,
    RULE,
    SSH_PORT,
    SURROUNDING_DEEDS,
    SURROUNDINGS,
    console_of,
    guest_wish,
    port_in,
)
from allmende.health.model.scenario import Scenario, Step

ZONES = "find the availability zones"
PING_RULE = "let ping in"
NETWORKS = "create a network for each guest"
SUBNETS = "create a subnet in each network"
ROUTER = "create a router between the networks"
INTERFACES = "connect the router and every subnet"
PORTS = "create a port in each network"
GUESTS = "start a guest in each zone"
ACTIVE = "wait until all guests are active"
PING = "let each guest ping every other"
REACH = "let each guest reach every other by TCP"

_FEWEST, _MOST = 2, 6
_SCRIPT = """#!/bin/sh
say() {{ echo "allmende {secret} $1 $2" > /dev/console; }}
answers() {{
  {{ nc -w 3 "$1" {port} < /dev/null || bash -c "head -c 4 < /dev/tcp/$1/{port}"; }} 2> /dev/null | grep -q SSH
}}
for other in {others}; do
  (
    for attempt in $(seq 60); do ping -c 1 -W 2 "$other" > /dev/null 2>&1 && say icmp "$other" && break; sleep 2; done
    for attempt in $(seq 60); do answers "$other" && say tcp "$other" && break; sleep 2; done
  ) &
done
wait
"""


async def _zones(stage: Stage) -> list[str]:
    """Return the zone of each guest."""
    rows = (await stage.cloud.request("compute", "GET", "/os-availability-zone")).object()["availabilityZoneInfo"]
    names = sorted(str(row["zoneName"]) for row in rows if row["zoneState"]["available"])[:_MOST]
    if not names:
        raise MissingError("The project is shown no availability zone.")
    return [names[number % len(names)] for number in range(max(_FEWEST, len(names)))]


async def _ping_rule(stage: Stage) -> None:
    rule = {
        "security_group_id": stage.result(GROUP),
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "icmp",
    }
    await stage.cloud.request("network", "POST", "/security-group-rules", json={"security_group_rule": rule})


async def _networks(stage: Stage) -> list[str]:
    return [
        await stage.holding.create("network", f"network-{number}", {}) for number, _ in enumerate(stage.result(ZONES))
    ]


async def _subnets(stage: Stage) -> list[str]:
    return [
        await stage.holding.create(
            "subnet", f"subnet-{number}", {"network_id": network, "ip_version": 4, "cidr": f"10.249.{50 + number}.0/24"}
        )
        for number, network in enumerate(stage.result(NETWORKS))
    ]


async def _router(stage: Stage) -> str:
    return await stage.holding.create("router", "router", {})


async def _interfaces(stage: Stage) -> None:
    for number, subnet in enumerate(stage.result(SUBNETS)):
        await connected(stage.cloud, stage.holding, f"interface-{number}", stage.result(ROUTER), subnet)


async def _ports(stage: Stage) -> list[dict[str, str]]:
    """Return the ports with their addresses."""
    places = zip(stage.result(NETWORKS), stage.result(SUBNETS), strict=True)
    return [await port_in(stage, f"port-{number}", *place) for number, place in enumerate(places)]


async def _guests(stage: Stage) -> list[str]:
    ports, made = stage.result(PORTS), []
    for number, (port, zone) in enumerate(zip(ports, stage.result(ZONES), strict=True)):
        others = " ".join(other["address"] for other in ports if other is not port)
        script = _SCRIPT.format(secret=stage.secret, port=SSH_PORT, others=others)
        wish = {**guest_wish(stage, port["id"]), "availability_zone": zone}
        wish["user_data"] = b64encode(script.encode()).decode()
        made.append(await stage.holding.create("server", f"guest-{number}", wish))
    return made


async def _active(stage: Stage) -> None:
    for guest in stage.result(GUESTS):
        await settled(stage.cloud, "server", guest, "ACTIVE")


def _heard(protocol: str) -> Deed:
    async def deed(stage: Stage) -> str:
        ports, guests = stage.result(PORTS), stage.result(GUESTS)
        missing = {
            (guest, other["address"])
            for guest, port in zip(guests, ports, strict=True)
            for other in ports
            if other is not port
        }
        pairs = len(missing)

        async def all_were_reached() -> bool:
            for guest in {guest for guest, _ in missing}:
                console = await console_of(stage, guest)
                missing.difference_update(
                    {
                        (of, address)
                        for of, address in missing
                        if of == guest and f"allmende {stage.secret} {protocol} {address}" in console
                    }
                )
            return not missing

        await until(all_were_reached)
        return f"all {pairs} pairs"

    return deed


_SHARED = (CHOOSE, KEY_PAIR, GROUP, RULE)
DEEDS: Mapping[str, Deed] = {
    **{name: SURROUNDING_DEEDS[name] for name in _SHARED},
    ZONES: _zones,
    PING_RULE: _ping_rule,
    NETWORKS: _networks,
    SUBNETS: _subnets,
    ROUTER: _router,
    INTERFACES: _interfaces,
    PORTS: _ports,
    GUESTS: _guests,
    ACTIVE: _active,
    PING: _heard("icmp"),
    REACH: _heard("tcp"),
}
SCENARIO = Scenario(
    name="zones",
    summary="guests in every availability zone, each on a network of its own, reach each other",
    steps=(
        *(step for step in SURROUNDINGS if step.name in _SHARED),
        Step(name=ZONES, service="compute"),
        Step(name=PING_RULE, service="network", needs=(GROUP,)),
        Step(name=NETWORKS, service="network", needs=(ZONES,)),
        Step(name=SUBNETS, service="network", needs=(NETWORKS,)),
        Step(name=ROUTER, service="network"),
        Step(name=INTERFACES, service="network", needs=(ROUTER, SUBNETS)),
        Step(name=PORTS, service="network", needs=(NETWORKS, SUBNETS, GROUP)),
        Step(
            name=GUESTS,
            service="compute",
            needs=(CHOOSE, KEY_PAIR, ZONES, PORTS),
            after=(RULE, PING_RULE, INTERFACES),
            seconds=120,
        ),
        Step(name=ACTIVE, service="compute", needs=(GUESTS,), seconds=600),
        Step(name=PING, service="network", needs=(PORTS, GUESTS, ACTIVE, INTERFACES), seconds=400),
        Step(name=REACH, service="network", needs=(PORTS, GUESTS, ACTIVE, INTERFACES), seconds=400),
    ),
    creates=True,
    seconds=1500,
    quota={
        "compute.instances": _FEWEST,
        "network.network": _FEWEST,
        "network.subnet": _FEWEST,
        "network.port": 2 * _FEWEST,
        "network.router": 1,
        "network.security_group": 1,
    },
)
