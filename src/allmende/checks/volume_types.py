"""scs-0114: volume types say in a list at the beginning of their description which aspects they have."""

import re

from allmende.checks.catalog import check, checks
from allmende.checks.evidence import counted, every, none_of, nothing_seen, shortened
from allmende.facts.openstack import VolumeType, VolumeTypes
from allmende.outcome import Evidence, Finding, failed, passed, undetermined
from allmende.standards.model import Testcase

ASPECTS = ("encrypted", "replicated")
# OpenStack always has a default type (scs-0114-v1, «DEFAULT volume type»), so an empty list is one that was not seen.
NO_TYPE = "The cloud shows no volume type at all, not even the default one, so there is nothing to look at."

_LIST = re.compile(r"\[scs:([^\[\]]*)\]")


@check("scs-0114-syntax-check")
def lists_of_aspects_are_well_formed(volume_types: VolumeTypes) -> Finding:
    """Every list of aspects is sorted, names none twice, and names standardized aspects only.

    Descriptions without such a list are allowed; how many there are is said. That no other aspects are listed is only
    recommended by the text, but part of the format for the public test suite, which is followed here.
    """
    if not volume_types.items:
        return nothing_seen(NO_TYPE)
    evidence = [_well_formed(type_) for type_ in volume_types.items]
    without = sum(listed_aspects(type_) is None for type_ in volume_types.items)
    notes = [f"{counted(without, 'volume type')} of {len(evidence)} without a list of aspects, which is allowed."]
    return every("volume type", "a well-formed description", evidence, notes=notes if without else ())


@checks("scs-0114-{}-type")
def a_volume_type_has_the_aspect(volume_types: VolumeTypes, testcase: Testcase) -> Finding:
    """At least one volume type has the aspect in the list at the beginning of its description."""
    aspect = str(testcase.parameters["aspect"])
    if not volume_types.items:
        return undetermined(NO_TYPE)
    evidence = [
        Evidence(
            subject=f"volume type {type_.name}",
            seen=_beginning(type_),
            demanded=f"{aspect} in the list",
            ok=aspect in (listed_aspects(type_) or ()),
        )
        for type_ in volume_types.items
    ]
    having = [item for item in evidence if item.ok]
    if having:
        return passed(f"{len(having)} of {counted(len(evidence), 'volume type')} with the aspect {aspect}.", having)
    shown, notes = shortened(evidence)
    return failed(f"{none_of(len(evidence), 'volume type')} has the aspect {aspect}.", shown, notes=notes)


def listed_aspects(type_: VolumeType) -> list[str] | None:
    """Return the aspects in the list at the beginning of the description; None where there is no such list."""
    match = _LIST.match(type_.description)
    if not match:
        return None
    return [aspect.strip() for aspect in match[1].split(",")] if match[1] else []


def _well_formed(type_: VolumeType) -> Evidence:
    aspects = listed_aspects(type_) or []
    faults = []
    if aspects != sorted(aspects):
        faults.append("not sorted")
    if len(set(aspects)) < len(aspects):
        faults.append("an aspect twice")
    unknown = sorted({aspect for aspect in aspects if aspect not in ASPECTS})
    if unknown:
        faults.append(f"not standardized: {', '.join(aspect or 'empty' for aspect in unknown)}")
    return Evidence(
        subject=f"volume type {type_.name}",
        seen=_beginning(type_) + (f" ({'; '.join(faults)})" if faults else ""),
        demanded=f"sorted, each once, of {', '.join(ASPECTS)}",
        ok=not faults,
    )


def _beginning(type_: VolumeType) -> str:
    match = _LIST.match(type_.description)
    return match[0] if match else "no list of aspects"
