"""The flavors that a reference cloud is furnished with."""

from allmende.refcloud.apply.furnish.flavors import own_flavors, standard_flavors
from allmende.standards.load import load_standards


def test_every_standard_flavor_is_there_once() -> None:
    names = [flavor.name for flavor in standard_flavors(load_standards())]
    assert len(names) == len(set(names)) == 31


def test_a_flavor_has_the_figures_and_properties_of_its_name() -> None:
    flavors = {flavor.name: flavor for flavor in standard_flavors(load_standards())}
    ssd = flavors["SCS-2V-4-20s"]
    assert (ssd.vcpus, ssd.ram_mib, ssd.disk_gib) == (2, 4096, 20)
    assert ssd.extra_specs == {
        "scs:name-v1": "SCS-2V:4:20s",
        "scs:name-v2": "SCS-2V-4-20s",
        "scs:cpu-type": "shared-core",
        "scs:disk0-type": "ssd",
        "hw_rng:allowed": "True",
    }
    assert flavors["SCS-1L-1"].extra_specs["scs:cpu-type"] == "crowded-core"
    assert "scs:disk0-type" not in flavors["SCS-1L-1"].extra_specs
    assert flavors["SCS-16V-128"].ram_mib == 131072


def test_a_disk_of_any_type_is_claimed_as_the_weakest() -> None:
    flavors = {flavor.name: flavor for flavor in standard_flavors(load_standards())}
    assert flavors["SCS-1V-2-5"].extra_specs["scs:disk0-type"] == "hdd"


def test_own_flavors_claim_no_standard_name() -> None:
    assert all(not flavor.name.startswith("SCS-") for flavor in own_flavors())
    assert all(key.startswith("hw_rng:") for flavor in own_flavors() for key in flavor.extra_specs)
