"""Networks, subnets, routers, ports, floating addresses, quotas."""

import ipaddress

from allmende.testing.fake.engine import create, need, remove, used
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
from allmende.testing.fake.security_groups import base, group_named, over

_EXTENSIONS = (
    "availability_zone", "external-net", "port-security", "quotas", "quota_details", "router", "security-group",
    "security-groups-default-rules", "standard-attr-description",
)  # fmt: skip
_QUOTAS = ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule")


def _new_network(_state: State, call: Call, given: Fields) -> Fields:
    for field in ("router:external", "shared"):
        if given.get(field):
            rules = f"(rule:create_network and rule:create_network:{field})"
            raise RefusedError(403, f"{rules} is disallowed by policy", "PolicyNotAuthorized")
    return network_fields(call, given)


def network_fields(call: Call, given: Fields) -> Fields:
    """Return what a network shows."""
    usual = {"admin_state_up": True, "mtu": 1442, "shared": False, "router:external": False, "status": "ACTIVE"}
    more = {"port_security_enabled": True, "availability_zones": [], "availability_zone_hints": [], "is_default": False}
    return base(call, given, **usual, **more)


def _present_network(state: State, _call: Call, network: Resource) -> Fields:
    return {"subnets": [row.id for row in state.resources.of("subnet", network_id=network.id)]}


def _new_subnet(state: State, call: Call, given: Fields) -> Fields:
    need(state, NETWORK, given.get("network_id"))
    try:
        block = ipaddress.ip_network(str(given.get("cidr")))
    except ValueError:
        message = f"Invalid input for cidr. Reason: '{given.get('cidr')}' is not a valid IP subnet."
        raise RefusedError(400, message, "HTTPBadRequest") from None
    return subnet_fields(call, given, block)


def subnet_fields(call: Call, given: Fields, block: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Fields:
    """Return what a subnet shows."""
    pool = {"start": str(block[2]), "end": str(block[-2])}
    usual = {"ip_version": block.version, "enable_dhcp": True, "gateway_ip": str(block[1]), "allocation_pools": [pool]}
    more: Fields = {"host_routes": [], "dns_nameservers": [], "service_types": [], "ipv6_ra_mode": None}
    return base(call, given, **usual, **more, ipv6_address_mode=None, subnetpool_id=None)


def _address_in(state: State, subnet: Resource) -> str:
    taken = {fixed["ip_address"] for port in state.resources.of("port") for fixed in port.fields["fixed_ips"]} | {
        row.fields["floating_ip_address"] for row in state.resources.of("floatingip")
    }
    hosts = ipaddress.ip_network(subnet.fields["cidr"])
    for number in range(2, hosts.num_addresses - 1):
        if str(hosts[number]) not in taken:
            return str(hosts[number])
    raise RefusedError(409, f"No more IP addresses available on network {subnet.id}.", "IpAddressGenerationFailure")


def new_port(state: State, call: Call, given: Fields) -> Fields:
    """Return what a new port shows, with an address in each subnet of its network unless it asks for certain ones."""
    network = need(state, NETWORK, given.get("network_id"))
    given = dict(given)
    address = given.pop("fixed_ip", None)
    subnets = [need(state, SUBNET, fixed["subnet_id"]) for fixed in given.get("fixed_ips", ()) if "subnet_id" in fixed]
    chosen = [fixed.get("ip_address") for fixed in given.get("fixed_ips", ())] or [address]
    subnets = subnets or state.resources.of("subnet", network_id=network.id)[:1]
    for group in given.get("security_groups", ()):
        if group_named(state, group) is None:
            raise RefusedError(404, f"Security group {group} does not exist", "SecurityGroupNotFound")
    serial = next(state.serial)
    fixed = [
        {"subnet_id": subnet.id, "ip_address": wanted or _address_in(state, subnet)}
        for subnet, wanted in zip(subnets, [*chosen, *[None] * len(subnets)], strict=False)
    ]
    usual = {
        "admin_state_up": True,
        "status": "DOWN",
        "device_id": "",
        "device_owner": "",
        "security_groups": [group_named(state, "default")],
        "mac_address": f"fa:16:3e:{serial >> 16 & 255:02x}:{serial >> 8 & 255:02x}:{serial & 255:02x}",
        "port_security_enabled": True,
        "allowed_address_pairs": [],
        "extra_dhcp_opts": [],
        "binding:vnic_type": "normal",
    }
    return base(call, given, **usual) | {"fixed_ips": fixed}


def _port_goes(_state: State, _call: Call, port: Resource) -> None:
    owner = port.fields["device_owner"]
    if owner.startswith("network:router"):
        message = f"Port {port.id} cannot be deleted directly via the port API: has device owner {owner}."
        raise RefusedError(409, message, "ServicePortInUse")


def _new_router(state: State, call: Call, given: Fields) -> Fields:
    gateway = given.get("external_gateway_info")
    return base(call, given, admin_state_up=True, status="ACTIVE", routes=[]) | {
        "external_gateway_info": _gateway(state, gateway) if gateway else None
    }


def _gateway(state: State, wanted: Fields) -> Fields:
    network = need(state, NETWORK, wanted.get("network_id"))
    if not network.fields["router:external"]:
        message = f"Bad router request: Network {network.id} is not an external network."
        raise RefusedError(400, message, "BadRequest")
    subnets = state.resources.of("subnet", network_id=network.id)[:1]
    fixed = [{"subnet_id": subnet.id, "ip_address": _address_in(state, subnet)} for subnet in subnets]
    return {"network_id": network.id, "external_fixed_ips": fixed, "enable_snat": True}


def _change_router(state: State, call: Call, router: str) -> Reply:
    resource, given = need(state, ROUTER, router), call.under("router")
    if gateway := given.get("external_gateway_info"):
        given["external_gateway_info"] = _gateway(state, gateway)
    resource.fields |= given
    return json_reply({"router": {**resource.fields}})


def _add_interface(state: State, call: Call, router: str) -> Reply:
    resource, given = need(state, ROUTER, router), call.under("")
    if port_id := given.get("port_id"):
        port = need(state, PORT, port_id)
        port.fields |= {"device_id": router, "device_owner": "network:router_interface", "security_groups": []}
        return json_reply(_interface(resource, port))
    subnet = need(state, SUBNET, given.get("subnet_id"))
    for port in state.resources.of("port", device_id=router):
        if port.fields["fixed_ips"][0]["subnet_id"] == subnet.id:
            message = f"Bad router request: Router already has a port on subnet {subnet.id}."
            raise RefusedError(400, message, "BadRequest")
    fixed = [{"subnet_id": subnet.id, "ip_address": subnet.fields["gateway_ip"]}]
    wanted = {"network_id": subnet.fields["network_id"], "fixed_ips": fixed, "security_groups": []}
    fields = new_port(state, call, wanted | {"device_id": router, "device_owner": "network:router_interface"})
    return json_reply(_interface(resource, create(state, PORT, fields | {"status": "ACTIVE"})))


def _remove_interface(state: State, call: Call, router: str) -> Reply:
    resource, given = need(state, ROUTER, router), call.under("")
    for port in state.resources.of("port", device_id=router):
        if given.get("port_id") == port.id or port.fields["fixed_ips"][0]["subnet_id"] == given.get("subnet_id"):
            answer = _interface(resource, port)
            remove(state, port)
            return json_reply(answer)
    message = f"Router {router} has no interface on subnet {given.get('subnet_id')}"
    raise RefusedError(404, message, "RouterInterfaceNotFoundForSubnet")


def _interface(router: Resource, port: Resource) -> Fields:
    subnet = port.fields["fixed_ips"][0]["subnet_id"]
    where = {"port_id": port.id, "network_id": port.fields["network_id"], "subnet_id": subnet, "subnet_ids": [subnet]}
    return {"id": router.id, "project_id": PROJECT, **where}


def _new_floating(state: State, call: Call, given: Fields) -> Fields:
    network = need(state, NETWORK, given.get("floating_network_id"))
    if not network.fields["router:external"]:
        message = f"Bad floatingip request: Network {network.id} is not a valid external network."
        raise RefusedError(400, message, "BadRequest")
    subnets = state.resources.of("subnet", network_id=network.id)
    address = {"floating_ip_address": _address_in(state, subnets[0])} if subnets else {}
    return base(call, given, status="DOWN") | address | _binding(state, given.get("port_id"))


def _binding(state: State, port_id: str | None) -> Fields:
    if port_id is None:
        return {"port_id": None, "fixed_ip_address": None, "router_id": None, "port_details": None}
    port = need(state, PORT, port_id)
    subnet = port.fields["fixed_ips"][0]["subnet_id"]
    for inside in state.resources.of("port", device_owner="network:router_interface"):
        router = state.resources.find("router", inside.fields["device_id"])
        if inside.fields["fixed_ips"][0]["subnet_id"] == subnet and router and router.fields["external_gateway_info"]:
            fixed = port.fields["fixed_ips"][0]["ip_address"]
            return {"port_id": port.id, "fixed_ip_address": fixed, "router_id": router.id}
    reason = f"External network is not reachable from subnet {subnet}"
    message = f"{reason}.  Therefore, cannot associate Port {port.id} with a Floating IP."
    raise RefusedError(404, message, "ExternalGatewayForFloatingIPNotFound")


def _change_floating(state: State, call: Call, floatingip: str) -> Reply:
    resource, given = need(state, FLOATING_IP, floatingip), call.under("floatingip")
    resource.fields |= _binding(state, given["port_id"]) if "port_id" in given else given
    return json_reply({"floatingip": dict(resource.fields)})


def _quotas(state: State, _call: Call, **_project: str) -> Reply:
    return json_reply({"quota": {name: state.quota[name] for name in _QUOTAS}})


def _quota_details(state: State, _call: Call, **_project: str) -> Reply:
    rows = {name: {"limit": state.quota[name], "used": used(state, name), "reserved": 0} for name in _QUOTAS}
    return json_reply({"quota": rows})


def _zones(_state: State, _call: Call) -> Reply:
    zones = [{"name": "nova", "resource": kind, "state": "available"} for kind in ("network", "router")]
    return json_reply({"availability_zones": zones})


def _extensions(_state: State, _call: Call) -> Reply:
    rows = [{"alias": alias, "name": alias, "description": "", "links": [], "updated": ""} for alias in _EXTENSIONS]
    return json_reply({"extensions": rows})


def _extension(_state: State, _call: Call, alias: str) -> Reply:
    if alias not in _EXTENSIONS:
        raise RefusedError(404, f"Extension with alias {alias} does not exist", "HTTPNotFound")
    return json_reply({"extension": {"alias": alias, "name": alias, "description": "", "links": [], "updated": ""}})


NETWORK = Kind(
    name="network", service="network", path="/v2.0/networks", plural="networks", build=_new_network,
    present=_present_network, over=over("network"),
    absent=("NetworkNotFound", "Network {id} could not be found."),
    busy=(409, "NetworkInUse", ("Unable to complete operation on network {id}. There are one or more ports still in "
           "use on the network, id for these ports is: {holders}.")),
)  # fmt: skip
SUBNET = Kind(
    name="subnet", service="network", path="/v2.0/subnets", plural="subnets", build=_new_subnet, over=over("subnet"),
    refers=(Reference(field="network_id", kind="network", tie=Tie.FOLLOWS),),
    absent=("SubnetNotFound", "Subnet {id} could not be found."),
    busy=(409, "SubnetInUse", ("Unable to complete operation on subnet {id}: One or more ports have an IP allocation "
           "from this subnet.")),
)  # fmt: skip
ROUTER = Kind(
    name="router", service="network", path="/v2.0/routers", plural="routers", build=_new_router, over=over("router"),
    absent=("RouterNotFound", "Router {id} could not be found"),
    busy=(409, "RouterInUse", "Router {id} has ports still attached: {holders}"),
)  # fmt: skip
PORT = Kind(
    name="port", service="network", path="/v2.0/ports", plural="ports", build=new_port, before_delete=_port_goes,
    over=over("port"), absent=("PortNotFound", "Port {id} could not be found."),
    refers=(
        Reference(field="network_id", kind="network", tie=Tie.HOLDS),
        Reference(field="fixed_ips", kind="subnet", tie=Tie.HOLDS),
        Reference(field="device_id", kind="router", tie=Tie.HOLDS),
        Reference(field="security_groups", kind="security_group", tie=Tie.HOLDS),
    ),
)  # fmt: skip
FLOATING_IP = Kind(
    name="floatingip", service="network", path="/v2.0/floatingips", plural="floatingips", build=_new_floating,
    over=over("floatingip"), absent=("FloatingIPNotFound", "Floating IP {id} could not be found"),
    refers=(Reference(field="port_id", kind="port", tie=Tie.LETS_GO),),
)  # fmt: skip
KINDS = (NETWORK, SUBNET, ROUTER, PORT, FLOATING_IP)
ROUTES = (
    Route(service="network", method="PUT", path="/v2.0/routers/{router}", run=_change_router),
    Route(service="network", method="PUT", path="/v2.0/routers/{router}/add_router_interface", run=_add_interface),
    Route(
        service="network", method="PUT", path="/v2.0/routers/{router}/remove_router_interface", run=_remove_interface
    ),
    Route(service="network", method="PUT", path="/v2.0/floatingips/{floatingip}", run=_change_floating),
    Route(service="network", method="GET", path="/v2.0/quotas/{project}", run=_quotas),
    Route(service="network", method="GET", path="/v2.0/quotas/{project}/details", run=_quota_details),
    Route(service="network", method="GET", path="/v2.0/availability_zones", run=_zones),
    Route(service="network", method="GET", path="/v2.0/extensions", run=_extensions),
    Route(service="network", method="GET", path="/v2.0/extensions/{alias}", run=_extension),
)
