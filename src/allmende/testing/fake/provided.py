"""What members see of zones, subnet pools, extensions and DNS, and what they are refused in the Network API."""

from typing import Any

from allmende.testing.fake import engine, network
from allmende.testing.fake.model import Call, Fields, RefusedError, Reply, Route, State, json_reply

KINDS = ()


def _zones_of(zones: dict[str, bool]) -> Reply:
    rows = [{"zoneName": name, "zoneState": {"available": up}, "hosts": None} for name, up in zones.items()]
    return json_reply({"availabilityZoneInfo": rows})


def _compute_zones(state: State, _call: Call) -> Reply:
    return _zones_of(state.provision.compute_zones)


def _storage_zones(state: State, _call: Call) -> Reply:
    return _zones_of(state.provision.storage_zones)


def _network_zones(state: State, _call: Call) -> Reply:
    if state.provision.network_zones is None:
        raise RefusedError(404, "The resource could not be found.")
    rows = [
        {"name": name, "resource": kind, "state": "available" if up else "unavailable"}
        for name, up in state.provision.network_zones.items()
        for kind in ("network", "router")
    ]
    return json_reply({"availability_zones": rows})


def _extension_row(alias: str) -> Fields:
    return {"alias": alias, "name": alias, "description": "", "links": [], "updated": ""}


def _extensions(state: State, _call: Call) -> Reply:
    return json_reply({"extensions": [_extension_row(alias) for alias in sorted(state.provision.extensions)]})


def _extension(state: State, _call: Call, alias: str) -> Reply:
    if alias not in state.provision.extensions:
        raise RefusedError(404, f"Extension with alias {alias} does not exist", "HTTPNotFound")
    return json_reply({"extension": _extension_row(alias)})


def _pools(state: State, _call: Call) -> Reply:
    return json_reply({"subnetpools": state.provision.subnet_pools})


def _dns_zones(state: State, _call: Call) -> Reply:
    rows = [{"id": f"zone-{name}", "name": name, "status": "ACTIVE"} for name in state.provision.dns_zones]
    return json_reply({"zones": rows, "links": {}, "metadata": {"total_count": len(rows)}})


def _new_network(state: State, call: Call) -> Reply:
    kind = call.under("network").get("provider:network_type")
    if kind is not None:
        if "provider" not in state.provision.members_may:
            rules = "(rule:create_network and rule:create_network:provider:network_type)"
            raise RefusedError(403, f"{rules} is disallowed by policy", "PolicyNotAuthorized")
        raise RefusedError(
            400, f"Invalid input for operation: network_type value '{kind}' not supported.", "InvalidInput"
        )
    return engine.answer(state, call, network.NETWORK, {}, None)


def _share(state: State, call: Call) -> Reply:
    rule = call.under("rbac_policy")
    engine.need(state, network.NETWORK, rule.get("object_id"))
    if "share" not in state.provision.members_may:
        raise RefusedError(403, "rule:create_rbac_policy is disallowed by policy", "PolicyNotAuthorized")
    return json_reply({"rbac_policy": {**rule, "id": state.new_id()}}, 201)


def _port(state: State, call: Call, port: str) -> Reply:
    found = engine.need(state, network.PORT, port)
    return json_reply({"port": engine.document(state, call, found) | _names(state, found.fields)})


def _names(state: State, port: dict[str, Any]) -> Fields:
    name, domain = port.get("dns_name"), state.provision.dns_domain
    if not name:
        return {}
    hosts = [(fixed["ip_address"], f"host-{fixed['ip_address'].replace('.', '-')}") for fixed in port["fixed_ips"]]
    entries = [
        {
            "ip_address": address,
            "hostname": name if domain else host,
            "fqdn": f"{name}.{domain}" if domain else f"{host}.openstacklocal.",
        }
        for address, host in hosts
    ]
    return {"dns_assignment": entries}


ROUTES = (
    Route(service="compute", method="GET", path="/os-availability-zone", run=_compute_zones),
    Route(service="block-storage", method="GET", path="/os-availability-zone", run=_storage_zones),
    Route(service="network", method="GET", path="/v2.0/availability_zones", run=_network_zones),
    Route(service="network", method="GET", path="/v2.0/extensions", run=_extensions),
    Route(service="network", method="GET", path="/v2.0/extensions/{alias}", run=_extension),
    Route(service="network", method="GET", path="/v2.0/subnetpools", run=_pools),
    Route(service="network", method="POST", path="/v2.0/networks", run=_new_network),
    Route(service="network", method="POST", path="/v2.0/rbac-policies", run=_share),
    Route(service="network", method="GET", path="/v2.0/ports/{port}", run=_port),
    Route(service="dns", method="GET", path="/v2/zones", run=_dns_zones),
)
