"""scs-0115: what new security groups let in and out.

A template rule is used in default groups, in other groups, in both, or in none, where it does nothing.
"""

from collections.abc import Iterator

from allmende.checks.catalog import check
from allmende.checks.evidence import counted
from allmende.facts.openstack import SAME_GROUP, DefaultSecurityGroupRules, Member, SecurityGroupRule
from allmende.outcome import Evidence, Finding, Unavailable, failed, passed, undetermined

MEMBER = "member"
ETHERTYPES = ("IPv4", "IPv6")
WRITTEN_OUT = ("0.0.0.0/0", "::/0")
ANYWHERE = (None, "", *WRITTEN_OUT)


@check("scs-0115-default-rules")
def only_outgoing_traffic_is_allowed(rules: DefaultSecurityGroupRules, member: Member | Unavailable) -> Finding:
    """The template for new security groups lets nothing in, and lets traffic out, for IPv4 and IPv6.

    One thing may come in: what the default group's own members send (remote group PARENT, used only in default groups).
    For going out there must be a rule without an address, for each of IPv4 and IPv6, in default groups and in others.
    The standard's text only recommends that; the public test suite demands it, and is followed here, also in what it
    takes for such a rule: one to the members of a group is, one to 0.0.0.0/0 or ::/0 is not, although it lets as much
    out. Notes say so. Where the cloud has no template, rules of existing groups can only confirm, because the project
    may have changed them. An empty template that is shown to who is no member is not judged: it may just be hidden.
    """
    if not rules.items and not rules.from_template:
        return undetermined("The cloud has no template for security groups, and no group was seen to learn from.")
    if not rules.items and isinstance(member, Member) and MEMBER not in member.roles:
        return undetermined(
            "The template for security groups is shown as an empty one, but the user has no role «member», "
            "and OpenStack hides the rules from such users."
        )
    incoming, outgoing = tuple(_incoming(rules)), tuple(_outgoing(rules))
    offending = [f"let in {item.seen}" for item in incoming if not item.ok]
    offending += [f"do not allow {item.subject}" for item in outgoing if not item.ok]
    evidence = sorted((*incoming, *outgoing), key=lambda item: item.ok)
    notes = [*_limited(rules), *_written_out(rules), *_unused(rules)]
    subject = f"The {counted(len(rules.items), 'default rule')}"
    said = f"{subject} {' and '.join(offending)}."
    if rules.from_template and offending:
        return failed(said, evidence, notes=notes)
    if offending:
        return undetermined(
            f"The cloud has no template for security groups, and existing groups may have been changed. There: {said}",
            evidence,
        )
    if not rules.from_template:
        notes.append("Read from existing groups: the cloud has no template (OpenStack before 2023.2).")
    return passed(
        f"{subject} let nothing in from outside the group and let IPv4 and IPv6 out.",
        evidence,
        notes=notes,
    )


def _incoming(rules: DefaultSecurityGroupRules) -> Iterator[Evidence]:
    for rule in rules.items:
        if rule.direction != "ingress" or not (rule.used_in_default_group or rule.used_in_other_groups):
            continue
        yield Evidence(
            subject=f"ingress rule for {_where(rule)}",
            seen=_traffic(rule),
            demanded="from the same group, in default groups only",
            ok=rule.remote_group == SAME_GROUP and not rule.used_in_other_groups,
        )


def _outgoing(rules: DefaultSecurityGroupRules) -> Iterator[Evidence]:
    anywhere = (None, "") if rules.from_template else ANYWHERE
    for ethertype in ETHERTYPES:
        out = [rule for rule in _egress(rules, ethertype) if rule.remote_ip_prefix in anywhere]
        for place, used in (
            ("default groups", [rule for rule in out if rule.used_in_default_group]),
            ("other groups", [rule for rule in out if rule.used_in_other_groups]),
        ):
            yield Evidence(
                subject=f"egress of {ethertype} from {place}",
                seen=_traffic(used[0]) if used else "not allowed",
                demanded="allowed to any address",
                ok=bool(used),
            )


def _limited(rules: DefaultSecurityGroupRules) -> Iterator[str]:
    """Say where traffic gets out, but not all of it."""
    for ethertype in ETHERTYPES:
        out = [rule for rule in _egress(rules, ethertype) if rule.remote_ip_prefix in ANYWHERE]
        if out and not any(rule.protocol is None and rule.remote_group is None for rule in out):
            yield f"Egress of {ethertype} is allowed for {' and '.join(_traffic(rule) for rule in out)} only."


def _written_out(rules: DefaultSecurityGroupRules) -> Iterator[str]:
    """Say that a rule which lets everything out is not taken for one, because the public test suite does not."""
    out = [rule for kind in ETHERTYPES for rule in _egress(rules, kind) if rule.remote_ip_prefix in WRITTEN_OUT]
    if out and rules.from_template:
        yield (
            f"A rule to {' or '.join(sorted({str(rule.remote_ip_prefix) for rule in out}))} lets as much out as one "
            "without an address, but the public test suite, followed here, counts only the latter."
        )


def _unused(rules: DefaultSecurityGroupRules) -> Iterator[str]:
    """Say that the public test suite fails rules that are used in no group."""
    unused = [
        r for r in rules.items if r.direction == "ingress" and not (r.used_in_default_group or r.used_in_other_groups)
    ]
    if any(rule.remote_group != SAME_GROUP for rule in unused):
        yield "A rule is used in no group and lets nothing in, but the public test suite counts it and fails the cloud."


def _egress(rules: DefaultSecurityGroupRules, ethertype: str) -> list[SecurityGroupRule]:
    return [rule for rule in rules.items if rule.direction == "egress" and rule.ethertype == ethertype]


def _where(rule: SecurityGroupRule) -> str:
    places = ["default groups"] if rule.used_in_default_group else []
    places += ["other groups"] if rule.used_in_other_groups else []
    return " and ".join(places)


def _traffic(rule: SecurityGroupRule) -> str:
    protocol = rule.protocol or "all traffic"
    ports = "" if rule.port_range_min is None else f" ports {rule.port_range_min}-{rule.port_range_max}"
    remote = f"group {rule.remote_group}" if rule.remote_group else rule.remote_ip_prefix or "any address"
    return f"{rule.ethertype} {protocol}{ports} {'from' if rule.direction == 'ingress' else 'to'} {remote}"
