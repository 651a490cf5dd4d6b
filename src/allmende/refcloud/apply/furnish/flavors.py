"""The flavors: those of scs-0103 with their properties, and a few small ones for the guests of this cloud."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import ReferenceCloudError
from allmende.standards.flavor_name import parse
from allmende.standards.model import Standards

_WITH_EXTRA_SPECS = "2.61"
_ANY_DISK = "hdd"  # the weakest claim: a disk of this machine, of which nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFlavor:
    """A flavor as the Compute API takes it."""

    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    extra_specs: Mapping[str, str] = field(default_factory=dict)


def standard_flavors(standards: Standards) -> tuple[WantedFlavor, ...]:
    """Return the mandatory and recommended flavors of scs-0103, which the testcases about them describe."""
    rows = (case.parameters for case in standards.testcases.values() if case.id.startswith("scs-0103-flavor-"))
    return tuple(_standard_flavor({key: str(value) for key, value in row.items()}) for row in rows)


def _standard_flavor(row: Mapping[str, str]) -> WantedFlavor:
    name = parse(row["flavor"])
    disk = {"none": None, "any": _ANY_DISK}.get(row["disk_type"], row["disk_type"])
    return WantedFlavor(
        name=row["flavor"],
        vcpus=name.vcpus,
        ram_mib=name.ram_mib,
        disk_gib=name.disks.size_gb or 0 if name.disks else 0,
        extra_specs={
            "scs:name-v1": row["name_v1"],
            "scs:name-v2": row["flavor"],
            "scs:cpu-type": row["cpu_type"],
            "hw_rng:allowed": "True",
            **({"scs:disk0-type": disk} if disk else {}),
        },
    )


def own_flavors() -> tuple[WantedFlavor, ...]:
    """Return the small flavors of `data/flavors.yaml`."""
    rows = yaml.safe_load(files("allmende.refcloud").joinpath("data", "flavors.yaml").read_text(encoding="utf-8"))
    return tuple(
        WantedFlavor(
            name=row["name"],
            vcpus=row["vcpus"],
            ram_mib=row["ram_mib"],
            disk_gib=row["disk_gib"],
            extra_specs={"hw_rng:allowed": "True"},
        )
        for row in rows
    )


async def flavors_exist(cloud: OpenStackCloud, wanted: Iterable[WantedFlavor]) -> None:
    """Make the flavors that are missing, and set the properties that differ.

    Raises ReferenceCloudError where a flavor of that name has other figures: they cannot be changed.
    """
    found = await cloud.items(
        "compute", "/flavors/detail", "flavors", params={"is_public": "None"}, microversion=_WITH_EXTRA_SPECS
    )
    present = {flavor["name"]: flavor for flavor in found}
    await asyncio.gather(*(_flavor_exists(cloud, flavor, present.get(flavor.name)) for flavor in wanted))


async def _flavor_exists(cloud: OpenStackCloud, wanted: WantedFlavor, present: Mapping[str, Any] | None) -> None:
    if present is None:
        figures = {"name": wanted.name, "vcpus": wanted.vcpus, "ram": wanted.ram_mib, "disk": wanted.disk_gib}
        answer = await cloud.request("compute", "POST", "/flavors", json={"flavor": figures})
        present = {**answer.object()["flavor"], "extra_specs": {}}
    elif (present["vcpus"], present["ram"], present["disk"]) != (wanted.vcpus, wanted.ram_mib, wanted.disk_gib):
        raise ReferenceCloudError(
            f"The flavor `{wanted.name}` of this cloud has {present['vcpus']} vCPUs, {present['ram']} MiB and "
            f"{present['disk']} GiB instead of {wanted.vcpus}, {wanted.ram_mib} and {wanted.disk_gib}.",
            hint=f"Delete it (`openstack flavor delete {wanted.name}`) and run `allmende cloud up` again.",
        )
    held: Mapping[str, str] = present["extra_specs"]
    if differing := {key: value for key, value in wanted.extra_specs.items() if held.get(key) != value}:
        path = f"/flavors/{present['id']}/os-extra_specs"
        await cloud.request("compute", "POST", path, json={"extra_specs": differing})
