"""Security groups and their rules: what new ones get comes from the cloud's template."""

from dataclasses import replace

from allmende.facts.openstack import SAME_GROUP, SecurityGroupRule
from allmende.testing.fake.engine import create, list_reply, matches, need, page_of, rows_of
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
    seconds,
)

_RULE = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
)


def base(call: Call, given: Fields, **usual: object) -> Fields:
    """Return what everything of this service shows."""
    at = seconds(call.now)
    common = {"project_id": PROJECT, "tenant_id": PROJECT, "description": "", "tags": [], "name": ""}
    return {**common, **usual, **given, "created_at": at, "updated_at": at, "revision_number": 1}


def over(name: str) -> tuple[int, str, str]:
    """Return what is said when the quota of a kind is used up."""
    return 409, "OverQuota", f"Quota exceeded for resources: ['{name}']."


def group_named(state: State, name: str) -> str | None:
    """Return the id of a security group with this name or id, if there is one."""
    ids = {f"group-{furnished}": furnished for furnished in _furnished(state)}
    for identifier, furnished in ids.items():
        if name in (identifier, furnished):
            return identifier
    made = state.resources.of("security_group", name=name)
    found = state.resources.find("security_group", name) or (made[0] if made else None)
    return found.id if found else None


def _furnished(state: State) -> dict[str, list[SecurityGroupRule]]:
    """Return the groups that are there without anybody's doing, among them always `default`."""
    return {"default": _template(state, default=True)} | state.groups


def _template(state: State, *, default: bool) -> list[SecurityGroupRule]:
    if state.default_rules is None:
        outward = [SecurityGroupRule(direction="egress", ethertype=version) for version in ("IPv4", "IPv6")]
        inward = [replace(rule, direction="ingress", remote_group=SAME_GROUP) for rule in outward]
        return [*outward, *inward] if default else outward
    return [
        rule for rule in state.default_rules if (rule.used_in_default_group if default else rule.used_in_other_groups)
    ]


def _new_group(_state: State, call: Call, given: Fields) -> Fields:
    return base(call, given, stateful=True, shared=False)


def _group_made(state: State, call: Call, group: Resource) -> None:
    for rule in _template(state, default=False):
        fields = {**_rule(rule), "remote_group_id": group.id if rule.remote_group == SAME_GROUP else rule.remote_group}
        create(state, RULE, _rule_fields(call, fields | {"security_group_id": group.id}))


def _present_group(state: State, _call: Call, group: Resource) -> Fields:
    rules = [dict(rule.fields) for rule in state.resources.of("security_group_rule", security_group_id=group.id)]
    return {"security_group_rules": rules}


def _new_rule(state: State, call: Call, given: Fields) -> Fields:
    group = given.get("security_group_id")
    if group_named(state, str(group)) is None:
        raise RefusedError(404, f"Security group {group} does not exist", "SecurityGroupNotFound")
    fields = _rule_fields(call, given)
    for known in state.resources.of("security_group_rule", security_group_id=group):
        if all(known.fields[name] == fields[name] for name in _RULE):
            message = f"Security group rule already exists. Rule id is {known.id}."
            raise RefusedError(409, message, "SecurityGroupRuleExists")
    return fields


def _rule_fields(call: Call, given: Fields) -> Fields:
    fields = base(call, given) | {name: given.get(name) for name in _RULE}
    del fields["name"], fields["tags"]
    return fields | {"ethertype": given.get("ethertype") or "IPv4", "belongs_to_default_sg": False}


def _rule(rule: SecurityGroupRule) -> Fields:
    return {
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_range_min,
        "port_range_max": rule.port_range_max,
        "remote_ip_prefix": rule.remote_ip_prefix,
        "remote_group_id": rule.remote_group,
    }


def identified_rules(state: State) -> list[SecurityGroupRule]:
    """Return the template's rules, each with an id that it keeps."""
    rules = state.default_rules or []
    rules[:] = [rule if rule.id else replace(rule, id=state.new_id()) for rule in rules]
    return rules


def template_rule(rule: SecurityGroupRule) -> Fields:
    """Return what the API shows of a rule of the template."""
    used = {"used_in_default_sg": rule.used_in_default_group, "used_in_non_default_sg": rule.used_in_other_groups}
    return {"id": rule.id, **_rule(rule), **used}


def _default_rules(state: State, call: Call) -> Reply:
    if state.default_rules is None:
        raise RefusedError(404, "The resource could not be found.", "HTTPNotFound")
    rows = [(rule.id, template_rule(rule)) for rule in identified_rules(state)]
    return json_reply({"default_security_group_rules": page_of(state, call, rows)[0]})


def _groups(state: State, call: Call) -> Reply:
    rows = [(f"group-{name}", _furnished_group(name, rules)) for name, rules in _furnished(state).items()]
    rows = [(i, row) for i, row in rows if matches(row, call.query)]
    return list_reply(state, call, GROUP, [*rows, *rows_of(state, call, GROUP, {})])


def _furnished_group(name: str, rules: list[SecurityGroupRule]) -> Fields:
    identifier = f"group-{name}"
    shown = [
        {
            "id": f"{name}-{number}",
            **_rule(rule),
            "remote_group_id": identifier if rule.remote_group == SAME_GROUP else rule.remote_group,
            "security_group_id": identifier,
        }
        for number, rule in enumerate(rules)
    ]
    return {"id": identifier, "name": name, "project_id": PROJECT, "description": "", "security_group_rules": shown}


def _show_group(state: State, call: Call, group: str) -> Reply:
    for name, rules in _furnished(state).items():
        if group == f"group-{name}":
            return json_reply({"security_group": _furnished_group(name, rules)})
    found = need(state, GROUP, group)
    return json_reply({"security_group": found.fields | _present_group(state, call, found)})


GROUP = Kind(
    name="security_group", service="network", path="/v2.0/security-groups", plural="security_groups", build=_new_group,
    made=_group_made, present=_present_group, over=over("security_group"),
    absent=("SecurityGroupNotFound", "Security group {id} does not exist"),
    busy=(409, "SecurityGroupInUse", "Security Group {id} in use."),
)  # fmt: skip
RULE = Kind(
    name="security_group_rule", service="network", path="/v2.0/security-group-rules", plural="security_group_rules",
    build=_new_rule, over=over("security_group_rule"),
    refers=(Reference(field="security_group_id", kind="security_group", tie=Tie.FOLLOWS),),
    absent=("SecurityGroupRuleNotFound", "Security group rule {id} does not exist"),
)  # fmt: skip
KINDS = (GROUP, RULE)
ROUTES = (
    Route(service="network", method="GET", path="/v2.0/default-security-group-rules", run=_default_rules),
    Route(service="network", method="GET", path="/v2.0/security-groups", run=_groups),
    Route(service="network", method="GET", path="/v2.0/security-groups/{group}", run=_show_group),
)
