"""The self-built Debian: cloud-init, entropy, a root file system that fills the flavor's disk."""

from live_cloud import LiveCloud, eventually
from live_guests import Guests, console, reachable

from allmende.clouds.openstack import OpenStackCloud


def test_debian_does_what_its_user_data_says(live_cloud: LiveCloud, guests: Guests) -> None:
    async def work(cloud: OpenStackCloud) -> dict[str, str]:
        async def finished() -> str | None:
            seen = await console(cloud, guests.debian.id, 400)
            return seen if "live-test: end" in seen else None

        async def evidence() -> str:
            return await console(cloud, guests.debian.id)

        seen = await eventually("cloud-init ran the user data", finished, seconds=420, evidence=evidence)
        await reachable(cloud, guests.debian, seconds=60)
        lines = [line.partition("live-test: ")[2].split() for line in seen.splitlines() if "live-test: " in line]
        return {words[0]: words[1] for words in lines if len(words) == 2}

    seen = live_cloud.ask(work)
    assert int(seen["entropy"]) >= 256
    assert seen["rngd"] == "active"
    assert int(seen["root"]) > 2500, "the file system did not grow to the flavor's 3 GiB"
    assert guests.debian.ssh("sudo id -un").strip() == "root"
