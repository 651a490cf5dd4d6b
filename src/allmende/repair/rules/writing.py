"""How edits of a thing are written: as requests of the APIs, and as commands of OpenStack's own client."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from allmende.repair.model import Edit, Kind, Request, Thing
from allmende.repair.rules.image_values import HIDDEN, MIN_DISK, MIN_RAM, OF_THE_API
from allmende.repair.rules.proposal import quoted

RULES_PATH = "/default-security-group-rules"
RULE_KEY = "default_security_group_rule"
FIGURES = ("vcpus", "ram", "disk")
_PATCH = "application/openstack-images-v2.1-json-patch"
_NUMBERS = frozenset({*FIGURES, MIN_DISK, MIN_RAM, "port_range_min", "port_range_max"})
_TRUTHS = frozenset({HIDDEN, "used_in_default_sg", "used_in_non_default_sg"})


def requests(thing: Thing, edits: Sequence[Edit]) -> tuple[Request, ...]:
    """Return the requests that make the edits, in their order."""
    match thing.kind:
        case Kind.FLAVOR:
            return tuple(_flavor_requests(thing, edits))
        case Kind.IMAGE:
            operations = [_operation(edit) for edit in edits]
            return (Request(service="image", method="PATCH", path=f"/images/{thing.id}", body=operations,
                            content_type=_PATCH),)  # fmt: skip
        case Kind.VOLUME_TYPE:
            description = {"volume_type": {edit.key: edit.after or "" for edit in edits}}
            return (Request(service="block-storage", method="PUT", path=f"/types/{thing.id}", body=description),)
        case Kind.RULE if thing.is_new:
            body = {RULE_KEY: {edit.key: _value(edit) for edit in edits}}
            return (Request(service="network", method="POST", path=RULES_PATH, body=body),)
        case Kind.RULE:
            return (Request(service="network", method="DELETE", path=f"{RULES_PATH}/{thing.id}"),)


def commands(thing: Thing, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return the commands that make the edits, for a person to copy."""
    match thing.kind:
        case Kind.FLAVOR if thing.is_new:
            figures = " ".join(f"--{edit.key} {edit.after}" for edit in edits if edit.key in FIGURES)
            return (f"openstack flavor create {quoted(thing.name)} {figures}{_properties(edits, FIGURES)}",)
        case Kind.FLAVOR:
            return tuple(_set_and_unset("flavor", quoted(thing.name), edits))
        case Kind.IMAGE:
            return tuple(_set_and_unset("image", thing.id, edits))
        case Kind.VOLUME_TYPE:
            return tuple(
                f"openstack volume type set --{edit.key} {quoted(edit.after or '')} {quoted(thing.name)}"
                for edit in edits
            )
        case Kind.RULE if thing.is_new:
            return (f"openstack default security group rule create {' '.join(_rule_options(edits))}",)
        case Kind.RULE:
            return (f"openstack default security group rule delete {thing.id}",)


def undo(thing: Thing, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return the commands that take the edits back."""
    match thing:
        case Thing(kind=Kind.FLAVOR, id=""):
            return (f"openstack flavor delete {quoted(thing.name)}",)
        case Thing(kind=Kind.RULE, id=""):
            return ("openstack default security group rule delete ID",)
        case _:
            reversed_edits = [replace(edit, before=edit.after, after=edit.before) for edit in edits]
            target = replace(thing, id="") if thing.kind is Kind.RULE else thing
            return commands(target, reversed_edits)


def _flavor_requests(thing: Thing, edits: Sequence[Edit]) -> Iterator[Request]:
    if thing.is_new:
        figures = {edit.key: _value(edit) for edit in edits if edit.key in FIGURES}
        yield Request(
            service="compute", method="POST", path="/flavors", body={"flavor": {"name": thing.name, **figures}}
        )
    path = f"/flavors/{thing.id or '{id}'}/os-extra_specs"
    specs = {edit.key: edit.after for edit in edits if edit.key not in FIGURES and edit.after is not None}
    if specs:
        yield Request(service="compute", method="POST", path=path, body={"extra_specs": specs})
    for edit in edits:
        if edit.after is None:
            yield Request(service="compute", method="DELETE", path=f"{path}/{edit.key}")


def _operation(edit: Edit) -> dict[str, object]:
    """Return the edit as JSON patch; `add` is refused by the Image API where the property has appeared since."""
    path = f"/{edit.key.replace('~', '~0').replace('/', '~1')}"
    if edit.after is None:
        return {"op": "remove", "path": path}
    appears = edit.before is None and edit.key not in OF_THE_API
    return {"op": "add" if appears else "replace", "path": path, "value": _value(edit)}


def _value(edit: Edit) -> str | int | bool | None:
    if edit.after is not None and edit.key in _NUMBERS:
        return int(edit.after)
    return edit.after == "true" if edit.key in _TRUTHS else edit.after


def _set_and_unset(kind: str, name: str, edits: Sequence[Edit]) -> Iterator[str]:
    staying = [edit for edit in edits if edit.after is not None or edit.key in OF_THE_API]
    if staying:
        yield f"openstack {kind} set{''.join(_own_options(staying))}{_properties(staying, OF_THE_API)} {name}"
    if going := [edit for edit in edits if edit not in staying]:
        options = "".join(f" --property {quoted(edit.key)}" for edit in going)
        yield f"openstack {kind} unset{options} {name}"


def _own_options(edits: Sequence[Edit]) -> Iterator[str]:
    for edit in edits:
        if edit.key == HIDDEN:
            yield " --hidden" if edit.after == "true" else " --unhidden"
        elif edit.key in OF_THE_API:
            yield f" --{edit.key.replace('_', '-')} {quoted(edit.after or '0')}"


def _properties(edits: Sequence[Edit], others: Sequence[str] | frozenset[str]) -> str:
    return "".join(f" --property {quoted(f'{edit.key}={edit.after}')}" for edit in edits if edit.key not in others)


def _rule_options(edits: Sequence[Edit]) -> Iterator[str]:
    values = {edit.key: edit.after or "" for edit in edits}
    yield f"--{values['direction']} --ethertype {values['ethertype']}"
    if "protocol" in values:
        yield f"--protocol {values['protocol']}"
    if "port_range_min" in values:
        yield f"--dst-port {values['port_range_min']}:{values.get('port_range_max', values['port_range_min'])}"
    if "remote_ip_prefix" in values:
        yield f"--remote-ip {values['remote_ip_prefix']}"
    if "remote_group_id" in values:
        yield f"--remote-group {quoted(values['remote_group_id'])}"
    if values["used_in_default_sg"] == "true":
        yield "--for-default-sg"
    if values["used_in_non_default_sg"] == "true":
        yield "--for-custom-sg"
