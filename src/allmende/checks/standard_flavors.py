"""scs-0103: the standard flavors exist, with exactly the figures and the properties of the standard's tables.

One function judges all of them: what a flavor must be follows from its recommended name, read by the grammar of
scs-0100.
"""

from collections.abc import Iterator

from allmende.checks.catalog import checks
from allmende.checks.evidence import counted, none_of
from allmende.checks.flavor_naming import declared_names
from allmende.facts.openstack import Flavor, Flavors
from allmende.outcome import Evidence, Finding, failed, passed
from allmende.standards.flavor_name import FlavorName, FlavorNameError, parse
from allmende.standards.flavor_parts import DiskType
from allmende.standards.model import Testcase

NAME_PROPERTY = "scs:name-v2"
ABSENT = "absent"


@checks("scs-0103-flavor-{}")
def the_standard_flavor_exists(flavors: Flavors, testcase: Testcase) -> Finding:
    """One flavor has the standard's figures exactly, and the standard's properties.

    It is found by its property scs:name-v2, or else by its name, because the standard only recommends the name. vCPUs,
    RAM and root disk must be equal to the table; `scs:name-v1`, `scs:name-v2` and `scs:cpu-type` as written there;
    `scs:disk0-type` absent without a disk, the table's type where it has one, and otherwise any of the four types. When
    several flavors claim to be it, one that is right is enough.
    """
    name = str(testcase.parameters["flavor"])
    candidates = _candidates(flavors, name)
    if not candidates:
        absent = Evidence(subject=f"flavor {name}", seen="no flavor of that name", demanded="present", ok=False)
        return failed(f"{none_of(len(flavors.items), 'flavor')} is the standard flavor {name}.", [absent])
    compared = [(flavor, tuple(_compared(flavor, parse(name)))) for flavor in candidates]
    flavor, evidence = min(compared, key=lambda pair: sum(not item.ok for item in pair[1]))
    wrong = [item for item in evidence if not item.ok]
    notes = [f"{counted(len(candidates), 'flavor')} claim to be {name}; the best was taken."] if candidates[1:] else []
    notes += _broken_promises(flavor)
    if wrong:
        said = "; ".join(f"{item.subject} is {item.seen}, must be {item.demanded}" for item in wrong)
        conforming = [item for item in evidence if item.ok]
        return failed(
            f"Flavor {flavor.name} differs from the standard flavor {name}: {said}.", [*wrong, *conforming], notes=notes
        )
    return passed(
        f"Flavor {flavor.name} is the standard flavor {name} in all {len(evidence)} points.", evidence, notes=notes
    )


def _candidates(flavors: Flavors, name: str) -> list[Flavor]:
    declared = [flavor for flavor in flavors.items if flavor.extra_specs.get(NAME_PROPERTY) == name]
    return declared or [flavor for flavor in flavors.items if flavor.name == name]


def _compared(flavor: Flavor, wanted: FlavorName) -> Iterator[Evidence]:
    disk_gb = wanted.disks.size_gb if wanted.disks else None
    yield _equal("vCPUs", str(flavor.vcpus), str(wanted.vcpus))
    yield _equal("RAM", f"{flavor.ram_mib} MiB", f"{wanted.ram_mib} MiB")
    yield _equal("root disk", f"{flavor.disk_gib} GB", f"{disk_gb or 0} GB")
    yield _equal("scs:name-v1", flavor.extra_specs.get("scs:name-v1"), wanted.in_v1_form())
    yield _equal(NAME_PROPERTY, flavor.extra_specs.get(NAME_PROPERTY), str(wanted))
    yield _equal("scs:cpu-type", flavor.extra_specs.get("scs:cpu-type"), wanted.cpu_type.extra_spec)
    yield _disk_type(flavor.extra_specs.get("scs:disk0-type"), wanted)


def _disk_type(seen: str | None, wanted: FlavorName) -> Evidence:
    if wanted.disks is None:
        return _equal("scs:disk0-type", seen, None)
    if wanted.disks.type:
        return _equal("scs:disk0-type", seen, wanted.disks.type.extra_spec)
    types = [type_.extra_spec for type_ in DiskType]
    demanded = f"one of {', '.join(types)}"
    return Evidence(subject="scs:disk0-type", seen=seen or ABSENT, demanded=demanded, ok=seen in types)


def _equal(subject: str, seen: str | None, demanded: str | None) -> Evidence:
    return Evidence(subject=subject, seen=seen or ABSENT, demanded=demanded or ABSENT, ok=seen == demanded)


def _broken_promises(flavor: Flavor) -> Iterator[str]:
    """Say which of the flavor's declared names is none; the standard wants every one to be valid."""
    for name in declared_names(flavor):
        try:
            parse(name)
        except FlavorNameError as error:
            yield f"Flavor {flavor.name} declares a name that breaks the grammar: {error}."
