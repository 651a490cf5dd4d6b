"""scs-0115: rules of the template that let traffic in are deleted, and egress that lacks is added.

The API can create and delete rules of the template, not change them, so that a change is a deletion and a creation. In
this order, because neutron refuses a rule that resembles one for other groups, whatever groups the new one is for.
Existing groups of projects are not touched.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from allmende.checks.security_groups import ANYWHERE, ETHERTYPES
from allmende.facts.openstack import SAME_GROUP, DefaultSecurityGroupRules, SecurityGroupRule
from allmende.outcome import Outcome
from allmende.repair.model import Edit, Facts, Failing, Kind, Open, Thing, Wishes
from allmende.repair.rules.proposal import Proposal, fact, opened


def default_rules(failing: Failing, facts: Facts, _wishes: Wishes) -> Iterator[Proposal | Open]:
    """Delete what lets traffic in, keep what the default group's own members may send, and add egress."""
    rules = fact(facts, DefaultSecurityGroupRules)
    going = [rule for rule in rules.items if _offends(rule)]
    coming = [(rule, True) for rule in _narrowed(going) if rule not in rules.items]
    for rule in _lacking(failing, facts, rules):
        in_the_way = [other for other in rules.items if _resembles(other, rule)]
        going += in_the_way
        coming.append((replace(rule, used_in_other_groups=True) if in_the_way else rule, bool(in_the_way)))
    if not all(rule.id for rule in going):
        yield opened(failing, "The cloud does not tell the ids of its default rules.")
        return
    yield from (_proposal(failing, rule, delete=True, overwrites=True) for rule in going)
    yield from (_proposal(failing, rule, delete=False, overwrites=overwrites) for rule, overwrites in coming)


def _narrowed(offending: Iterable[SecurityGroupRule]) -> Iterator[SecurityGroupRule]:
    """Yield for rules about the own group that are used everywhere the same for default groups only."""
    for rule in offending:
        if rule.remote_group == SAME_GROUP and rule.used_in_default_group:
            yield replace(rule, id="", used_in_other_groups=False)


def _resembles(other: SecurityGroupRule, wanted: SecurityGroupRule) -> bool:
    """Tell whether a rule for other groups keeps neutron from taking the wanted one, whatever groups that is for."""
    remote = None if other.remote_ip_prefix in ANYWHERE else other.remote_ip_prefix
    alike = replace(
        other,
        remote_ip_prefix=remote,
        used_in_default_group=wanted.used_in_default_group,
        used_in_other_groups=wanted.used_in_other_groups,
    )
    return alike == wanted and other.used_in_other_groups


def _offends(rule: SecurityGroupRule) -> bool:
    used = rule.used_in_default_group or rule.used_in_other_groups
    return rule.direction == "ingress" and used and (rule.remote_group != SAME_GROUP or rule.used_in_other_groups)


def _lacking(failing: Failing, facts: Facts, rules: DefaultSecurityGroupRules) -> Iterator[SecurityGroupRule]:
    """Yield for each kind of address one egress rule, for those groups that have none."""
    for ethertype in ETHERTYPES:
        wanted = SecurityGroupRule(direction="egress", ethertype=ethertype)
        in_default = replace(wanted, used_in_other_groups=False)
        in_others = replace(wanted, used_in_default_group=False)
        complete = [replace(wanted, ethertype=other) for other in ETHERTYPES if other != ethertype]
        own = [rule for rule in rules.items if rule.direction == "egress" and rule.ethertype == ethertype]
        for rule, without in ((None, []), (in_default, [in_default]), (in_others, [in_others]), (wanted, [wanted])):
            seen = DefaultSecurityGroupRules(items=(*complete, *own, *without))
            if failing.check.judge({**facts, DefaultSecurityGroupRules: seen}).outcome is Outcome.PASS:
                if rule is not None:
                    yield rule
                break


def _proposal(failing: Failing, rule: SecurityGroupRule, *, delete: bool, overwrites: bool) -> Proposal:
    thing = Thing(kind=Kind.RULE, id=rule.id if delete else "", name=rule_words(rule))
    edits = tuple(
        Edit(key=key, before=value if delete else None, after=None if delete else value, overwrites=overwrites)
        for key, value in rule_values(rule).items()
    )
    return Proposal(testcase=failing.id, thing=thing, edits=edits)


def rule_values(rule: SecurityGroupRule) -> dict[str, str]:
    """Return what a rule says under the keys of the Network API, without what it leaves open."""
    values = {
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_range_min,
        "port_range_max": rule.port_range_max,
        "remote_ip_prefix": rule.remote_ip_prefix,
        "remote_group_id": rule.remote_group,
        "used_in_default_sg": str(rule.used_in_default_group).lower(),
        "used_in_non_default_sg": str(rule.used_in_other_groups).lower(),
    }
    return {key: str(value) for key, value in values.items() if value is not None}


def rule_words(rule: SecurityGroupRule) -> str:
    """Say what a rule allows and where it is used."""
    ports = "" if rule.port_range_min is None else f" ports {rule.port_range_min}-{rule.port_range_max}"
    remote = f"group {rule.remote_group}" if rule.remote_group else rule.remote_ip_prefix or "any address"
    places = [name for name, used in _places(rule) if used]
    side = "from" if rule.direction == "ingress" else "to"
    traffic = f"{rule.direction} {rule.ethertype} {rule.protocol or 'all traffic'}{ports} {side} {remote}"
    return f"{traffic}, in {' and '.join(places) or 'no'} groups"


def _places(rule: SecurityGroupRule) -> tuple[tuple[str, bool], ...]:
    return ("default", rule.used_in_default_group), ("other", rule.used_in_other_groups)
