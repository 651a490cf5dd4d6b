"""A load balancer that really forwards."""

from collections import Counter

from live_cloud import LiveCloud, eventually
from live_guests import Guests, Surroundings, created, deleted

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudNotFoundError

_REQUESTS = 20


def test_requests_reach_both_members(live_cloud: LiveCloud, guests: Guests, around: Surroundings) -> None:
    async def work(cloud: OpenStackCloud) -> None:
        balancer = await created(
            cloud,
            "load-balancer",
            "/lbaas/loadbalancers",
            "loadbalancer",
            {"name": "live", "vip_subnet_id": around.subnet, "provider": "ovn"},
        )
        path = f"/lbaas/loadbalancers/{balancer['id']}"
        await _active(cloud, path)
        wish = {"name": "http", "loadbalancer_id": balancer["id"], "protocol": "TCP", "protocol_port": 80}
        listener = await created(cloud, "load-balancer", "/lbaas/listeners", "listener", wish)
        await _active(cloud, path)
        wish = {"listener_id": listener["id"], "protocol": "TCP", "lb_algorithm": "SOURCE_IP_PORT"}
        pool = await created(cloud, "load-balancer", "/lbaas/pools", "pool", wish)
        await _active(cloud, path)
        for guest in (guests.one, guests.two):
            member = {"address": guest.address, "protocol_port": 80, "subnet_id": around.subnet}
            await created(cloud, "load-balancer", f"/lbaas/pools/{pool['id']}/members", "member", member)
            await _active(cloud, path)
        wish = {"floating_network_id": around.public_network, "port_id": balancer["vip_port_id"]}
        floating = await created(cloud, "network", "/floatingips", "floatingip", wish)
        door = guests.one.at(floating["floating_ip_address"])

        async def both_answer() -> Counter[str] | None:
            seen = Counter(door.http("/hostname").strip() for _ in range(_REQUESTS))
            return seen if set(seen) == {"one", "two"} else None

        seen = await eventually("both guests answer behind the load balancer", both_answer, seconds=60)
        assert sum(seen.values()) == _REQUESTS
        await cloud.request("load-balancer", "DELETE", path, params={"cascade": "true"})
        await eventually("the load balancer is gone", lambda: _gone(cloud, path), seconds=60)
        await deleted(cloud, "network", f"/floatingips/{floating['id']}")

    live_cloud.ask(work)


async def _active(cloud: OpenStackCloud, path: str) -> None:
    async def settled() -> str | None:
        found = (await cloud.request("load-balancer", "GET", path)).object()["loadbalancer"]
        return None if found["provisioning_status"].startswith("PENDING") else str(found["provisioning_status"])

    assert await eventually("the load balancer is ready", settled, seconds=60) == "ACTIVE"


async def _gone(cloud: OpenStackCloud, path: str) -> bool | None:
    try:
        found = (await cloud.request("load-balancer", "GET", path)).object()["loadbalancer"]
    except CloudNotFoundError:
        return True
    return found["provisioning_status"] == "DELETED" or None
