"""What a member finds in a new cloud."""

from collections import Counter

from live_cloud import LiveCloud

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.apply.furnish.flavors import own_flavors, standard_flavors
from allmende.refcloud.fetch.catalogue import recipes
from allmende.standards.load import load_standards


def test_every_wanted_flavor_is_there_with_figures_and_properties(live_cloud: LiveCloud) -> None:
    found = live_cloud.ask(lambda cloud: cloud.items("compute", "/flavors/detail", "flavors", microversion="2.61"))
    seen = {flavor["name"]: (flavor["vcpus"], flavor["ram"], flavor["disk"], flavor["extra_specs"]) for flavor in found}
    assert seen == {
        flavor.name: (flavor.vcpus, flavor.ram_mib, flavor.disk_gib, flavor.extra_specs)
        for flavor in [*standard_flavors(load_standards()), *own_flavors()]
    }


def test_every_built_image_is_there_with_its_metadata(live_cloud: LiveCloud) -> None:
    found = live_cloud.ask(lambda cloud: cloud.items("image", "/images", "images"))
    images = {image["name"]: image for image in found}
    for recipe in recipes():
        image = images[recipe.name]
        assert (image["status"], image["visibility"]) == ("active", "public")
        assert (image["min_disk"], image["min_ram"]) == (recipe.min_disk_gib, recipe.min_ram_mib)
        assert {key: image.get(key) for key in recipe.properties} == recipe.properties
        assert image["image_build_date"]
        assert image["os_hash_algo"] == "sha512"


def test_the_public_network_gives_floating_addresses(live_cloud: LiveCloud) -> None:
    networks = live_cloud.ask(
        lambda cloud: cloud.items("network", "/networks", "networks", params={"router:external": "true"})
    )
    assert [(network["name"], network["status"]) for network in networks] == [("public", "ACTIVE")]


def test_new_security_groups_let_only_their_own_members_in(live_cloud: LiveCloud) -> None:
    groups = live_cloud.ask(lambda cloud: cloud.items("network", "/security-groups", "security_groups"))
    default = next(group for group in groups if group["name"] == "default")
    rules = Counter(
        (rule["direction"], rule["ethertype"], rule["remote_group_id"] == default["id"])
        for rule in default["security_group_rules"]
    )
    assert rules == {
        ("egress", "IPv4", False): 1,
        ("egress", "IPv6", False): 1,
        ("ingress", "IPv4", True): 1,
        ("ingress", "IPv6", True): 1,
    }


def test_the_member_has_no_power_beyond_their_project(live_cloud: LiveCloud) -> None:
    async def roles(cloud: OpenStackCloud) -> frozenset[str]:
        return (await cloud.member()).roles

    assert live_cloud.ask(roles) <= {"member", "reader", "load-balancer_member", "creator"}


def test_a_second_up_changes_nothing(live_cloud: LiveCloud) -> None:
    async def everything(cloud: OpenStackCloud) -> list[str]:
        images = await cloud.items("image", "/images", "images")
        flavors = await cloud.items("compute", "/flavors", "flavors")
        return sorted(row["id"] for row in [*images, *flavors])

    before = live_cloud.ask(everything)
    live_cloud.command_line.run("cloud", "up", "--name", live_cloud.name)
    assert live_cloud.ask(everything) == before
