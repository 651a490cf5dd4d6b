"""Defects of flavors: one for each standard flavor, in turn of every kind that there is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import Any

from allmende.facts.openstack import Flavor
from allmende.standards.model import Standards
from allmende.testing import conformant
from allmende.testing.defects.model import Defect
from allmende.testing.openstack import FakeOpenStack


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What becomes of a flavor (None: it goes), in words after its name, and how the finding shows it."""

    words: str
    change: Callable[[Flavor], Flavor | None]
    offender: str
    seen: Callable[[Flavor], str]


def _specified(key: str, value: str | None) -> Callable[[Flavor], Flavor]:
    def change(flavor: Flavor) -> Flavor:
        rest = {name: text for name, text in flavor.extra_specs.items() if name != key}
        return replace(flavor, extra_specs=rest if value is None else {**rest, key: value})

    return change


_KINDS = (
    _Kind(words="does not exist", change=lambda _: None, offender="", seen=lambda _: "no flavor of that name"),
    _Kind(
        words="has half its memory",
        change=lambda flavor: replace(flavor, ram_mib=flavor.ram_mib // 2),
        offender="RAM",
        seen=lambda flavor: f"{flavor.ram_mib // 2} MiB",
    ),
    _Kind(
        words="has one vCPU too many",
        change=lambda flavor: replace(flavor, vcpus=flavor.vcpus + 1),
        offender="vCPUs",
        seen=lambda flavor: f"{flavor.vcpus + 1}",
    ),
    _Kind(
        words="has a disk that is too large",
        change=lambda flavor: replace(flavor, disk_gib=flavor.disk_gib + 7),
        offender="root disk",
        seen=lambda flavor: f"{flavor.disk_gib + 7} GB",
    ),
    _Kind(
        words="has no property scs:name-v2",
        change=_specified("scs:name-v2", None),
        offender="scs:name-v2",
        seen=lambda _: "absent",
    ),
    _Kind(
        words="has another name in scs:name-v1",
        change=_specified("scs:name-v1", "SCS-3V:3"),
        offender="scs:name-v1",
        seen=lambda _: "SCS-3V:3",
    ),
    _Kind(
        words="claims cores of its own",
        change=_specified("scs:cpu-type", "dedicated-core"),
        offender="scs:cpu-type",
        seen=lambda _: "dedicated-core",
    ),
    _Kind(
        words="claims a disk of paper",
        change=_specified("scs:disk0-type", "paper"),
        offender="scs:disk0-type",
        seen=lambda _: "paper",
    ),
)


def defects(standards: Standards) -> Iterator[Defect]:
    """Yield a defect for every testcase that looks at flavors."""
    family = [testcase for testcase in standards.testcases if testcase.startswith("scs-0103-flavor-")]
    for testcase, flavor, kind in zip(family, conformant.flavors(standards), cycle(_KINDS), strict=False):
        yield _of_one(testcase, flavor, kind)
    yield Defect(
        testcase="scs-0100-syntax-check",
        sentence="There is a flavor SCS-2-8X, a name that the grammar does not know.",
        strike=partial(_add, name="SCS-2-8X", vcpus=2, ram_mib=8192),
        offender="flavor SCS-2-8X",
        seen="",
    )
    yield Defect(
        testcase="scs-0100-semantics-check",
        sentence="The flavor SCS-16V-96-400s has neither the memory nor the disk of its name.",
        strike=partial(_add, name="SCS-16V-96-400s", vcpus=16, ram_mib=65536, disk_gib=200),
        offender="flavor SCS-16V-96-400s",
        seen="65536 MiB RAM, 200 GB disk",
    )
    yield Defect(
        testcase="scs-0101-flavor-property",
        sentence="A flavor does not allow a random number generator.",
        strike=partial(_add, name="plain", vcpus=1, ram_mib=1024),
        offender="flavor plain",
        seen="no hw_rng:allowed",
    )


def _of_one(testcase: str, flavor: Flavor, kind: _Kind) -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        changed = [kind.change(row) if row.name == flavor.name else row for row in fake.state.flavors]
        fake.state.flavors = [row for row in changed if row is not None]

    return Defect(
        testcase=testcase,
        sentence=f"The flavor {flavor.name} {kind.words}.",
        strike=strike,
        offender=kind.offender or f"flavor {flavor.name}",
        seen=kind.seen(flavor),
    )


def _add(fake: FakeOpenStack, **fields: Any) -> None:
    fake.state.flavors.append(Flavor(**{"id": fields["name"], "disk_gib": 0, **fields}))
