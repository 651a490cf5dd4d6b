"""What a check creates in a real cloud: killed in the middle, it is all removed, and nothing else is."""

import json
import subprocess
import time

from live_cloud import LiveCloud, eventually
from live_guests import volume

from allmende.clouds.clean import OURS
from allmende.clouds.kinds import KINDS
from allmende.clouds.openstack import OpenStackCloud

LOOKED_AT = ("server", "volume", "backup", "image", "network", "port", "secret")


async def things(cloud: OpenStackCloud) -> set[tuple[str, str, str]]:
    found = set()
    for kind in (KINDS[name] for name in LOOKED_AT):
        rows = await cloud.items(kind.service, kind.path, kind.plural)
        found |= {(kind.name, str(row.get(kind.name_key)), kind.identifier(row)) for row in rows}
    return found


def ours(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {thing for thing in found if OURS.match(thing[1])}


async def settled(cloud: OpenStackCloud) -> set[tuple[str, str, str]]:
    """What is there once nova has stopped to list the guest of the run before, which is gone already."""

    async def quiet() -> set[tuple[str, str, str]] | None:
        found = await things(cloud)
        return None if ours(found) else found

    return await eventually("nothing of ours is listed", quiet, seconds=60)


def test_a_killed_check_leaves_nothing_after_cleanup_and_takes_nothing_along(live_cloud: LiveCloud) -> None:
    line, address = live_cloud.command_line, live_cloud.address
    environ = {**line.environ, "OS_CLIENT_CONFIG_FILE": str(address.clouds_yaml)}
    neighbour = live_cloud.ask(lambda cloud: volume(cloud, "allmende-of-the-village-volume"))
    try:
        before = live_cloud.ask(settled)
        words = line.words("check", address.cloud, "--only", "scs-0117-*", "--only", "scs-0101-*")
        with subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr is not None
            assert "removes again what it creates" in run.stderr.readline()
            time.sleep(6)  # in the middle of whatever it is doing by then
            run.kill()
        assert ours(live_cloud.ask(things))
        shown = line.run(
            "cleanup", address.cloud, "--json", environ={"OS_CLIENT_CONFIG_FILE": str(address.clouds_yaml)}
        )
        assert {thing["state"] for thing in json.loads(shown)["things"]} == {"removed"}
        assert live_cloud.ask(settled) == before
        assert ("volume", "allmende-of-the-village-volume", neighbour) in before
    finally:
        live_cloud.ask(lambda cloud: cloud.request("block-storage", "DELETE", f"/volumes/{neighbour}"))
