"""What the facts will be once changes are made, so that a plan can be judged before anything is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from allmende.facts.openstack import (
    DefaultSecurityGroupRules,
    Flavor,
    Flavors,
    Images,
    SecurityGroupRule,
    VolumeType,
    VolumeTypes,
)
from allmende.repair.model import Change, Edit, Facts, Kind
from allmende.repair.rules.image_values import edited
from allmende.repair.rules.proposal import fact
from allmende.repair.rules.writing import FIGURES


def foreseen(facts: Facts, changes: Iterable[Change]) -> Facts:
    """Return the facts after these changes."""
    for change in changes:
        match change.thing.kind:
            case Kind.FLAVOR:
                facts = {**facts, Flavors: _flavors(fact(facts, Flavors), change)}
            case Kind.IMAGE:
                facts = {**facts, Images: _images(fact(facts, Images), change)}
            case Kind.VOLUME_TYPE:
                facts = {**facts, VolumeTypes: _types(fact(facts, VolumeTypes), change)}
            case Kind.RULE:
                rules = fact(facts, DefaultSecurityGroupRules)
                facts = {**facts, DefaultSecurityGroupRules: _rules(rules, change)}
            case _:
                assert_never(change.thing.kind)
    return facts


def _flavors(flavors: Flavors, change: Change) -> Flavors:
    if change.thing.is_new:
        figures = {edit.key: int(edit.after or 0) for edit in change.edits if edit.key in FIGURES}
        new = Flavor(
            id=change.thing.name,
            name=change.thing.name,
            vcpus=figures["vcpus"],
            ram_mib=figures["ram"],
            disk_gib=figures["disk"],
        )
        specs = [edit for edit in change.edits if edit.key not in FIGURES]
        return Flavors(items=(*flavors.items, _described(new, specs)))
    mine = change.thing.id
    return Flavors(items=tuple(_described(f, change.edits) if f.id == mine else f for f in flavors.items))


def _described(flavor: Flavor, edits: Sequence[Edit]) -> Flavor:
    specs = {**flavor.extra_specs, **{edit.key: edit.after for edit in edits}}
    return replace(flavor, extra_specs={key: value for key, value in specs.items() if value is not None})


def _images(images: Images, change: Change) -> Images:
    mine = change.thing.id
    return Images(items=tuple(edited(i, change.edits) if i.id == mine else i for i in images.items))


def _types(types: VolumeTypes, change: Change) -> VolumeTypes:
    def after(type_: VolumeType) -> VolumeType:
        return replace(type_, description=change.edits[-1].after or "")

    return VolumeTypes(items=tuple(after(t) if t.id == change.thing.id else t for t in types.items))


def _rules(rules: DefaultSecurityGroupRules, change: Change) -> DefaultSecurityGroupRules:
    if not change.thing.is_new:
        return replace(rules, items=tuple(rule for rule in rules.items if rule.id != change.thing.id))
    return replace(rules, items=(*rules.items, _rule({edit.key: edit.after for edit in change.edits})))


def _rule(values: dict[str, str | None]) -> SecurityGroupRule:
    low, high = values.get("port_range_min"), values.get("port_range_max")
    return SecurityGroupRule(
        direction=values["direction"] or "",
        ethertype=values["ethertype"] or "",
        protocol=values.get("protocol"),
        port_range_min=int(low) if low else None,
        port_range_max=int(high) if high else None,
        remote_ip_prefix=values.get("remote_ip_prefix"),
        remote_group=values.get("remote_group_id"),
        used_in_default_group=values["used_in_default_sg"] == "true",
        used_in_other_groups=values["used_in_non_default_sg"] == "true",
    )
