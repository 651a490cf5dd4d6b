"""Examples for scs-0100 and scs-0103."""

from collections.abc import Iterator
from dataclasses import replace

from allmende.facts.openstack import Flavor, Flavors
from allmende.standards.flavor_name import parse
from allmende.standards.model import Standards
from allmende.testing import conformant

from .examples import Example, fails, passes, undetermined

SYNTAX, SEMANTICS = "scs-0100-syntax-check", "scs-0100-semantics-check"
NOTHING = Flavors(items=())


def flavor(name: str, *, vcpus: int = 2, ram_mib: int = 4096, disk_gib: int = 0, **extra_specs: str) -> Flavor:
    specs = {key.replace("_", ":", 1).replace("_", "-"): value for key, value in extra_specs.items()}
    return Flavor(id=name, name=name, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib, extra_specs=specs)


def flavors(*items: Flavor) -> Flavors:
    return Flavors(items=items)


def examples(standards: Standards) -> Iterator[Example]:
    yield from _syntax()
    yield from _semantics()
    standard = {item.name: item for item in conformant.flavors(standards)}
    for testcase in standards.testcases.values():
        if testcase.id.startswith("scs-0103-flavor-"):
            yield from _standard_flavor(testcase.id, standard[str(testcase.parameters["flavor"])])


def _syntax() -> Iterator[Example]:
    other = flavor("m1.small")
    yield passes(SYNTAX, "one good name", flavors(flavor("SCS-2V-4"), other), says="The only SCS flavor has a name")
    yield passes(SYNTAX, "the old form is tolerated", flavors(flavor("SCS-2V:4:10n")), says="is in the form of v1")
    yield passes(
        SYNTAX,
        "declared names only",
        flavors(flavor("tiny", scs_name_v2="SCS-2V-4")),
        says="No flavor is named SCS-",
    )
    yield passes(
        SYNTAX,
        "five names",
        flavors(*(flavor(f"SCS-{n}V-4") for n in range(1, 6))),
        says="All 5 SCS flavors have a name by the grammar.\n2 more conform and are not shown.",
    )
    yield fails(
        SYNTAX,
        "one bad name",
        flavors(flavor("SCS-2V-4"), flavor("SCS-2X-4"), other),
        says="1 of 2 SCS flavors lacks a name by the grammar: SCS-2X-4.",
    )
    yield fails(SYNTAX, "says where", flavors(flavor("SCS-2iT-4")), says="expected one of L, V, T or C at character 6")
    yield undetermined(SYNTAX, "no flavor", NOTHING, says="no flavor at all")
    yield undetermined(SYNTAX, "no SCS name", flavors(other), says="No flavor of 1 has or declares a name")


def _semantics() -> Iterator[Example]:
    good = flavor("SCS-2V-4-20s", disk_gib=20)
    yield passes(SEMANTICS, "exact", flavors(good), says="2 vCPUs, 4096 MiB RAM, 20 GB disk")
    yield passes(SEMANTICS, "more is allowed", flavors(flavor("SCS-1V-0.5", disk_gib=5)))
    yield passes(SEMANTICS, "disk size left to the cloud", flavors(flavor("SCS-2V-4-n")))
    yield passes(SEMANTICS, "old form", flavors(flavor("SCS-2V:4")))
    yield passes(SEMANTICS, "unreadable left out", flavors(good, flavor("SCS-x")), says="1 SCS name left out")
    yield passes(SEMANTICS, "declared names", flavors(flavor("tiny", scs_name_v2="SCS-2V-4")), says="instead")
    yield fails(
        SEMANTICS, "too few vCPUs", flavors(replace(good, vcpus=1), good), says="1 of 2 SCS flavors lacks what the name"
    )
    rounded = "1 flavor up to 51 MiB of RAM below the name, which the public test suite, followed here, lets pass: SCS-"
    for missing in (1, 51):
        little = flavors(replace(good, ram_mib=4096 - missing))
        yield passes(SEMANTICS, f"{missing} MiB missing", little, says=rounded)
    yield fails(SEMANTICS, "52 MiB missing", flavors(replace(good, ram_mib=4044)), says="at least 2 vCPUs, 4096 MiB")
    yield fails(SEMANTICS, "disk too small", flavors(replace(good, disk_gib=19)), says="19 GB disk")
    yield fails(SEMANTICS, "half a GiB missing", flavors(flavor("SCS-2V-4.5")), says="4608 MiB RAM")
    yield undetermined(SEMANTICS, "no flavor", NOTHING, says="no flavor at all")
    yield undetermined(SEMANTICS, "no SCS name", flavors(flavor("m1.small")), says="no name to look at")
    yield undetermined(SEMANTICS, "no readable name", flavors(flavor("SCS-x")), says="No SCS name of 1 follows")


def _standard_flavor(testcase: str, right: Flavor) -> Iterator[Example]:
    name, specs = parse(right.name), right.extra_specs
    yield passes(testcase, "exactly right", flavors(right), says=f"is the standard flavor {right.name} in all 7 points")
    yield passes(
        testcase, "another name, declared", flavors(replace(right, name="mine")), says="Flavor mine is the standard"
    )
    yield passes(
        testcase,
        "one right of two",
        flavors(replace(right, name="mine", vcpus=99), right),
        says="2 flavors claim to be",
    )
    yield fails(
        testcase, "absent", flavors(flavor("m1.small")), says=f"No flavor of 1 is the standard flavor {right.name}"
    )
    yield fails(testcase, "more vCPUs", flavors(replace(right, vcpus=99)), says=f"vCPUs is 99, must be {right.vcpus}")
    yield fails(testcase, "more RAM", flavors(replace(right, ram_mib=right.ram_mib + 1)), says="MiB, must be")
    yield fails(testcase, "another disk", flavors(replace(right, disk_gib=7)), says="root disk is 7 GB")
    for key in ("scs:name-v1", "scs:name-v2", "scs:cpu-type"):
        without = {k: v for k, v in specs.items() if k != key}
        yield fails(testcase, f"without {key}", flavors(replace(right, extra_specs=without)), says=f"{key} is absent")
    wrong = {**specs, "scs:cpu-type": "dedicated-core"}
    yield fails(
        testcase, "wrong CPU type", flavors(replace(right, extra_specs=wrong)), says="scs:cpu-type is dedicated-core"
    )
    if name.disks is None:
        odd = {**specs, "scs:disk0-type": "ssd"}
        yield fails(
            testcase, "a disk type without disk", flavors(replace(right, extra_specs=odd)), says="must be absent"
        )
    else:
        none = {k: v for k, v in specs.items() if k != "scs:disk0-type"}
        tape = {**specs, "scs:disk0-type": "tape"}
        nvme = {**specs, "scs:disk0-type": "nvme"}
        outcome = fails if name.disks.type else passes
        yield fails(
            testcase, "no disk type", flavors(replace(right, extra_specs=none)), says="scs:disk0-type is absent"
        )
        yield fails(testcase, "no such type", flavors(replace(right, extra_specs=tape)), says="scs:disk0-type is tape")
        yield outcome(testcase, "another disk type", flavors(replace(right, extra_specs=nvme)), says="scs:disk0-type")
    declared = {**specs, "scs:name-v4": "SCS-nonsense"}
    yield passes(
        testcase, "a nonsense variant", flavors(replace(right, extra_specs=declared)), says="breaks the grammar"
    )
    yield fails(testcase, "no flavor", NOTHING, says="No flavor of 0 is the standard flavor")
