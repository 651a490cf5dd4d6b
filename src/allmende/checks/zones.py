"""scs-0121, as far as a member can see it: which zones there are, and whether those of storage fit those of compute.

Whether a zone is a fire zone, and what is redundant in it, is for people to judge.
"""

from collections.abc import Iterable

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, every
from allmende.facts.zones import AvailabilityZones, Zone
from allmende.outcome import Evidence, Finding, failed, passed, undetermined


@check("scs-0121-zones-visible")
def zones_are_listed_and_take_orders(zones: AvailabilityZones) -> Finding:
    """Compute and storage each list at least one zone, and every listed zone is available.

    Zones of networks are shown where there are any; the standard makes no recommendation about them.
    """
    for service, found in (("compute", zones.compute), ("storage", zones.storage)):
        if not found:
            return undetermined(f"The zones of {service} are not shown to a member, not even the default one.")
    evidence = [
        *_states("compute", zones.compute),
        *_states("storage", zones.storage),
        *_states("network", zones.network),
    ]
    return every("zone", "the state available", evidence)


@check("scs-0121-storage-zones")
def zones_of_storage_fit_those_of_compute(zones: AvailabilityZones) -> Finding:
    """With several compute zones, there is one storage zone, or one for each compute zone and of the same name.

    With a single storage zone it is taken that storage spans the fire zones, which is for people to judge.
    """
    compute, storage = ({zone.name for zone in found} for found in (zones.compute, zones.storage))
    if not compute or not storage:
        return undetermined("The zones of compute or of storage are not shown to a member.")
    if len(compute) == 1:
        return undetermined("The cloud has one compute zone, so the standard demands nothing of it.")
    if len(storage) == 1:
        only = Evidence(subject=f"storage zone {next(iter(storage))}", seen="the only one", demanded="one, or the same")
        return passed(
            f"Storage is one zone beside {counted(len(compute), 'compute zone')}.",
            [only],
            notes=["That this storage spans the fire zones is not seen from outside."],
        )
    evidence = [
        *(_partner("storage", name, "compute", has_partner=name in compute) for name in sorted(storage)),
        *(_partner("compute", name, "storage", has_partner=name in storage) for name in sorted(compute)),
    ]
    alone = [item for item in evidence if not item.ok]
    if alone:
        return failed(f"Zones of compute and storage do not fit: {alone[0].subject} has {alone[0].seen}.", alone)
    return passed(f"Compute and storage have the same {counted(len(compute), 'zone')}.", evidence)


def _states(service: str, zones: Iterable[Zone]) -> Iterable[Evidence]:
    for zone in zones:
        seen = "available" if zone.is_available else "not available"
        yield Evidence(subject=f"{service} zone {zone.name}", seen=seen, demanded="available", ok=zone.is_available)


def _partner(service: str, name: str, other: str, *, has_partner: bool) -> Evidence:
    return Evidence(
        subject=f"{service} zone {name}",
        seen=f"a {other} zone of the name" if has_partner else f"no {other} zone of the name",
        demanded=f"a {other} zone of the same name",
        ok=has_partner,
    )
