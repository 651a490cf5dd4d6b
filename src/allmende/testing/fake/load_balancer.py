"""Load balancers: a tree whose root is locked while anything in it changes."""

from collections.abc import Callable, Mapping

from allmende.testing.fake.engine import create, need, passes, remove, settle
from allmende.testing.fake.model import (
    PROJECT,
    Call,
    Fields,
    Kind,
    Reference,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    Tie,
    json_reply,
)
from allmende.testing.fake.network import PORT, new_port

_ROOT = "_root"
"""Where a child keeps the id of its load balancer; the API does not show it."""


def _base(call: Call, given: Fields) -> Fields:
    usual = {"name": "", "description": "", "admin_state_up": True, "tags": [], "operating_status": "OFFLINE"}
    at = call.now.strftime("%Y-%m-%dT%H:%M:%S")
    return {**usual, **given, "project_id": PROJECT, "tenant_id": PROJECT, "created_at": at, "updated_at": None}


def _new_balancer(state: State, call: Call, given: Fields) -> Fields:
    subnet = state.resources.find("subnet", given.get("vip_subnet_id"))
    if subnet is None:
        raise RefusedError(400, f"Subnet {given.get('vip_subnet_id')} not found.")
    usual: Fields = {"provider": "ovn", "flavor_id": None, "availability_zone": None, "additional_vips": []}
    return usual | _base(call, given) | {"vip_network_id": subnet.fields["network_id"]}


def _balancer_made(state: State, call: Call, balancer: Resource) -> None:
    where = {"network_id": balancer.fields["vip_network_id"], "fixed_ip": balancer.fields.get("vip_address")}
    owner = {"device_owner": "Octavia", "device_id": f"lb-{balancer.id}", "name": f"octavia-lb-vip-{balancer.id}"}
    port = create(state, PORT, new_port(state, call, where | owner))
    balancer.fields |= {"vip_port_id": port.id, "vip_address": port.fields["fixed_ips"][0]["ip_address"]}


def _present_balancer(state: State, _call: Call, balancer: Resource) -> Fields:
    return {
        "listeners": [{"id": row.id} for row in _children(state, balancer, "listener")],
        "pools": [{"id": row.id} for row in _children(state, balancer, "pool")],
    }


def _children(state: State, balancer: Resource, kind: str) -> list[Resource]:
    return [row for row in state.resources.of(kind) if row.secret.get(_ROOT) == balancer.id]


def _balancer_goes(state: State, call: Call, balancer: Resource) -> None:
    children = [row for kind in ("listener", "pool") for row in _children(state, balancer, kind)]
    if children and call.query.get("cascade", "").lower() != "true":
        raise RefusedError(400, f"Validation failure: Cannot delete Load Balancer {balancer.id} - it has children")
    if balancer.then is not None:
        raise RefusedError(409, f"Invalid state {balancer.status} of loadbalancer resource {balancer.id}")


def _balancer_gone(state: State, balancer: Resource) -> None:
    for kind in ("healthmonitor", "member", "pool", "listener"):
        for row in _children(state, balancer, kind):
            state.resources.discard(row)
    if port := state.resources.find("port", balancer.fields["vip_port_id"]):
        remove(state, port)


_SHOWN: Mapping[str, Fields] = {
    "listener": {"connection_limit": -1, "default_pool_id": None, "l7policies": [], "insert_headers": {}},
    "pool": {"session_persistence": None, "tls_enabled": False},
    "member": {"weight": 1, "backup": False, "monitor_address": None, "monitor_port": None},
    "healthmonitor": {"max_retries_down": 3, "http_method": None, "url_path": None, "expected_codes": None},
}


def _builds(name: str, **parents: Kind) -> Callable[[State, Call, Fields], Fields]:
    """Return the building of a child that names one of these parents: field of the request, and its kind."""

    def build(state: State, call: Call, given: Fields) -> Fields:
        parent = _parent(state, given, parents)
        root = _root(state, parent)
        if root.status != "ACTIVE":
            raise RefusedError(409, f"Load Balancer {root.id} is immutable and cannot be updated.")
        shown = {f"{kind.name}s": [{"id": given[field]}] for field, kind in parents.items() if given.get(field)}
        return {"loadbalancers": [{"id": root.id}]} | _SHOWN[name] | _base(call, given) | shown

    return build


def _parent(state: State, given: Fields, parents: dict[str, Kind]) -> Resource:
    for field, kind in parents.items():
        if given.get(field):
            return need(state, kind, given[field])
    raise RefusedError(400, f"Invalid input: one of {', '.join(parents)} is required.")


def _root(state: State, row: Resource) -> Resource:
    return need(state, BALANCER, row.secret.get(_ROOT, row.id))


def _child_made(state: State, _call: Call, child: Resource) -> None:
    root = need(state, BALANCER, child.fields["loadbalancers"][0]["id"])
    child.secret[_ROOT] = root.id
    passes(state, root, "PENDING_UPDATE", "ACTIVE", cause="loadbalancer update")


def _child_goes(state: State, _call: Call, child: Resource) -> None:
    root = _root(state, child)
    if root.status != "ACTIVE":
        raise RefusedError(409, f"Load Balancer {root.id} is immutable and cannot be updated.")
    passes(state, root, "PENDING_UPDATE", "ACTIVE", cause="loadbalancer update")


def _settled(state: State, row: Resource) -> None:
    """Let the whole tree settle with one of its parts, as one driver reports both."""
    if row.status == "ACTIVE":
        row.fields["operating_status"] = "NO_MONITOR" if row.kind.name == "member" else "ONLINE"
    root = state.resources.find("loadbalancer", row.secret.get(_ROOT, row.id))
    if root is None:
        return
    tree = [root, *(other for other in state.resources if other.secret.get(_ROOT) == root.id)]
    for other in tree:
        if other.then == "ACTIVE" and other.looks >= 0:
            settle(state, other)


def _child_gone(state: State, child: Resource) -> None:
    root = state.resources.find("loadbalancer", child.secret.get(_ROOT))
    if root and root.then == "ACTIVE":
        settle(state, root)


def _present_pool(state: State, _call: Call, pool: Resource) -> Fields:
    return {"members": [{"id": row.id} for row in state.resources.of("member", pool_id=pool.id)]}


def _quotas(state: State, _call: Call, **_project: str) -> Reply:
    names = {"load_balancer": "loadbalancer", "health_monitor": "healthmonitor"}
    rows = {name: state.quota[names.get(name, name)] for name in (*names, "listener", "pool", "member")}
    return json_reply({"quota": rows | {"l7policy": -1, "l7rule": -1}})


def _providers(_state: State, _call: Call) -> Reply:
    return json_reply({"providers": [{"name": "ovn", "description": "Octavia OVN driver."}]})


def _over(word: str) -> tuple[int, str, str]:
    return 403, "", f"Quota has been met for resources: {word}"


_PASSING: Fields = {
    "status_field": "provisioning_status", "passing": "PENDING_CREATE", "final": "ACTIVE", "failed": "ERROR",
    "leaving": "PENDING_DELETE", "failed_leaving": "ERROR", "settled": _settled,
}  # fmt: skip
_CHILD: Fields = {**_PASSING, "made": _child_made, "before_delete": _child_goes, "gone": _child_gone}
BALANCER = Kind(
    name="loadbalancer", service="load-balancer", path="/v2.0/lbaas/loadbalancers", plural="loadbalancers",
    build=_new_balancer, made=_balancer_made, present=_present_balancer, before_delete=_balancer_goes,
    gone=_balancer_gone, over=_over("Load Balancer"), absent=("", "Load Balancer {id} not found."), **_PASSING,
)  # fmt: skip
LISTENER = Kind(
    name="listener", service="load-balancer", path="/v2.0/lbaas/listeners", plural="listeners",
    build=_builds("listener", loadbalancer_id=BALANCER), unseen=frozenset({"loadbalancer_id"}),
    over=_over("Listener"), absent=("", "Listener {id} not found."), **_CHILD,
)  # fmt: skip
POOL = Kind(
    name="pool", service="load-balancer", path="/v2.0/lbaas/pools", plural="pools", present=_present_pool,
    build=_builds("pool", listener_id=LISTENER, loadbalancer_id=BALANCER),
    unseen=frozenset({"listener_id", "loadbalancer_id"}), over=_over("Pool"), absent=("", "Pool {id} not found."),
    **_CHILD,
)  # fmt: skip
MEMBER = Kind(
    name="member", service="load-balancer", path="/v2.0/lbaas/pools/{pool_id}/members", plural="members",
    build=_builds("member", pool_id=POOL), over=_over("Member"), absent=("", "Member {id} not found."),
    unseen=frozenset({"pool_id", "pools", "loadbalancers", "description"}),
    refers=(Reference(field="pool_id", kind="pool", tie=Tie.FOLLOWS),), **_CHILD,
)  # fmt: skip
HEALTH_MONITOR = Kind(
    name="healthmonitor", service="load-balancer", path="/v2.0/lbaas/healthmonitors", plural="healthmonitors",
    build=_builds("healthmonitor", pool_id=POOL), over=_over("Health Monitor"),
    absent=("", "Health Monitor {id} not found."), unseen=frozenset({"pool_id", "loadbalancers", "description"}),
    refers=(Reference(field="pool_id", kind="pool", tie=Tie.FOLLOWS),), **_CHILD,
)  # fmt: skip
KINDS = (BALANCER, LISTENER, POOL, MEMBER, HEALTH_MONITOR)
ROUTES = (
    Route(service="load-balancer", method="GET", path="/v2.0/lbaas/quotas/{project}", run=_quotas),
    Route(service="load-balancer", method="GET", path="/v2.0/lbaas/providers", run=_providers),
)
