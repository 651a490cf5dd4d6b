"""The catalogue of defects, and which of them a cloud can have at the same time.

Two defects stand in each other's way when they touch one thing, when one breaks what the other is made and mended
through, or, for a check that shall show both, when they speak about one testcase.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib.resources import files
from itertools import combinations
from typing import Any, assert_never

import yaml
from pydantic import ValidationError

from allmende.errors import DocumentError, ReferenceCloudError, UnknownNameError
from allmende.outcome import Outcome
from allmende.refcloud.model.defects import (
    DefaultRulesChanged,
    Defect,
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
    Step,
    Touch,
    UnitStopped,
    VolumeTypeDescribed,
    WorkerDisabled,
)
from allmende.standards.load import load_standards
from allmende.standards.model import Standards

# Units that count as started when an API tells so.
REPORTED_BY: Mapping[str, str] = {"nova-compute": "compute", "neutron-metadata-agent": "network"}
_APIS: Mapping[str, str] = {
    "compute": "nova-api",
    "image": "glance-api",
    "block-storage": "cinder-api",
    "network": "neutron-api",
}
_FEW = 3
_FINDS_IMAGES = frozenset({"name", "os_hidden", "visibility"})  # without these nobody finds the image by its name


def load_defects() -> tuple[Defect, ...]:
    """Return the shipped catalogue, by id; raise DocumentError when it is wrong. Patterns of testcases are resolved."""
    folder = files("allmende.refcloud") / "data" / "defects"
    rows = [
        row
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        for row in yaml.safe_load(file.read_text("utf-8"))["defects"]
    ]
    return parse_defects(rows, load_standards())


def parse_defects(rows: Iterable[Mapping[str, Any]], standards: Standards) -> tuple[Defect, ...]:
    """Return the defects of these documents; raise DocumentError that names defect and mistake."""
    found: dict[str, Defect] = {}
    for row in rows:
        try:
            defect = Defect.model_validate(row)
        except ValidationError as error:
            mistake = error.errors()[0]
            where = " → ".join(str(part) for part in mistake["loc"])
            raise DocumentError(f"The defect {row.get('id')} is wrong: {where}: {mistake['msg']}") from None
        if defect.id in found:
            raise DocumentError(f"Two defects are called {defect.id}.")
        _assert_apart(defect)
        found[defect.id] = _resolved(defect, standards)
    return tuple(found[id_] for id_ in sorted(found))


def _assert_apart(defect: Defect) -> None:
    """Raise DocumentError where two steps touch one thing: each would take the other's work for the former state."""
    touches = [frozenset(_touched(step)) for step in defect.steps]
    if any(_meet(one, other) for one, other in combinations(touches, 2)):
        raise DocumentError(f"Two steps of the defect {defect.id} touch the same thing.")


def _resolved(defect: Defect, standards: Standards) -> Defect:
    """Return the defect with every pattern, such as `scs-0103-*`, replaced by the static testcases that fit it."""
    outcomes: dict[str, Outcome] = {}
    for pattern, outcome in defect.outcomes.items():
        exact = pattern in standards.testcases
        matching = [
            case.id
            for case in standards.testcases.values()
            if case.id == pattern
            or (not exact and not case.active and case.automated and fnmatchcase(case.id, pattern))
        ]
        if not matching:
            raise DocumentError(f"The defect {defect.id} speaks of {pattern}, which is no testcase.")
        outcomes |= dict.fromkeys(matching, outcome)
    if not outcomes:
        raise DocumentError(f"The defect {defect.id} changes no testcase.")
    return defect.model_copy(update={"outcomes": outcomes})


def chosen(defects: Iterable[Defect], ids: Iterable[str]) -> tuple[Defect, ...]:
    """Return the defects with these ids, each once; raise UnknownNameError for an id that none has."""
    known = {defect.id: defect for defect in defects}
    wanted = tuple(dict.fromkeys(ids))
    for id_ in wanted:
        if id_ not in known:
            near = get_close_matches(id_, known, 1)
            raise UnknownNameError(
                f"There is no defect `{id_}`.",
                hint=f"{f'Did you mean {near[0]}? ' if near else ''}`allmende cloud break` lists all.",
            )
    return tuple(known[id_] for id_ in wanted)


def assert_compatible(new: Iterable[Defect], present: Iterable[Defect]) -> None:
    """Raise ReferenceCloudError when one of `new` stands in the way of another, or of one that is present."""
    there = list(present)
    for defect in new:
        other = obstacle(defect, there)
        if other is not None:
            raise ReferenceCloudError(
                f"{defect.id} and {other.id} cannot be there at the same time: one touches what the other needs.",
                hint=f"One after the other; `allmende cloud mend {other.id}` first where the cloud has it already.",
            )
        there.append(defect)


def said(defect: Defect) -> list[str]:
    """Return what a check should find, with many testcases of one standard taken together."""
    groups: dict[tuple[str, Outcome], list[str]] = {}
    for testcase, outcome in defect.outcomes.items():
        groups.setdefault((testcase[: len("scs-0000")], outcome), []).append(testcase)
    lines = []
    for (standard, outcome), ids in groups.items():
        lines += (
            [f"{len(ids)} testcases of {standard} {outcome}"]
            if len(ids) > _FEW
            else [f"{id_} {outcome}" for id_ in ids]
        )
    return lines


def touched(defect: Defect) -> frozenset[Touch]:
    """Return the things that the defect changes, each as a path: a whole flavor, or one property of it."""
    return frozenset(touch for step in defect.steps for touch in _touched(step))


def needed(defect: Defect) -> frozenset[Touch]:
    """Return the things that must work for the defect to be made and mended."""
    return frozenset(touch for step in defect.steps for touch in _needed(step))


def obstacle(defect: Defect, present: Iterable[Defect]) -> Defect | None:
    """Return one of `present` that touches the same thing as `defect`, or breaks what it needs, or the reverse."""
    return next((other for other in present if other.id != defect.id and _clash(defect, other)), None)


def mend_order(defects: Iterable[Defect]) -> tuple[tuple[Defect, ...], ...]:
    """Return the defects in turns: what others need first, and at the same time what can be."""
    left, turns = list(defects), []
    while left:
        turn = [one for one in left if not any(_breaks(other, one) for other in left if other is not one)]
        turn = turn or left  # defects that need each other cannot have been made; if so, try all
        turns.append(tuple(turn))
        left = [one for one in left if one not in turn]
    return tuple(turns)


def together(defects: Iterable[Defect]) -> tuple[tuple[Defect, ...], ...]:
    """Return the defects in few groups, each of which one cloud can have, and one check can tell apart."""
    groups: list[list[Defect]] = []
    for defect in sorted(defects, key=lambda one: (-len(one.outcomes), one.id)):
        group = next((each for each in groups if not any(_mingle(defect, other) for other in each)), None)
        if group is None:
            groups.append([defect])
        else:
            group.append(defect)
    return tuple(tuple(group) for group in groups)


def _mingle(one: Defect, other: Defect) -> bool:
    return _clash(one, other) or bool(one.outcomes.keys() & other.outcomes.keys())


def _clash(one: Defect, other: Defect) -> bool:
    return _meet(touched(one), touched(other)) or _breaks(one, other) or _breaks(other, one)


def _breaks(one: Defect, other: Defect) -> bool:
    """Tell whether `one` breaks what `other` needs."""
    return _meet(touched(one), needed(other))


def _meet(some: Iterable[Touch], others: Iterable[Touch]) -> bool:
    """Tell whether a thing of `some` is one of `others`, or the whole or a part of it."""
    others = tuple(others)
    return any(one[: len(other)] == other[: len(one)] for one in some for other in others)


def _touched(step: Step) -> Iterator[Touch]:  # noqa: C901 -- one line for each kind of step
    match step:
        case FlavorRemoved(remove_flavor=name) | FlavorAdded(add_flavor=name) | FlavorChanged(flavor=name):
            yield ("flavor", name)
        case FlavorDescribed(flavor_properties=name):
            yield from (("flavor", name, key) for key in step.set)
        case ImageAdded(add_image=name):
            yield ("image", name)
        case ImageChanged(image=name):
            yield from (("image", name) if key in _FINDS_IMAGES else ("image", name, key) for key in step.set)
        case VolumeTypeDescribed(volume_type=name):
            yield ("volume type", name)
        case DefaultRulesChanged():
            yield ("default rules",)
        case ServiceHidden(hide_service=type_) | EndpointHidden(hide_endpoint=type_):
            yield ("service", type_)
        case UnitStopped(stop=unit):
            yield ("unit", unit)
        case FileChanged():
            yield from (("file", step.file), ("unit", step.restart))
        case WorkerDisabled(disable=worker):
            yield ("worker", worker)
        case QuotaExhausted():
            yield ("quota", step.service, step.quota)
        case RoleTaken(take_role=role):
            yield ("role", role)
        case _:
            assert_never(step)


def _needed(step: Step) -> Iterator[Touch]:
    service = _service(step)
    if service is None:
        return
    yield from (("service", "identity"), ("unit", "keystone-api"), ("unit", "mariadb"))
    if service in _APIS:
        yield from (("service", service), ("unit", _APIS[service]))


def _service(step: Step) -> str | None:
    """Return the service whose API a step goes through; None for none."""
    match step:
        case FlavorRemoved() | FlavorAdded() | FlavorChanged() | FlavorDescribed():
            return "compute"
        case ImageChanged() | ImageAdded():
            return "image"
        case VolumeTypeDescribed():
            return "block-storage"
        case DefaultRulesChanged():
            return "network"
        case QuotaExhausted() | WorkerDisabled():
            return step.service
        case ServiceHidden() | EndpointHidden() | RoleTaken():
            return "identity"
        case UnitStopped(stop=unit) | FileChanged(restart=unit):
            return REPORTED_BY.get(unit)
        case _:
            assert_never(step)
