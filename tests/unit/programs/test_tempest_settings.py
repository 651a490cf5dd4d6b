"""Tempest is configured by what a cloud shows: what servers are made of, services, networks, accounts."""

import configparser
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from allmende.facts.openstack import Flavor, Image
from allmende.programs.tempest.settings import Account, Guests, Surroundings, accounts, guests, tempest_conf

SMALL = Image(
    id="small",
    name="Small",
    status="active",
    visibility="public",
    is_hidden=False,
    size_bytes=20_000_000,
    min_disk_gib=1,
    min_ram_mib=128,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    disk_format="qcow2",
)
DEBIAN = replace(SMALL, id="debian", min_disk_gib=2, min_ram_mib=512, size_bytes=400_000_000)
TINY = Flavor(id="tiny", name="tiny", vcpus=1, ram_mib=192, disk_gib=1)
MEDIUM = Flavor(id="medium", name="medium", vcpus=1, ram_mib=1024, disk_gib=5)
LARGE = Flavor(id="large", name="large", vcpus=2, ram_mib=4096, disk_gib=10)
DISKLESS = Flavor(id="diskless", name="diskless", vcpus=1, ram_mib=1024, disk_gib=0)


def ids(found: Guests | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    assert found
    return tuple(image.id for image in found.images), tuple(flavor.id for flavor in found.flavors)


def test_the_smallest_pair_of_images_and_the_smallest_flavors_that_fit_both() -> None:
    found = guests([DEBIAN, SMALL], [LARGE, DISKLESS, MEDIUM, TINY])
    assert ids(found) == (("small", "debian"), ("medium", "large"))


def test_a_flavor_to_resize_to_has_no_smaller_disk() -> None:
    flat = replace(LARGE, id="flat", ram_mib=2048, disk_gib=1)
    assert ids(guests([SMALL], [MEDIUM, flat, LARGE])) == (("small", "small"), ("medium", "large"))


def test_one_image_and_one_flavor_are_enough() -> None:
    assert ids(guests([SMALL], [TINY])) == (("small", "small"), ("tiny", "tiny"))


def test_the_second_image_is_done_without_where_no_flavor_fits_it() -> None:
    assert ids(guests([SMALL, DEBIAN], [TINY])) == (("small", "small"), ("tiny", "tiny"))


def test_what_does_not_boot_or_is_not_for_everybody_is_not_chosen() -> None:
    others = [
        replace(SMALL, id="kernel", disk_format="aki"),
        replace(SMALL, id="queued", status="queued", size_bytes=None),
        replace(SMALL, id="hidden", is_hidden=True),
        replace(SMALL, id="community", visibility="community"),
    ]
    assert guests(others, [TINY, MEDIUM]) is None
    private = replace(TINY, is_public=False)
    gpu = replace(TINY, extra_specs={"pci_passthrough:alias": "a100:1"})
    assert guests([SMALL], [private, gpu, DISKLESS]) is None


def test_an_image_of_another_architecture_is_not_chosen() -> None:
    x86 = [replace(SMALL, id=name, properties={"architecture": "x86_64"}) for name in ("a", "b")]
    arm = replace(SMALL, id="arm", min_ram_mib=64, properties={"architecture": "aarch64"})
    assert ids(guests([arm, *x86], [TINY]))[0] == ("a", "b")


AROUND = Surroundings(
    auth_url="https://cloud.example:5000",
    region="one",
    domain_id="d1",
    interface="internal",
    ca_file=Path("/etc/ca.pem"),
    verifies=True,
    service_types=frozenset({"compute", "network", "image", "volumev3", "identity"}),
    guests=Guests(images=(SMALL, DEBIAN), flavors=(MEDIUM, LARGE)),
    public_network=("net-1", "ext$01"),
    network_extensions=("router", "security-group"),
    prefix="allmende-1-tempest",
)


def conf(around: Surroundings) -> Mapping[str, Mapping[str, str]]:
    parser = configparser.RawConfigParser(default_section="none")
    parser.read_string(tempest_conf(around, Path("/run")))
    return parser


def test_the_configuration_says_what_the_cloud_shows() -> None:
    found = conf(AROUND)
    assert found["identity"]["uri_v3"] == "https://cloud.example:5000/v3"
    assert found["identity"]["ca_certificates_file"] == "/etc/ca.pem"
    assert found["identity"]["region"] == "one"
    assert found["identity"]["default_domain_id"] == "d1"
    assert found["service_available"] == {
        "nova": "true",
        "neutron": "true",
        "glance": "true",
        "cinder": "true",
        "swift": "false",
        "horizon": "false",
    }
    assert found["volume"]["catalog_type"] == "volumev3"
    assert found["compute"]["image_ref_alt"] == "debian"
    assert found["compute"]["endpoint_type"] == found["volume"]["endpoint_type"] == "internal"
    assert found["compute-feature-enabled"]["resize"] == "true"
    assert found["network"]["public_network_id"] == "net-1"
    assert found["network"]["floating_network_name"] == "ext$$01"
    assert found["network-feature-enabled"]["api_extensions"] == "router,security-group"
    assert found["DEFAULT"]["resource_name_prefix"] == "allmende-1-tempest"


def test_what_the_cloud_lacks_is_off_or_left_out() -> None:
    alone = Guests(images=(SMALL, SMALL), flavors=(TINY, TINY))
    found = conf(
        replace(AROUND, public_network=None, guests=alone, ca_file=None, verifies=False, network_extensions=())
    )
    assert found["network-feature-enabled"] == {"floating_ips": "false", "ipv6_subnet_attributes": "true"}
    assert "public_network_id" not in found["network"]
    assert found["compute-feature-enabled"]["resize"] == "false"
    assert found["identity"]["disable_ssl_certificate_validation"] == "true"


def test_passwords_of_accounts_are_never_changed() -> None:
    assert conf(AROUND)["identity-feature-enabled"]["security_compliance"] == "false"


def test_each_user_stands_there_as_member_and_as_reader_and_members_come_first() -> None:
    one, two = (
        Account(
            user=name,
            user_id=f"id-{name}",
            user_domain="users",
            password="p: #1",
            project=f"project-{name}",
            project_domain="projects",
            network="net",
        )
        for name in ("one", "two")
    )
    found = yaml.safe_load(accounts([one, two]))
    assert [(each.get("username") or each["user_id"], each["roles"]) for each in found] == [
        ("one", ["member"]),
        ("two", ["member"]),
        ("id-one", ["reader"]),
        ("id-two", ["reader"]),
    ]
    assert {each["password"] for each in found} == {"p: #1"}
    assert found[2]["project_name"] == "project-one"
    assert found[0]["resources"] == {"network": "net"}
