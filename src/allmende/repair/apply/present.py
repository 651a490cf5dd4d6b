"""What is there now of a thing that is about to be changed, read with the operator's credential."""

from collections.abc import Mapping
from typing import Any, assert_never

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudNotFoundError, CloudProtocolError
from allmende.repair.model import Change, Kind
from allmende.repair.rules.image_values import MIN_DISK, MIN_RAM
from allmende.repair.rules.writing import RULE_KEY, RULES_PATH

WITH_EXTRA_SPECS = "2.61"
_RULE_KEYS = (
    "direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id",
    "used_in_default_sg", "used_in_non_default_sg",
)  # fmt: skip


async def difference(cloud: OpenStackCloud, change: Change) -> str:
    """Say how what is there differs from what the change was planned for; an empty text where it does not."""
    if change.thing.is_new:
        return await _in_the_way(cloud, change)
    try:
        values = await _values(cloud, change)
    except CloudNotFoundError:
        return f"there is no {change.thing.kind} {change.thing.id} any more"
    differing = [edit for edit in change.edits if (values.get(edit.key) or None) != (edit.before or None)]
    if not differing:
        return ""
    if all((values.get(edit.key) or None) == (edit.after or None) for edit in change.edits):
        return "it is so already"
    said = "; ".join(f"{e.key} is {values.get(e.key) or 'not set'}, was {e.before or 'not set'}" for e in differing)
    return f"it was changed since: {said}"


async def _in_the_way(cloud: OpenStackCloud, change: Change) -> str:
    match change.thing.kind:
        case Kind.FLAVOR:
            query = {"is_public": "None", "limit": "1000"}
            for row in await cloud.items("compute", "/flavors/detail", "flavors", params=query):
                if row.get("name") == change.thing.name:
                    hidden = "" if row.get("os-flavor-access:is_public", True) else ", which members cannot see"
                    return f"there is a flavor {change.thing.name} by now{hidden}"
        case Kind.RULE:
            wanted = {edit.key: edit.after for edit in change.edits}
            for row in await cloud.items("network", RULES_PATH, f"{RULE_KEY}s"):
                if {key: value for key, value in _texts(row, _RULE_KEYS).items() if value is not None} == wanted:
                    return "there is such a rule by now"
        case Kind.IMAGE | Kind.VOLUME_TYPE:
            raise ValueError(f"no rule creates a {change.thing.kind}")
        case _:
            assert_never(change.thing.kind)
    return ""


async def _values(cloud: OpenStackCloud, change: Change) -> Mapping[str, str | None]:
    """Return the values that are there now under the keys of the edits."""
    thing = change.thing
    match thing.kind:
        case Kind.FLAVOR:
            answer = await cloud.request("compute", "GET", f"/flavors/{thing.id}", microversion=WITH_EXTRA_SPECS)
            return _texts(_inside(_inside(answer.object(), "flavor"), "extra_specs"), _keys(change))
        case Kind.IMAGE:
            row = (await cloud.request("image", "GET", f"/images/{thing.id}")).object()
            return _texts({**row, **{key: row.get(key) or None for key in (MIN_DISK, MIN_RAM)}}, _keys(change))
        case Kind.VOLUME_TYPE:
            answer = await cloud.request("block-storage", "GET", f"/types/{thing.id}")
            return _texts(_inside(answer.object(), "volume_type"), _keys(change))
        case Kind.RULE:
            answer = await cloud.request("network", "GET", f"{RULES_PATH}/{thing.id}")
            return _texts(_inside(answer.object(), RULE_KEY), _keys(change))
        case _:
            assert_never(thing.kind)


def _inside(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    if not isinstance(found, dict):
        raise CloudProtocolError(
            f"The cloud's answer has no object `{key}`.", hint="A proxy or a plugin changes the answers."
        )
    return found


def _keys(change: Change) -> tuple[str, ...]:
    return tuple(edit.key for edit in change.edits)


def _texts(row: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, str | None]:
    return {key: _text(row.get(key)) for key in keys}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
