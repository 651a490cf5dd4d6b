"""What a step makes of the former state of the thing that it changes. Reading and writing states is left to `apply`."""

from collections.abc import Mapping
from typing import assert_never

from allmende.errors import ReferenceCloudError
from allmende.refcloud.model.defects import (
    DefaultRulesChanged,
    EndpointHidden,
    FileChanged,
    FlavorAdded,
    FlavorChanged,
    FlavorDescribed,
    FlavorRemoved,
    ImageAdded,
    ImageChanged,
    QuotaExhausted,
    RoleTaken,
    ServiceHidden,
    State,
    Step,
    UnitStopped,
    VolumeTypeDescribed,
    WorkerDisabled,
)

IN_USE = "in use"  # as a quota: no more than there is


def wanted(step: Step, former: State) -> State:
    """Return the state that the step brings its thing to; an empty one is «not there».

    Raises ReferenceCloudError when the cloud is not as the step expects it, or is already as it would make it.
    """
    result = _result(step, former)
    if result == former:
        raise ReferenceCloudError(
            f"The cloud is already so, without this defect ({thing(step)}).",
            hint="`allmende cloud status` shows what does not run; `allmende cloud destroy` and `up` make a new cloud.",
        )
    return result


def renewed(step: Step, former: State, planned: Mapping[str, str]) -> State:
    """Return the state to bring back in a cloud whose files were written anew, as `planned` by path."""
    if isinstance(step, FileChanged) and step.file in planned:
        return {"text": planned[step.file]}
    return former


def _added(step: FlavorAdded | ImageAdded, former: State) -> State:
    if former:
        raise ReferenceCloudError(f"{thing(step)} is there already.", hint="Remove it, then try again.")
    match step:
        case FlavorAdded():
            figures = {"name": step.add_flavor, "vcpus": step.vcpus, "ram": step.ram_mib, "disk": step.disk_gib}
            return {**figures, "extra_specs": dict(step.extra_specs)}
        case ImageAdded():
            return {"name": step.add_image, **step.set}


def _result(step: Step, former: State) -> State:  # noqa: C901 -- one line for each kind of step
    if isinstance(step, FlavorAdded | ImageAdded):
        return _added(step, former)
    if not former:
        raise ReferenceCloudError(f"{thing(step)} is not there.", hint="Choose another defect: `allmende cloud break`.")
    match step:
        case FlavorRemoved():
            return {}
        case FlavorChanged():
            figures = {"vcpus": step.vcpus, "ram": step.ram_mib, "disk": step.disk_gib}
            return {**former, **{key: value for key, value in figures.items() if value is not None}}
        case FlavorDescribed() | ImageChanged():
            return {**former, "values": dict(step.set)}
        case VolumeTypeDescribed():
            return {**former, "description": step.description}
        case DefaultRulesChanged(default_rules=change):
            gone, more = change.remove, change.add
            kept = [rule for rule in former["rules"] if gone is None or not gone.items() <= rule.items()]
            return {"rules": [*kept, *([dict(more)] if more and more not in kept else [])]}
        case ServiceHidden() | EndpointHidden():
            return {**former, "enabled": False}
        case UnitStopped():
            return {"runs": False}
        case WorkerDisabled():
            return {**former, "status": "disabled"}
        case FileChanged():
            return {"text": _text(step, former["text"])}
        case QuotaExhausted():
            return {"value": IN_USE}
        case RoleTaken():
            return {"held": False}
        case _:
            assert_never(step)


def _text(step: FileChanged, former: str | None) -> str:
    if step.text is not None:
        if former is not None:
            raise ReferenceCloudError(f"{thing(step)} is there already.", hint="Remove it, then try again.")
        return step.text
    text = former or ""
    for old, new in step.replace.items():
        if old not in text:
            raise ReferenceCloudError(f"{thing(step)} does not contain «{old}».", hint="allmende cloud up renews it.")
        text = text.replace(old, new)
    return text


def thing(step: Step) -> str:  # noqa: C901 -- one line for each kind of step
    """Name the thing that a step changes, for a person."""
    match step:
        case FlavorRemoved(remove_flavor=name) | FlavorAdded(add_flavor=name) | FlavorChanged(flavor=name):
            return f"The flavor {name}"
        case FlavorDescribed(flavor_properties=name):
            return f"The flavor {name}"
        case ImageChanged(image=name) | ImageAdded(add_image=name):
            return f"The image «{name}»"
        case VolumeTypeDescribed(volume_type=name):
            return f"The volume type {name}"
        case DefaultRulesChanged():
            return "The template of security groups"
        case ServiceHidden(hide_service=type_):
            return f"The service {type_}"
        case EndpointHidden(hide_endpoint=type_):
            return f"The public endpoint of {type_}"
        case UnitStopped(stop=unit):
            return f"The unit {unit}"
        case WorkerDisabled(disable=worker):
            return f"The worker {worker}"
        case FileChanged(file=path):
            return f"The file {path}"
        case QuotaExhausted():
            return f"The quota of {step.quota}"
        case RoleTaken(take_role=role):
            return f"The role {role}"
        case _:
            assert_never(step)
