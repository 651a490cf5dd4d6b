"""scs-0103, scs-0101: a standard flavor that is missing is created; properties that are missing or wrong are set.

The figures of a flavor cannot be changed, and flavors are never deleted here, because servers were made from them.
"""

from collections.abc import Iterator, Mapping

from allmende.checks.standard_flavors import NAME_PROPERTY
from allmende.facts.openstack import Flavor, Flavors
from allmende.repair.model import Edit, Facts, Failing, Kind, Open, Thing, Wishes
from allmende.repair.rules.proposal import Proposal, edit, edits, fact, opened
from allmende.standards.flavor_name import FlavorName, parse
from allmende.standards.flavor_parts import DiskType

DISK_PROPERTY = "scs:disk0-type"
DISK_TYPES = tuple(type_.extra_spec for type_ in DiskType)
ENTROPY_PROPERTY = "hw_rng:allowed"
_ANY = "any"
_MAKE_ROOM = """\
See who uses it, delete it when nobody needs it any more, and run `allmende fix` again to have it made anew.
  openstack server list --all-projects --flavor {name}
  openstack flavor delete {name}
"""


def standard_flavor(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Create the flavor, or give properties to the one that has its figures."""
    row = {key: str(value) for key, value in failing.check.testcase.parameters.items()}
    name, items = row["flavor"], fact(facts, Flavors).items
    meant = [flavor for flavor in items if name in (flavor.name, flavor.extra_specs.get(NAME_PROPERTY))]
    right = [flavor for flavor in meant if _figures(flavor) == _promised(parse(name))]
    if right:
        yield from _described(failing, min(right, key=lambda flavor: len(_lacking(flavor, row, wishes))), row, wishes)
    elif any(flavor.name == name for flavor in meant):
        yield opened(
            failing,
            f"The flavor {name} has other figures, and those of a flavor cannot be changed; it is not deleted here, "
            "because servers may have been made from it.",
            steps=_MAKE_ROOM.format(name=name),
        )
    else:
        yield from _created(failing, row, wishes)


def random_number_generator(failing: Failing, facts: Facts, _wishes: Wishes) -> Iterator[Proposal | Open]:
    """Let flavors allow a virtual random number generator."""
    for flavor in fact(facts, Flavors).items:
        if flavor.extra_specs.get(ENTROPY_PROPERTY, "").lower() != "true":
            thing = Thing(kind=Kind.FLAVOR, id=flavor.id, name=flavor.name)
            yield Proposal(
                testcase=failing.id, thing=thing, edits=edits(flavor.extra_specs, {ENTROPY_PROPERTY: "True"})
            )


def _described(failing: Failing, flavor: Flavor, row: Mapping[str, str], wishes: Wishes) -> Iterator[Proposal | Open]:
    if lacking := _lacking(flavor, row, wishes):
        thing = Thing(kind=Kind.FLAVOR, id=flavor.id, name=flavor.name)
        yield Proposal(testcase=failing.id, thing=thing, edits=lacking)
    if _disk_is_unknown(row, wishes) and flavor.extra_specs.get(DISK_PROPERTY) not in DISK_TYPES:
        yield _asking(failing, row["flavor"])


def _created(failing: Failing, row: Mapping[str, str], wishes: Wishes) -> Iterator[Proposal | Open]:
    if _disk_is_unknown(row, wishes):
        yield _asking(failing, row["flavor"])
        return
    vcpus, ram_mib, disk_gb = _promised(parse(row["flavor"]))
    figures = {"vcpus": str(vcpus), "ram": str(ram_mib), "disk": str(disk_gb)}
    specs = {key: value for key, value in _specs(row, wishes).items() if value is not None}
    yield Proposal(
        testcase=failing.id,
        thing=Thing(kind=Kind.FLAVOR, id="", name=row["flavor"]),
        edits=tuple(edit(key, None, value) for key, value in {**figures, **specs, ENTROPY_PROPERTY: "True"}.items()),
        notes=tuple(_promise(row)),
    )


def _promise(row: Mapping[str, str]) -> Iterator[str]:
    if row["disk_type"] in ("ssd", "nvme"):
        yield (
            f"The name promises a root disk on local {row['disk_type'].upper()}: make sure that the hosts that take "
            "this flavor have it."
        )


def _asking(failing: Failing, name: str) -> Open:
    return opened(
        failing,
        f"What the root disks of {name} are made of is known to a person only.",
        [f"--disk-type {'|'.join(DISK_TYPES)}"],
    )


def _disk_is_unknown(row: Mapping[str, str], wishes: Wishes) -> bool:
    return row["disk_type"] == _ANY and wishes.disk_type is None


def _lacking(flavor: Flavor, row: Mapping[str, str], wishes: Wishes) -> tuple[Edit, ...]:
    wanted = _specs(row, wishes)
    if row["disk_type"] == _ANY and (
        wanted[DISK_PROPERTY] is None or flavor.extra_specs.get(DISK_PROPERTY) in DISK_TYPES
    ):
        del wanted[DISK_PROPERTY]
    return edits(flavor.extra_specs, wanted)


def _specs(row: Mapping[str, str], wishes: Wishes) -> dict[str, str | None]:
    disk = {"none": None, _ANY: wishes.disk_type}.get(row["disk_type"], row["disk_type"])
    return {
        "scs:name-v1": row["name_v1"],
        NAME_PROPERTY: row["flavor"],
        "scs:cpu-type": row["cpu_type"],
        DISK_PROPERTY: disk,
    }


def _figures(flavor: Flavor) -> tuple[int, int, int]:
    return flavor.vcpus, flavor.ram_mib, flavor.disk_gib


def _promised(name: FlavorName) -> tuple[int, int, int]:
    return name.vcpus, name.ram_mib, (name.disks.size_gb or 0) if name.disks else 0
