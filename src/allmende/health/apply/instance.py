"""The scenario `instance`: what a member does all day, with a guest that is started, reached, used and removed again.

The guest is the smallest that the cloud offers. It gets a network of its own behind a router, an address of the
outside, and a volume. What of this the cloud does not offer is skipped.
"""

from base64 import b64encode
from collections.abc import Mapping

from allmende.clouds.settling import WentWrongError, settled
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
    SUBNET,
    SURROUNDING_DEEDS,
    SURROUNDINGS,
    console_of,
    guest_wish,
    port_in,
    ssh_answers,
)
from allmende.health.model.scenario import Scenario, Step

PORT = "create a port"
ADDRESS = "take a floating address"
ATTACH_ADDRESS = "give the port the address"
VOLUME = "create a volume"
VOLUME_READY = "wait for the volume"
GUEST = "start a guest"
GUEST_ACTIVE = "wait until the guest is active"
CONSOLE = "wait for a word on its console"
REACH = "reach its SSH from outside"
ATTACH = "attach the volume"
DETACH = "detach the volume"
SNAPSHOT = "take a snapshot of the volume"
DELETE = "delete the guest"

_VOLUME_GIB = 1


async def _port(stage: Stage) -> str:
    return (await port_in(stage, "port", stage.result(NETWORK), stage.result(SUBNET)))["id"]


async def _address(stage: Stage) -> str:
    wish = {"floating_network_id": stage.result(OUTSIDE).id}
    return await stage.holding.create("floating address", "address", wish)


async def _attach_address(stage: Stage) -> str:
    wish = {"floatingip": {"port_id": stage.result(PORT)}}
    path = f"/floatingips/{stage.result(ADDRESS)}"
    row = (await stage.cloud.request("network", "PUT", path, json=wish)).object()["floatingip"]
    return str(row["floating_ip_address"])


async def _volume(stage: Stage) -> str:
    return await stage.holding.create("volume", "volume", {"size": _VOLUME_GIB})


async def _volume_ready(stage: Stage) -> None:
    await settled(stage.cloud, "volume", stage.result(VOLUME), "available")


async def _guest(stage: Stage) -> str:
    script = f"#!/bin/sh\necho allmende {stage.secret} > /dev/console\n"
    wish = {**guest_wish(stage, stage.result(PORT)), "user_data": b64encode(script.encode()).decode()}
    return await stage.holding.create("server", "guest", wish)


async def _guest_active(stage: Stage) -> None:
    await settled(stage.cloud, "server", stage.result(GUEST), "ACTIVE")


async def _console(stage: Stage) -> str:
    heard = ""

    async def has_spoken() -> bool:
        nonlocal heard
        console = await console_of(stage, stage.result(GUEST))
        heard = "what its user data say" if stage.secret in console else "a login prompt" if "login:" in console else ""
        return bool(heard)

    await until(has_spoken)
    return heard


async def _reach(stage: Stage) -> str:
    address = str(stage.result(ATTACH_ADDRESS))

    async def answers() -> bool:
        return await ssh_answers(address)

    await until(answers)
    return address


async def _attach(stage: Stage) -> None:
    server, volume = stage.result(GUEST), stage.result(VOLUME)
    wish = {"volumeAttachment": {"volumeId": volume}}
    await stage.cloud.request("compute", "POST", f"/servers/{server}/os-volume_attachments", json=wish)
    await settled(stage.cloud, "volume", volume, "in-use")


async def _detach(stage: Stage) -> None:
    server, volume = stage.result(GUEST), stage.result(VOLUME)
    await stage.cloud.request("compute", "DELETE", f"/servers/{server}/os-volume_attachments/{volume}")
    await settled(stage.cloud, "volume", volume, "available")


async def _snapshot(stage: Stage) -> None:
    wish = {"volume_id": stage.result(VOLUME)}
    snapshot = await stage.holding.create("volume snapshot", "snapshot", wish)
    row = await settled(stage.cloud, "volume snapshot", snapshot, "available")
    if str(row.get("volume_id")) != stage.result(VOLUME):
        raise WentWrongError("the snapshot is of another volume")


async def _delete(stage: Stage) -> None:
    await stage.holding.give_back(stage.result(GUEST))


DEEDS: Mapping[str, Deed] = {
    **SURROUNDING_DEEDS,
    PORT: _port,
    ADDRESS: _address,
    ATTACH_ADDRESS: _attach_address,
    VOLUME: _volume,
    VOLUME_READY: _volume_ready,
    GUEST: _guest,
    GUEST_ACTIVE: _guest_active,
    CONSOLE: _console,
    REACH: _reach,
    ATTACH: _attach,
    DETACH: _detach,
    SNAPSHOT: _snapshot,
    DELETE: _delete,
}
SCENARIO = Scenario(
    name="instance",
    summary="a guest on a network of its own: started, reached, with a volume, removed",
    steps=(
        *SURROUNDINGS,
        Step(name=PORT, service="network", needs=(NETWORK, SUBNET, GROUP)),
        Step(
            name=ADDRESS, service="network", needs=(OUTSIDE,), after=(INTERFACE, PORT)
        ),  # so that it is removed before them
        Step(name=ATTACH_ADDRESS, service="network", needs=(ADDRESS, PORT, INTERFACE)),
        Step(name=VOLUME, service="block-storage"),
        Step(name=VOLUME_READY, service="block-storage", needs=(VOLUME,), seconds=180),
        Step(name=GUEST, service="compute", needs=(CHOOSE, KEY_PAIR, PORT), after=(RULE,)),
        Step(name=GUEST_ACTIVE, service="compute", needs=(GUEST,), seconds=300),
        Step(name=CONSOLE, service="compute", needs=(GUEST, GUEST_ACTIVE), seconds=300),
        Step(name=REACH, service="network", needs=(ATTACH_ADDRESS, GUEST_ACTIVE), seconds=300),
        Step(
            name=ATTACH,
            service="block-storage",
            needs=(GUEST, GUEST_ACTIVE, VOLUME, VOLUME_READY),
            after=(CONSOLE,),
            seconds=120,
        ),
        Step(name=DETACH, service="block-storage", needs=(GUEST, VOLUME, ATTACH), seconds=120),
        Step(name=SNAPSHOT, service="block-storage", needs=(VOLUME, VOLUME_READY), after=(DETACH,), seconds=180),
        Step(name=DELETE, service="compute", needs=(GUEST,), after=(CONSOLE, REACH, DETACH), seconds=180),
    ),
    creates=True,
    seconds=900,
    quota={
        "compute.instances": 1,
        "network.network": 1,
        "network.subnet": 1,
        "network.router": 1,
        "network.port": 1,
        "network.security_group": 1,
        "network.floatingip": 1,
        "block-storage.volumes": 1,
        "block-storage.gigabytes": 2,
        "block-storage.snapshots": 1,
    },
)
