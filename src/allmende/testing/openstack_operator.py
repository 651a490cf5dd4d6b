"""What the fake cloud's APIs answer to its operator: flavors, images, volume types and default rules are changed.

Shapes and refusals follow the OpenStack API references (compute 2.1, image v2, block storage v3, network v2.0).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule
from allmende.testing.openstack_api import OPERATOR_TOKEN, PATHS, Call, Reply, State, identified_rules

_RULES = "/v2.0/default-security-group-rules"
Handler = Callable[[State, Call, str], Reply]


def operated(state: State, call: Call) -> Reply | None:
    """Return the reply to a call about one thing, which only an operator may change; None for every other call."""
    token = call.headers.get("x-auth-token", "")
    if token not in state.tokens:
        return None
    for (method, service, path), handler in _HANDLERS.items():
        found = re.fullmatch(re.escape(PATHS[service]) + path, call.path)
        if method == call.method and found:
            if method != "GET" and not token.startswith(OPERATOR_TOKEN):
                return _refusal(403, "Policy does not allow this to be performed.")
            return handler(state, call, found[1] if found.groups() else "")
    return None


def _json(document: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(document).encode())


def _refusal(status: int, message: str) -> Reply:
    return _json({"error": {"code": status, "message": message}}, status)


def _absent() -> Reply:
    return _refusal(404, "The resource could not be found.")


def _flavor(state: State, _call: Call, identifier: str) -> Reply:
    flavor = next((flavor for flavor in state.flavors if flavor.id == identifier), None)
    if flavor is None:
        return _absent()
    return _json({"flavor": {"id": flavor.id, "name": flavor.name, "extra_specs": dict(flavor.extra_specs)}})


def _create_flavor(state: State, call: Call, _: str) -> Reply:
    wanted = json.loads(call.body)["flavor"]
    if any(flavor.name == wanted["name"] for flavor in state.flavors):
        return _refusal(409, f"Flavor with name {wanted['name']} already exists.")
    new = Flavor(
        id=f"flavor-{next(state.serial)}",
        name=wanted["name"],
        vcpus=wanted["vcpus"],
        ram_mib=wanted["ram"],
        disk_gib=wanted["disk"],
    )
    state.flavors.append(new)
    return _json({"flavor": {"id": new.id, "name": new.name}})


def _set_specs(state: State, call: Call, identifier: str) -> Reply:
    given: Mapping[str, str] = json.loads(call.body)["extra_specs"]
    return _respecified(state, identifier, lambda specs: {**specs, **given})


def _delete_spec(state: State, call: Call, identifier: str) -> Reply:
    key = call.path.rpartition("/")[2]
    return _respecified(state, identifier, lambda specs: {k: v for k, v in specs.items() if k != key})


def _respecified(state: State, identifier: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Reply:
    if all(flavor.id != identifier for flavor in state.flavors):
        return _absent()
    state.flavors = [
        replace(flavor, extra_specs=change(dict(flavor.extra_specs))) if flavor.id == identifier else flavor
        for flavor in state.flavors
    ]
    return _json({"extra_specs": {}})


def _image(state: State, _call: Call, identifier: str) -> Reply:
    image = next((image for image in state.images if image.id == identifier), None)
    return _json(_row(image)) if image else _absent()


def _row(image: Image) -> dict[str, Any]:
    return {
        **image.properties,
        "id": image.id,
        "name": image.name,
        "os_hidden": image.is_hidden,
        "min_disk": image.min_disk_gib,
        "min_ram": image.min_ram_mib,
    }


def _patch_image(state: State, call: Call, identifier: str) -> Reply:
    image = next((image for image in state.images if image.id == identifier), None)
    if image is None:
        return _absent()
    if "json-patch" not in call.headers.get("content-type", ""):
        return _refusal(415, "The Content-Type is not supported.")
    row = _row(image)
    for operation in json.loads(call.body):
        key = operation["path"].removeprefix("/")
        if (operation["op"] == "add") == (key in row):
            return _refusal(409, f"Property {key} is {'already' if key in row else 'not'} present.")
        if operation["op"] == "remove":
            del row[key]
        else:
            row[key] = operation["value"]
    state.images = [_with_row(one, row) if one.id == identifier else one for one in state.images]
    return _json(row)


def _with_row(image: Image, row: Mapping[str, Any]) -> Image:
    own = {"id", "name", "os_hidden", "min_disk", "min_ram"}
    return replace(
        image,
        name=row["name"],
        is_hidden=row["os_hidden"],
        min_disk_gib=row["min_disk"],
        min_ram_mib=row["min_ram"],
        properties={key: value for key, value in row.items() if key not in own},
    )


def _type(state: State, _call: Call, identifier: str) -> Reply:
    kind = next((kind for kind in state.volume_types if kind.id == identifier), None)
    if kind is None:
        return _absent()
    return _json({"volume_type": {"id": kind.id, "name": kind.name, "description": kind.description}})


def _describe_type(state: State, call: Call, identifier: str) -> Reply:
    text = json.loads(call.body)["volume_type"]["description"]
    state.volume_types = [
        replace(kind, description=text) if kind.id == identifier else kind for kind in state.volume_types
    ]
    return _type(state, call, identifier)


def _rule(state: State, _call: Call, identifier: str) -> Reply:
    rule = next((rule for rule in identified_rules(state) if rule.id == identifier), None)
    return _json({"default_security_group_rule": _values(rule)}) if rule else _absent()


def _values(rule: SecurityGroupRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_range_min,
        "port_range_max": rule.port_range_max,
        "remote_ip_prefix": rule.remote_ip_prefix,
        "remote_group_id": rule.remote_group,
        "used_in_default_sg": rule.used_in_default_group,
        "used_in_non_default_sg": rule.used_in_other_groups,
    }


def _create_rule(state: State, call: Call, _: str) -> Reply:
    wanted = json.loads(call.body)["default_security_group_rule"]
    rule = SecurityGroupRule(
        direction=wanted["direction"],
        ethertype=wanted["ethertype"],
        protocol=wanted.get("protocol"),
        port_range_min=wanted.get("port_range_min"),
        port_range_max=wanted.get("port_range_max"),
        remote_ip_prefix=wanted.get("remote_ip_prefix"),
        remote_group=wanted.get("remote_group_id"),
        used_in_default_group=wanted["used_in_default_sg"],
        used_in_other_groups=wanted["used_in_non_default_sg"],
    )
    if rule in identified_rules(state):
        return _refusal(409, "Default Security group rule already exists.")
    state.default_rules = [*(state.default_rules or []), rule]
    return _json({"default_security_group_rule": _values(identified_rules(state)[-1])}, 201)


def _delete_rule(state: State, _call: Call, identifier: str) -> Reply:
    rules = identified_rules(state)
    if all(rule.id != identifier for rule in rules):
        return _absent()
    state.default_rules = [rule for rule in rules if rule.id != identifier]
    return Reply(status=204)


_HANDLERS: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "compute", "/flavors/(?!detail$)([^/]+)"): _flavor,
    ("POST", "compute", "/flavors"): _create_flavor,
    ("POST", "compute", "/flavors/([^/]+)/os-extra_specs"): _set_specs,
    ("DELETE", "compute", "/flavors/([^/]+)/os-extra_specs/[^/]+"): _delete_spec,
    ("GET", "image", "/v2/images/([^/]+)"): _image,
    ("PATCH", "image", "/v2/images/([^/]+)"): _patch_image,
    ("GET", "block-storage", "/types/([^/]+)"): _type,
    ("PUT", "block-storage", "/types/([^/]+)"): _describe_type,
    ("POST", "network", _RULES): _create_rule,
    ("GET", "network", f"{_RULES}/([^/]+)"): _rule,
    ("DELETE", "network", f"{_RULES}/([^/]+)"): _delete_rule,
}
