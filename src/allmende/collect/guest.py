"""scs-0101: a guest with cloud-init that says on its console what it knows of its random numbers.

The guest gets a network of its own, without a way out, and reads what it shall do from a configuration drive or the
metadata service. It needs no packages, no address that can be reached, and no key.
"""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

from allmende.clouds.boot import booted_from
from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.routing import connected
from allmende.clouds.settling import WentWrongError, settled
from allmende.clouds.waiting import until
from allmende.collect.attempting import Work, working
from allmende.collect.collector import collector
from allmende.collect.guest_choice import GuestChoice, guest_choice
from allmende.collect.visit import UnobservedError, Visit
from allmende.errors import CloudNotFoundError, CloudRefusedError
from allmende.facts.attempts import Ending
from allmende.facts.openstack import Flavors, Images
from allmende.facts.openstack_work import GuestRandomness

ACTIVE_SECONDS = 300.0
ANSWER_SECONDS = 600.0
MARK = "allmende-says:"
CONSOLE_LINES_SHOWN = 12
_SUBNET = "10.249.27.0/24"
_NEEDS = {"compute.instances": 1, "compute.cores": 1, "compute.ram_mib": 512, "network.network": 1, "network.subnet": 1}
_LINE = re.compile(re.escape(MARK) + r" ([0-9a-f]{8}) (\{.*?\})")


@collector(seconds=1000, usual_seconds=90, creates=True, needs=_NEEDS)
async def guest_randomness(visit: Visit) -> GuestRandomness:
    """One guest on one network, some fifty requests, most of which read the console."""
    flavors, images = await visit.fact(Flavors), await visit.fact(Images)
    choice = guest_choice(flavors.items, images.items)
    if choice is None:
        raise UnobservedError(
            "No public image of Debian or Ubuntu fits any flavor, so no guest was started. Offer one of "
            "scs-0104 with the purpose `generic`."
        )
    first = await _asked(visit, choice, with_drive=True)
    failure = first.attempts.failure
    if failure is None or failure.ending is not Ending.BROKEN:
        return first
    second = await _asked(visit, choice, with_drive=False)
    earlier = f"With a configuration drive it did not work ({failure.what}: {failure.seen}), so none was asked for."
    return replace(second, earlier=earlier)


async def _asked(visit: Visit, choice: GuestChoice, *, with_drive: bool) -> GuestRandomness:
    said: dict[str, Any] = {}
    async with working(visit, GuestRandomness) as (work, holding):
        server = await _started(visit.cloud, holding, work, choice, with_drive=with_drive)
        await work.step(
            "wait until it has said all",
            _everything_said(visit.cloud, server, said),
            seen=lambda seconds: f"after {seconds:.0f} s",
            seconds=ANSWER_SECONDS,
        )
    return _observed(choice, work, said)


async def _started(
    cloud: OpenStackCloud, holding: Holding, work: Work, choice: GuestChoice, *, with_drive: bool
) -> str:
    network = await work.step("create a network", holding.create("network", "network", {}))
    wish = {"network_id": network, "ip_version": 4, "cidr": _SUBNET}
    subnet = await work.step("create a subnet", holding.create("subnet", "subnet", wish))
    if not with_drive:
        await _routed(cloud, holding, work, subnet)
    with_what = f"the image «{choice.image.name}» and the flavor «{choice.flavor.name}»"
    server = await work.step(
        f"start a guest with {with_what}",
        holding.create("server", "guest", _wish(choice, network, with_drive=with_drive)),
    )
    await work.step(
        "wait until it is ACTIVE",
        settled(cloud, "server", server, "ACTIVE"),
        seen=lambda row: str(row["status"]),
        seconds=ACTIVE_SECONDS,
    )
    return server


async def _routed(cloud: OpenStackCloud, holding: Holding, work: Work, subnet: str) -> None:
    """Put the subnet behind a router without a way out: some clouds show the metadata service only there."""
    router = await work.step("create a router", holding.create("router", "router", {}))
    await work.step("connect it with the subnet", connected(cloud, holding, "interface", router, subnet))


def _wish(choice: GuestChoice, network: str, *, with_drive: bool) -> Mapping[str, Any]:
    script = files("allmende.collect").joinpath("data", "randomness.py").read_text(encoding="utf-8")
    return {
        "flavorRef": choice.flavor.id,
        "networks": [{"uuid": network}],
        "config_drive": with_drive,
        "user_data": b64encode(script.replace("@MARK@", MARK).encode()).decode(),
        **booted_from(choice.image.id, choice.volume_gib),
    }


async def _everything_said(cloud: OpenStackCloud, server: str, said: dict[str, Any]) -> float:
    async def is_complete() -> bool:
        action: dict[str, Any] = {"os-getConsoleOutput": {}}
        try:
            answer = await cloud.request("compute", "POST", f"/servers/{server}/action", json=action, only_reads=True)
        except (CloudNotFoundError, CloudRefusedError) as error:
            if error.status in (404, 409):
                return False  # the guest has not written anything yet
            raise
        console = str(answer.object()["output"])
        said["console"] = console
        said.update(heard(console))
        if "Failed to run module scripts" in console and "end" not in said:
            raise WentWrongError("cloud-init could not run the script")
        return "end" in said

    return await until(is_complete)


def heard(console: str) -> dict[str, Any]:
    """Return what the script said, of the lines that came through whole."""
    said: dict[str, Any] = {}
    for checksum, text in _LINE.findall(console):
        if f"{zlib.crc32(text.encode()):08x}" == checksum:
            said.update(json.loads(text))
    return said


def _observed(choice: GuestChoice, work: Work, said: Mapping[str, Any]) -> GuestRandomness:
    entropy = str(said.get("entropy_avail", ""))
    lines = [line.strip() for line in str(said.get("console", "")).splitlines() if line.strip()]
    return GuestRandomness(
        attempts=work.attempts,
        image=choice.image.name,
        flavor=choice.flavor.name,
        kernel=str(said.get("kernel", "")),
        entropy_avail=int(entropy) if entropy.isdecimal() else None,
        blocks=said.get("blocks"),
        failures=said.get("failures"),
        tested_by=str(said.get("tested_by", "")),
        rngd=str(said.get("rngd", "")),
        console="\n".join(line[:200] for line in lines[-CONSOLE_LINES_SHOWN:]),
    )
