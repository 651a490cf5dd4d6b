"""Compute beside servers: keypairs, server groups, flavors and limits."""

import hashlib

from allmende.facts.openstack import Flavor
from allmende.testing.fake.engine import page_of, used
from allmende.testing.fake.model import (
    PROJECT,
    USER,
    Call,
    Fields,
    Kind,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    chosen,
    json_reply,
)

_EXTRA_SPECS_SINCE = (2, 61)
_POLICY_SINCE = (2, 64)


def flavor_row(flavor: Flavor, *, with_specs: bool) -> Fields:
    """Return what the API shows of a flavor."""
    specs = {"extra_specs": dict(flavor.extra_specs)} if with_specs else {}
    return {
        "id": flavor.id,
        "name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram_mib,
        "disk": flavor.disk_gib,
        "swap": 0,
        "os-flavor-access:is_public": flavor.is_public,
        **specs,
    }


def _flavors(state: State, call: Call) -> Reply:
    with_specs = state.shows_extra_specs and call.microversion() >= _EXTRA_SPECS_SINCE
    rows = [(flavor.id, flavor_row(flavor, with_specs=with_specs)) for flavor in state.flavors]
    page, following = page_of(state, call, rows)
    links = {"flavors_links": [{"rel": "next", "href": following}]} if following else {}
    return json_reply({"flavors": page, **links})


def _flavor(state: State, call: Call, flavor: str) -> Reply:
    with_specs = state.shows_extra_specs and call.microversion() >= _EXTRA_SPECS_SINCE
    for known in state.flavors:
        if known.id == flavor:
            return json_reply({"flavor": flavor_row(known, with_specs=with_specs)})
    raise RefusedError(404, f"Flavor {flavor} could not be found.")


def _limits(state: State, _call: Call) -> Reply:
    flavors = [server.secret["flavor"] for server in state.resources.of("server")]
    absolute = {
        "maxTotalInstances": state.quota["server"],
        "maxTotalCores": state.quota["cores"],
        "maxTotalRAMSize": state.quota["ram"],
        "maxTotalKeypairs": state.quota["keypair"],
        "maxServerGroups": state.quota["server_group"],
        "maxServerGroupMembers": 10,
        "maxServerMeta": 128,
        "maxImageMeta": 128,
        "maxPersonality": 5,
        "maxPersonalitySize": 10240,
        "totalInstancesUsed": len(flavors),
        "totalCoresUsed": sum(flavor.vcpus for flavor in flavors),
        "totalRAMUsed": sum(flavor.ram_mib for flavor in flavors),
        "totalServerGroupsUsed": used(state, "server_group"),
    }
    return json_reply({"limits": {"rate": [], "absolute": absolute}})


def _zones(_state: State, _call: Call) -> Reply:
    zone = {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}
    return json_reply({"availabilityZoneInfo": [zone]})


def _new_keypair(state: State, _call: Call, given: Fields) -> Fields:
    name, key = str(given.get("name") or ""), str(given.get("public_key") or "")
    if state.resources.find("keypair", name):
        raise RefusedError(409, f"Key pair '{name}' already exists.")
    if not key.startswith(("ssh-", "ecdsa-")):
        raise RefusedError(400, "Keypair data is invalid: failed to generate fingerprint")
    digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
    return {"name": name, "public_key": key, "fingerprint": digest.hex(":"), "user_id": USER}


def _keypairs(state: State, _call: Call) -> Reply:
    shown = ("name", "public_key", "fingerprint")
    rows = [{"keypair": chosen(row.fields, shown)} for row in state.resources.of("keypair")]
    return json_reply({"keypairs": rows})


def _new_group(_state: State, _call: Call, given: Fields) -> Fields:
    policies = given.get("policies") or [given.get("policy")]
    if policies[0] not in ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"):
        raise RefusedError(400, f"Invalid input for field/attribute policy. Value: {policies[0]}.")
    return {"name": given.get("name"), "chosen": policies[0]}


def _present_group(state: State, call: Call, group: Resource) -> Fields:
    members = [server.id for server in state.resources.of("server") if server.secret.get("group") == group.id]
    policy = group.fields["chosen"]
    if call.microversion() >= _POLICY_SINCE:
        return {"policy": policy, "rules": {}, "members": members, "project_id": PROJECT, "user_id": USER}
    return {"policies": [policy], "metadata": {}, "members": members}


KEYPAIR = Kind(
    name="keypair", service="compute", path="/os-keypairs", plural="keypairs", build=_new_keypair, created=200,
    deleted=202, identified_by="name", absent=("", "Keypair {id} not found for user " + USER),
    over=(403, "", "Quota exceeded, too many key pairs."),
)  # fmt: skip
SERVER_GROUP = Kind(
    name="server_group", service="compute", path="/os-server-groups", plural="server_groups", build=_new_group,
    present=_present_group, created=200, unseen=frozenset({"chosen"}),
    absent=("", "Instance group {id} could not be found."),
    over=(403, "", "Quota exceeded, too many server groups."),
)  # fmt: skip
KINDS = (KEYPAIR, SERVER_GROUP)
ROUTES = (
    Route(service="compute", method="GET", path="/flavors/detail", run=_flavors),
    Route(service="compute", method="GET", path="/flavors/{flavor}", run=_flavor),
    Route(service="compute", method="GET", path="/limits", run=_limits),
    Route(service="compute", method="GET", path="/os-availability-zone", run=_zones),
    Route(service="compute", method="GET", path="/os-keypairs", run=_keypairs),
)
