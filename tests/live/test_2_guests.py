"""Guests that really run, as seen from the machine that the cloud runs on."""

import hashlib

from live_cloud import LiveCloud, eventually
from live_guests import Guest, Guests, attached, console, deleted, detached, settled, volume

from allmende.clouds.openstack import OpenStackCloud

_BLOCK = "dd if=/dev/urandom of=/tmp/block bs=1M count=8 2>/dev/null"


def test_a_guest_answers_by_http_on_its_floating_address(guests: Guests) -> None:
    assert guests.one.http("/hostname").strip() == "one"
    assert guests.two.http("/hostname").strip() == "two"


def test_a_guest_knows_from_the_metadata_who_it_is(live_cloud: LiveCloud, guests: Guests) -> None:
    assert guests.one.http("/uuid").strip() == guests.one.id
    seen = live_cloud.ask(lambda cloud: console(cloud, guests.one.id, 200))
    assert f"allmende-guest: metadata: uuid {guests.one.id}" in seen
    assert "allmende-guest: metadata: 1 key(s) for root" in seen


def test_a_guest_has_the_address_that_the_network_gave_it(guests: Guests) -> None:
    assert guests.one.address in guests.one.ssh("ip -4 address show")


def test_guests_of_a_network_reach_each_other(guests: Guests) -> None:
    assert guests.one.ssh(f"wget -q -O - http://{guests.two.address}/hostname").strip() == "two"


def test_a_volume_keeps_what_a_guest_wrote(live_cloud: LiveCloud, guests: Guests) -> None:
    async def work(cloud: OpenStackCloud) -> None:
        disk_id = await volume(cloud, "kept")
        disk = await attached(cloud, guests.one, disk_id)
        guests.one.ssh(f"{_BLOCK} && dd if=/tmp/block of=/dev/{disk} bs=1M && sync")
        written = _checksum(guests.one, "/tmp/block")  # noqa: S108 -- inside the guest
        await detached(cloud, guests.one, disk_id)
        disk = await attached(cloud, guests.two, disk_id)
        assert _checksum(guests.two, f"/dev/{disk}") == written
        await detached(cloud, guests.two, disk_id)
        await deleted(cloud, "block-storage", f"/volumes/{disk_id}")

    live_cloud.ask(work)


def test_a_backup_brings_back_what_was_written(live_cloud: LiveCloud, guests: Guests) -> None:
    async def work(cloud: OpenStackCloud) -> None:
        source = await volume(cloud, "backed up")
        disk = await attached(cloud, guests.one, source)
        guests.one.ssh(f"{_BLOCK} && dd if=/tmp/block of=/dev/{disk} bs=1M && sync")
        written = _checksum(guests.one, "/tmp/block")  # noqa: S108 -- inside the guest
        await detached(cloud, guests.one, source)
        wish = {"backup": {"volume_id": source, "name": "backup"}}
        backup = (await cloud.request("block-storage", "POST", "/backups", json=wish)).object()["backup"]["id"]
        await settled(cloud, f"/backups/{backup}", "backup", "available")
        await deleted(cloud, "block-storage", f"/volumes/{source}")
        answer = await cloud.request("block-storage", "POST", f"/backups/{backup}/restore", json={"restore": {}})
        restored = answer.object()["restore"]["volume_id"]
        await settled(cloud, f"/volumes/{restored}", "volume", "available")
        disk = await attached(cloud, guests.two, restored)
        assert _checksum(guests.two, f"/dev/{disk}") == written
        await detached(cloud, guests.two, restored)
        await deleted(cloud, "block-storage", f"/volumes/{restored}")
        await deleted(cloud, "block-storage", f"/backups/{backup}")

    live_cloud.ask(work)


def test_a_guest_switches_off_when_asked(live_cloud: LiveCloud, guests: Guests) -> None:
    async def work(cloud: OpenStackCloud) -> None:
        async def has_status(wanted: str) -> bool | None:
            found = (await cloud.request("compute", "GET", f"/servers/{guests.two.id}")).object()["server"]
            return found["status"] == wanted or None

        async def is_back() -> bool | None:
            return guests.two.http("/hostname").strip() == "two" or None

        path = f"/servers/{guests.two.id}/action"
        await cloud.request("compute", "POST", path, json={"os-stop": None})
        await eventually("the guest is off", lambda: has_status("SHUTOFF"), seconds=40)
        await cloud.request("compute", "POST", path, json={"os-start": None})
        await eventually("the guest is on", lambda: has_status("ACTIVE"), seconds=60)
        await eventually("the guest answers again", is_back, seconds=120)

    live_cloud.ask(work)


def _checksum(guest: Guest, path: str) -> str:
    """Return the SHA-256 of the first 8 MiB of a file or disk of the guest."""
    seen = guest.ssh(f"dd if={path} bs=1M count=8 2>/dev/null | sha256sum").split()[0]
    assert seen != hashlib.sha256(b"").hexdigest()
    return seen
