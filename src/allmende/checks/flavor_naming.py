"""scs-0100: flavors whose name begins with SCS- have a name by the grammar, and hold what it promises.

The grammar is `standards.flavor_name`. Which flavors must exist is scs-0103's business.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, every, listed, none_of, nothing_seen
from allmende.facts.openstack import Flavor, Flavors
from allmende.outcome import Evidence, Finding
from allmende.standards.flavor_name import FlavorName, FlavorNameError, Reading, describe, is_scs_name, read

RAM_ROUNDING_MIB = 51
TOLERATED = (0, RAM_ROUNDING_MIB, 0)
"""Of vCPUs, MiB of RAM and GB of disk, how many may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A flavor with a name that the standard claims, and how that name reads."""

    flavor: Flavor
    name: str
    reading: Reading | FlavorNameError


@check("scs-0100-syntax-check")
def names_follow_the_grammar(flavors: Flavors) -> Finding:
    """Every flavor name that begins with SCS- is read by the grammar of scs-0100-v3.

    Names in the forms of v1 and v2 are tolerated with a note. Where no flavor has such a name, the names that flavors
    declare in their properties scs:name-vN are read instead; where there are none either, nothing can be said.
    """
    named = _named(flavors)
    if not named:
        return _nothing_to_read(flavors)
    evidence = [
        Evidence(
            subject=f"flavor {item.name}",
            seen=describe(item.reading.flavor) if isinstance(item.reading, Reading) else str(item.reading),
            demanded="a name by the grammar",
            ok=isinstance(item.reading, Reading),
        )
        for item in named
    ]
    remarks = [note for item in named if isinstance(item.reading, Reading) for note in item.reading.notes]
    return every("SCS flavor", "a name by the grammar", evidence, notes=(*_origin(flavors), *remarks))


@check("scs-0100-semantics-check")
def flavors_keep_what_their_names_promise(flavors: Flavors) -> Finding:
    """Every flavor with a name by the grammar has at least the vCPUs, the RAM and the disk that its name tells.

    Having more is allowed, and so are up to 51 MiB of RAM less: the text does not say how its GiB are rounded, and the
    public test suite, which is followed here, rounds to tenths. Names that break the grammar are left to
    scs-0100-syntax-check.
    """
    named = _named(flavors)
    if not named:
        return _nothing_to_read(flavors)
    readable = [(item, item.reading.flavor) for item in named if isinstance(item.reading, Reading)]
    if not readable:
        return nothing_seen(
            f"{none_of(len(named), 'SCS name')} follows the grammar, so there is no promise to compare with."
        )
    evidence = [_kept(item, promise) for item, promise in readable]
    unread = len(named) - len(readable)
    notes = [f"{counted(unread, 'SCS name')} left out: not by the grammar."] if unread else []
    return every(
        "SCS flavor", "what the name promises", evidence, notes=(*_origin(flavors), *notes, *_rounded(readable))
    )


def _named(flavors: Flavors) -> list[Named]:
    """Return the flavors that are named SCS-…; if there are none, those that declare such a name."""
    by_name = [_read(flavor, flavor.name) for flavor in flavors.items if is_scs_name(flavor.name)]
    return by_name or [_read(flavor, name) for flavor in flavors.items for name in declared_names(flavor)]


def declared_names(flavor: Flavor) -> Iterator[str]:
    """Yield the values of the properties scs:name-vN (scs-0103-v1, «Properties»)."""
    for key, value in sorted(flavor.extra_specs.items()):
        if key.startswith("scs:name-v"):
            yield value


def _read(flavor: Flavor, name: str) -> Named:
    try:
        return Named(flavor=flavor, name=name, reading=read(name))
    except FlavorNameError as error:
        return Named(flavor=flavor, name=name, reading=error)


def _nothing_to_read(flavors: Flavors) -> Finding:
    if not flavors.items:
        return nothing_seen("The cloud shows no flavor at all, so there is no name to look at.")
    return nothing_seen(
        f"{none_of(len(flavors.items), 'flavor')} has or declares a name that begins with SCS-, "
        "so there is no name to look at."
    )


def _origin(flavors: Flavors) -> Iterator[str]:
    if not any(is_scs_name(flavor.name) for flavor in flavors.items):
        yield "No flavor is named SCS-…; the names declared in scs:name-vN were looked at instead."


def _kept(item: Named, promise: FlavorName) -> Evidence:
    flavor = item.flavor
    disk_gb = promise.disks.size_gb if promise.disks else None
    figures = (
        ("vCPUs", flavor.vcpus, promise.vcpus),
        ("MiB RAM", flavor.ram_mib, promise.ram_mib),
        ("GB disk", flavor.disk_gib, disk_gb or 0),
    )
    return Evidence(
        subject=f"flavor {item.name}",
        seen=", ".join(f"{has} {unit}" for unit, has, _ in figures),
        demanded="at least " + ", ".join(f"{promised} {unit}" for unit, _, promised in figures),
        ok=all(has + tolerated >= promised for (_, has, promised), tolerated in zip(figures, TOLERATED, strict=True)),
    )


def _rounded(readable: Iterable[tuple[Named, FlavorName]]) -> Iterator[str]:
    """Say which flavors have a little less RAM than their names promise."""
    names = [item.name for item, promise in readable if 0 < promise.ram_mib - item.flavor.ram_mib <= RAM_ROUNDING_MIB]
    if names:
        yield (
            f"{counted(len(names), 'flavor')} up to {RAM_ROUNDING_MIB} MiB of RAM below the name, which the public "
            f"test suite, followed here, lets pass: {listed(names)}."
        )
