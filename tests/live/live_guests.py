"""Guests of the cloud under test, as their owner meets them: servers, addresses, HTTP, SSH, volumes."""

import asyncio
import subprocess
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from live_cloud import eventually

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudNotFoundError

_BOOT_SECONDS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every guest needs: a network with a way out, a security group that lets SSH and HTTP in, a key."""

    network: str
    subnet: str
    public_network: str
    security_group: str
    key_name: str
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A server that is ACTIVE."""

    id: str
    name: str
    address: str
    port: str
    floating: str
    user: str
    key: Path

    def at(self, floating: str) -> "Guest":
        """Return the guest as seen through another floating address."""
        return replace(self, floating=floating)

    def http(self, path: str = "/", seconds: float = 3) -> str:
        """Return what the guest answers on port 80 of its floating address."""
        with urllib.request.urlopen(f"http://{self.floating}{path}", timeout=seconds) as answer:
            text: str = answer.read().decode()
            return text

    def ssh(self, command: str, seconds: float = 40) -> str:
        """Return what `command` prints inside the guest."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=8"]
        words = ["ssh", "-i", str(self.key), *(word for option in options for word in ("-o", option))]
        done = subprocess.run(
            [*words, f"{self.user}@{self.floating}", command],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            raise OSError(f"ssh {command!r} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """Two small guests that answer, and a Debian that may still be booting."""

    one: Guest
    two: Guest
    debian: Guest


async def surroundings(cloud: OpenStackCloud, folder: Path) -> Surroundings:
    """Make network, router, security group and key pair as a member would."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = (await cloud.items("network", "/networks", "networks", params={"router:external": "true"}))[0]
    network = await created(cloud, "network", "/networks", "network", {"name": "live"})
    subnet = await created(
        cloud,
        "network",
        "/subnets",
        "subnet",
        {"name": "live", "network_id": network["id"], "ip_version": 4, "cidr": "10.77.0.0/24"},
    )
    router = await created(
        cloud, "network", "/routers", "router", {"name": "live", "external_gateway_info": {"network_id": public["id"]}}
    )
    await cloud.request(
        "network", "PUT", f"/routers/{router['id']}/add_router_interface", json={"subnet_id": subnet["id"]}
    )
    group = await created(cloud, "network", "/security-groups", "security_group", {"name": "live"})
    for port in (22, 80):
        rule = {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
        rule |= {"port_range_min": str(port), "port_range_max": str(port)}
        await cloud.request("network", "POST", "/security-group-rules", json={"security_group_rule": rule})
    public_key = key.with_suffix(".pub").read_text(encoding="utf-8").strip()
    pair = {"keypair": {"name": "live", "public_key": public_key}}
    await cloud.request("compute", "POST", "/os-keypairs", json=pair)
    return Surroundings(
        network=network["id"],
        subnet=subnet["id"],
        public_network=public["id"],
        security_group=group["id"],
        key_name="live",
        key=key,
    )


async def guest(
    cloud: OpenStackCloud,
    around: Surroundings,
    name: str,
    *,
    image: str = "Allmende small guest",
    flavor: str = "guest.tiny",
    user: str = "root",
    user_data: str | None = None,
) -> Guest:
    """Return a server that is ACTIVE and has a floating address; it may still be booting."""
    images = await cloud.items("image", "/images", "images", params={"name": image})
    flavors = {row["name"]: row["id"] for row in await cloud.items("compute", "/flavors", "flavors")}
    port = await created(
        cloud,
        "network",
        "/ports",
        "port",
        {"name": name, "network_id": around.network, "security_groups": [around.security_group]},
    )
    wish: dict[str, Any] = {
        "name": name,
        "imageRef": images[0]["id"],
        "flavorRef": flavors[flavor],
        "key_name": around.key_name,
        "networks": [{"port": port["id"]}],
        **({"user_data": b64encode(user_data.encode()).decode()} if user_data else {}),
    }
    made = await created(cloud, "compute", "/servers", "server", wish)
    await _active(cloud, made["id"])
    floating = await created(
        cloud,
        "network",
        "/floatingips",
        "floatingip",
        {"floating_network_id": around.public_network, "port_id": port["id"]},
    )
    return Guest(
        id=made["id"],
        name=name,
        address=port["fixed_ips"][0]["ip_address"],
        port=port["id"],
        floating=floating["floating_ip_address"],
        user=user,
        key=around.key,
    )


async def _active(cloud: OpenStackCloud, server: str) -> None:
    async def state() -> str | None:
        found = (await cloud.request("compute", "GET", f"/servers/{server}")).object()["server"]
        return None if found["status"] == "BUILD" else f"{found['status']} {found.get('fault', {}).get('message', '')}"

    status = await eventually(f"the server {server} is ACTIVE", state, seconds=_BOOT_SECONDS)
    if not status.startswith("ACTIVE"):
        raise AssertionError(f"the server {server} became {status}")


async def console(cloud: OpenStackCloud, server: str, lines: int = 40) -> str:
    """Return the end of what the guest wrote on its console."""
    action = {"os-getConsoleOutput": {"length": lines}}
    answer = await cloud.request("compute", "POST", f"/servers/{server}/action", json=action)
    return str(answer.object()["output"])


async def volume(cloud: OpenStackCloud, name: str, **more: Any) -> str:
    """Return the id of a new volume of 1 GiB that is available."""
    made = await created(cloud, "block-storage", "/volumes", "volume", {"name": name, "size": 1, **more})
    await settled(cloud, f"/volumes/{made['id']}", "volume", "available")
    return str(made["id"])


async def settled(cloud: OpenStackCloud, path: str, key: str, wanted: str, *, seconds: float = 120) -> None:
    """Wait until a volume or backup has the status `wanted`; fail at once when it is an error."""

    async def status() -> str | None:
        found = str((await cloud.request("block-storage", "GET", path)).object()[key]["status"])
        return found if found == wanted or "error" in found else None

    seen = await eventually(f"{path} is {wanted}", status, seconds=seconds)
    if seen != wanted:
        raise AssertionError(f"{path} became {seen} instead of {wanted}")


async def attached(cloud: OpenStackCloud, server: Guest, volume_id: str) -> str:
    """Attach the volume and return the name of the disk that appeared in the guest."""
    before = set(server.ssh("ls /sys/block").split())
    attachment = {"volumeAttachment": {"volumeId": volume_id}}
    await cloud.request("compute", "POST", f"/servers/{server.id}/os-volume_attachments", json=attachment)
    await settled(cloud, f"/volumes/{volume_id}", "volume", "in-use")

    async def disk() -> str | None:
        return next(iter(set(server.ssh("ls /sys/block").split()) - before), None)

    return await eventually(f"{server.name} sees the volume", disk, seconds=60)


async def detached(cloud: OpenStackCloud, server: Guest, volume_id: str) -> None:
    """Detach the volume and wait until it is available again, and nova has forgotten the attachment, a moment later."""
    attachment = f"/servers/{server.id}/os-volume_attachments/{volume_id}"
    await cloud.request("compute", "DELETE", attachment)
    await settled(cloud, f"/volumes/{volume_id}", "volume", "available")
    await eventually(f"{attachment} is gone", lambda: gone(cloud, "compute", attachment), seconds=60)


async def deleted(cloud: OpenStackCloud, service: str, path: str, *, seconds: float = 60) -> None:
    """Delete something and wait until it is gone."""
    await cloud.request(service, "DELETE", path)
    await eventually(f"{path} is gone", lambda: gone(cloud, service, path), seconds=seconds)


async def gone(cloud: OpenStackCloud, service: str, path: str) -> bool | None:
    """Return True when the cloud no longer knows it."""
    try:
        await cloud.request(service, "GET", path)
    except CloudNotFoundError:
        return True
    return None


async def standing(cloud: OpenStackCloud, server: Guest) -> str:
    """Return what the cloud says of the guest, its port and its floating address, and what it wrote on its console."""
    found = (await cloud.request("compute", "GET", f"/servers/{server.id}")).object()["server"]
    port = (await cloud.request("network", "GET", f"/ports/{server.port}")).object()["port"]
    ways = await cloud.items("network", "/floatingips", "floatingips", params={"port_id": server.port})
    states = {key: found.get(f"OS-EXT-STS:{key}") for key in ("vm_state", "task_state", "power_state")}
    addresses = {way["floating_ip_address"]: way["status"] for way in ways}
    return "\n".join(
        (
            f"server {found['status']} {states} {found.get('fault', '')}",
            f"port {port['status']}, floating addresses {addresses}",
            await console(cloud, server.id),
        )
    )


async def reachable(cloud: OpenStackCloud, server: Guest, *, seconds: float = _BOOT_SECONDS) -> None:
    """Wait until the guest answers by SSH on its floating address."""

    async def answers() -> bool | None:
        return await asyncio.to_thread(server.ssh, "true") == "" or None

    async def evidence() -> str:
        return await console(cloud, server.id)

    await eventually(f"{server.name} answers on {server.floating}", answers, seconds=seconds, evidence=evidence)


async def created(cloud: OpenStackCloud, service: str, path: str, key: str, wish: dict[str, Any]) -> dict[str, Any]:
    """Return what the service made of `wish`."""
    entry: dict[str, Any] = (await cloud.request(service, "POST", path, json={key: wish})).object()[key]
    return entry
