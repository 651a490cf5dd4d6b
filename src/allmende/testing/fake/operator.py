"""What only an operator may change: flavors, furnished images, volume types, the template for security groups."""

import json
from collections.abc import Callable
from dataclasses import replace

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule
from allmende.testing.fake.images import change_image, furnished
from allmende.testing.fake.model import Call, Fields, RefusedError, Reply, Route, State, json_reply
from allmende.testing.fake.security_groups import identified_rules, template_rule

_RULES = "/v2.0/default-security-group-rules"
_RULE = "default_security_group_rule"
_OF_THE_API = frozenset({"name", "os_hidden", "min_disk", "min_ram", "visibility"})


def only_operators(state: State, call: Call) -> None:
    """Refuse a call of anybody else."""
    roles = state.token_documents[call.headers["x-auth-token"]]["roles"]
    if "admin" not in {role["name"] for role in roles}:
        raise RefusedError(403, "Policy doesn't allow this to be performed.")


def _create_flavor(state: State, call: Call) -> Reply:
    only_operators(state, call)
    wanted = call.under("flavor")
    if any(flavor.name == wanted["name"] for flavor in state.flavors):
        raise RefusedError(409, f"Flavor with name {wanted['name']} already exists.")
    new = Flavor(
        id=state.new_id(), name=wanted["name"], vcpus=wanted["vcpus"], ram_mib=wanted["ram"], disk_gib=wanted["disk"]
    )
    state.flavors.append(new)
    return json_reply({"flavor": {"id": new.id, "name": new.name}})


def _set_specs(state: State, call: Call, flavor: str) -> Reply:
    given = call.under("extra_specs")
    _respecified(state, call, flavor, lambda specs: {**specs, **given})
    return json_reply({"extra_specs": given})


def _delete_spec(state: State, call: Call, flavor: str, key: str) -> Reply:
    _respecified(state, call, flavor, lambda specs: {name: value for name, value in specs.items() if name != key})
    return Reply()


def _respecified(state: State, call: Call, flavor: str, change: Callable[[Fields], Fields]) -> None:
    only_operators(state, call)
    if all(known.id != flavor for known in state.flavors):
        raise RefusedError(404, f"Flavor {flavor} could not be found.")
    state.flavors = [
        replace(known, extra_specs=change(dict(known.extra_specs))) if known.id == flavor else known
        for known in state.flavors
    ]


def _change_image(state: State, call: Call, image: str) -> Reply:
    known = next((known for known in state.images if known.id == image), None)
    if known is None:
        return change_image(state, call, image)
    only_operators(state, call)
    if "json-patch" not in call.headers.get("content-type", ""):
        raise RefusedError(415, "The Content-Type is not supported.")
    row = {**known.properties, **{key: furnished(known)[key] for key in _OF_THE_API}}
    for step in json.loads(call.body):
        key = step["path"].removeprefix("/")
        if (step["op"] == "add") == (key in row):
            raise RefusedError(409, f"Property {key} {'already' if key in row else 'does not'} exist.")
        if step["op"] == "remove":
            del row[key]
        else:
            row[key] = step["value"]
    state.images = [_with_row(one, row) if one.id == image else one for one in state.images]
    return json_reply(furnished(_with_row(known, row)))


def _with_row(image: Image, row: Fields) -> Image:
    return replace(
        image,
        name=row["name"],
        is_hidden=row["os_hidden"],
        visibility=row["visibility"],
        min_disk_gib=row["min_disk"],
        min_ram_mib=row["min_ram"],
        properties={key: value for key, value in row.items() if key not in _OF_THE_API},
    )


def _type(state: State, _call: Call, kind: str) -> Reply:
    for known in state.volume_types:
        if known.id == kind:
            return json_reply(
                {"volume_type": {"id": known.id, "name": known.name, "description": known.description or None}}
            )
    raise RefusedError(404, f"Volume type {kind} could not be found.")


def _describe_type(state: State, call: Call, kind: str) -> Reply:
    only_operators(state, call)
    text = call.under("volume_type")["description"]
    state.volume_types = [replace(one, description=text) if one.id == kind else one for one in state.volume_types]
    return _type(state, call, kind)


def _rule(state: State, _call: Call, rule: str) -> Reply:
    return json_reply({_RULE: template_rule(_known_rule(state, rule))})


def _known_rule(state: State, identifier: str) -> SecurityGroupRule:
    for known in identified_rules(state):
        if known.id == identifier:
            return known
    raise RefusedError(404, f"Default Security Group rule {identifier} could not be found.")


def _create_rule(state: State, call: Call) -> Reply:
    only_operators(state, call)
    wanted = call.under(_RULE)
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
    others = [_compared(known) for known in identified_rules(state) if known.used_in_other_groups]
    if _compared(rule) in others:
        raise RefusedError(409, "Default Security group rule already exists.")
    state.default_rules = [*(state.default_rules or []), rule]
    return json_reply({_RULE: template_rule(identified_rules(state)[-1])}, 201)


def _compared(rule: SecurityGroupRule) -> SecurityGroupRule:
    """Return a rule as neutron (2026.1) compares it: for any groups, and any address is none."""
    prefix = None if rule.remote_ip_prefix in ("0.0.0.0/0", "::/0") else rule.remote_ip_prefix
    return replace(rule, remote_ip_prefix=prefix, used_in_default_group=True, used_in_other_groups=True)


def _delete_rule(state: State, call: Call, rule: str) -> Reply:
    only_operators(state, call)
    known = _known_rule(state, rule)
    state.default_rules = [one for one in identified_rules(state) if one.id != known.id]
    return Reply(status=204)


ROUTES = (
    Route(service="compute", method="POST", path="/flavors", run=_create_flavor),
    Route(service="compute", method="POST", path="/flavors/{flavor}/os-extra_specs", run=_set_specs),
    Route(service="compute", method="DELETE", path="/flavors/{flavor}/os-extra_specs/{key}", run=_delete_spec),
    Route(service="image", method="PATCH", path="/v2/images/{image}", run=_change_image),
    Route(service="block-storage", method="GET", path="/types/{kind}", run=_type),
    Route(service="block-storage", method="PUT", path="/types/{kind}", run=_describe_type),
    Route(service="network", method="POST", path=_RULES, run=_create_rule),
    Route(service="network", method="GET", path=f"{_RULES}/{{rule}}", run=_rule),
    Route(service="network", method="DELETE", path=f"{_RULES}/{{rule}}", run=_delete_rule),
)
