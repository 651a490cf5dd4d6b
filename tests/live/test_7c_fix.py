"""A real cloud is broken by hand, repaired by `allmende fix`, and is afterwards what it was."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, TypeVar

import pytest
from live_cloud import PATIENT, LiveCloud

from allmende.clouds.openstack import OpenStackCloud, open_cloud

T = TypeVar("T")

RULES, RULE = "/default-security-group-rules", "default_security_group_rule"
IMAGE = "Allmende Debian 12 (self-built)"
SMALL = "Allmende small guest"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
ONLY = ("scs-010[023]-*", "scs-0114-*", "scs-0115-*")
NOT_HERE = frozenset({"scs-0102-os_purpose-uniqueness"})  # without images of their makers none is generic


def as_operator(live_cloud: LiveCloud, work: Callable[[OpenStackCloud], Coroutine[Any, Any, T]]) -> T:
    async def with_door() -> T:
        address = live_cloud.address
        door = await open_cloud(address.operator, environ={}, limits=PATIENT, config_files=[address.operator_yaml])
        async with door as cloud:
            return await work(cloud)

    return asyncio.run(with_door())


def fix(live_cloud: LiveCloud, *words: str) -> Any:
    """Run `allmende fix --json` over everything that this test breaks."""
    address = live_cloud.address
    only = [word for pattern in ONLY for word in ("--only", pattern)]
    admin = ("--cloud-admin", address.operator, "--cloud-admin-file", str(address.operator_yaml))
    environ = {"OS_CLIENT_CONFIG_FILE": str(address.clouds_yaml)}
    said = live_cloud.command_line.run(
        "fix", address.cloud, *only, *admin, "--json", *words, expected=(0, 1, 3), environ=environ
    )
    return json.loads(said)


async def flavors(cloud: OpenStackCloud) -> dict[str, Mapping[str, Any]]:
    rows = await cloud.items("compute", "/flavors/detail", "flavors", microversion="2.61")
    return {row["name"]: row for row in rows}


async def images(cloud: OpenStackCloud) -> dict[str, Mapping[str, Any]]:
    rows = [
        row
        for hidden in ("false", "true")
        for row in await cloud.items("image", "/images", "images", params={"os_hidden": hidden})
    ]
    return {row["id"]: row for row in rows}


async def furniture(cloud: OpenStackCloud) -> dict[str, Any]:
    """What this test touches, without the ids of what is made anew, and without times."""
    rules = await cloud.items("network", RULES, f"{RULE}s")
    return {
        "flavors": {
            name: {key: row[key] for key in ("vcpus", "ram", "disk", "extra_specs")}
            for name, row in (await flavors(cloud)).items()
        },
        "images": {
            id_: {key: value for key, value in row.items() if key != "updated_at"}
            for id_, row in (await images(cloud)).items()
        },
        "types": {
            row["id"]: row["description"] for row in await cloud.items("block-storage", "/types", "volume_types")
        },
        "rules": sorted(
            json.dumps({key: value for key, value in row.items() if key not in ("id", "description")}, sort_keys=True)
            for row in rules
        ),
    }


async def patch(cloud: OpenStackCloud, image: str, *steps: tuple[str, str, object]) -> None:
    changes = [{"op": op, "path": f"/{key}", **({} if op == "remove" else {"value": v})} for op, key, v in steps]
    await cloud.request("image", "PATCH", f"/images/{image}", headers=PATCH, content=json.dumps(changes).encode())


async def respecify(cloud: OpenStackCloud, flavor: str, **specs: str) -> None:
    await cloud.request("compute", "POST", f"/flavors/{flavor}/os-extra_specs", json={"extra_specs": specs})


async def break_it(cloud: OpenStackCloud) -> None:
    """A defect for each rule that repairs."""
    known = await flavors(cloud)
    await cloud.request("compute", "DELETE", f"/flavors/{known['SCS-2V-8']['id']}")
    await cloud.request("compute", "DELETE", f"/flavors/{known['SCS-1V-2']['id']}/os-extra_specs/scs:name-v2")
    await respecify(cloud, known["SCS-1V-4"]["id"], **{"scs:cpu-type": "dedicated-core"})
    await respecify(cloud, known["SCS-8V-32"]["id"], **{"scs:disk0-type": "ssd"})
    debian = next(id_ for id_, row in (await images(cloud)).items() if row["name"] == IMAGE)
    await patch(
        cloud,
        debian,
        ("replace", "architecture", "amd64"),
        ("replace", "min_ram", 0),
        ("replace", "min_disk", 0),
        ("replace", "hw_rng_model", "urandom"),
    )
    types = await cloud.items("block-storage", "/types", "volume_types")
    description = {"description": "[scs:replicated, encrypted, fast] x"}
    await cloud.request("block-storage", "PUT", f"/types/{types[0]['id']}", json={"volume_type": description})
    for rule in await cloud.items("network", RULES, f"{RULE}s"):
        if (rule["direction"], rule["ethertype"]) == ("egress", "IPv6"):
            await cloud.request("network", "DELETE", f"{RULES}/{rule['id']}")
    ssh = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    used = {"used_in_default_sg": True, "used_in_non_default_sg": True}
    await cloud.request("network", "POST", RULES, json={RULE: {**ssh, **used}})


async def put_back(cloud: OpenStackCloud, before: Mapping[str, Any]) -> None:
    """Restore by hand what a repair that failed has left broken."""
    known = await flavors(cloud)
    for name, row in before["flavors"].items():
        if name not in known:
            body = {"name": name, **{key: row[key] for key in ("vcpus", "ram", "disk")}}
            made = (await cloud.request("compute", "POST", "/flavors", json={"flavor": body})).object()["flavor"]
            known[name] = {**made, "extra_specs": {}}
        held = known[name]["extra_specs"]
        for key in held.keys() - row["extra_specs"].keys():
            await cloud.request("compute", "DELETE", f"/flavors/{known[name]['id']}/os-extra_specs/{key}")
        if held != row["extra_specs"]:
            await respecify(cloud, known[name]["id"], **row["extra_specs"])
    for id_, row in (await images(cloud)).items():
        if id_ not in before["images"]:
            await cloud.request("image", "DELETE", f"/images/{id_}")
            continue
        wanted = before["images"][id_]
        differing = [key for key in wanted if row.get(key) != wanted[key]]
        steps = [("add" if key not in row else "replace", key, wanted[key]) for key in differing]
        if steps:
            await patch(cloud, id_, *steps)
    for id_, text in before["types"].items():
        await cloud.request("block-storage", "PUT", f"/types/{id_}", json={"volume_type": {"description": text or ""}})
    await _put_rules_back(cloud, [json.loads(rule) for rule in before["rules"]])


async def _put_rules_back(cloud: OpenStackCloud, wanted: list[dict[str, Any]]) -> None:
    for rule in await cloud.items("network", RULES, f"{RULE}s"):
        bare = {key: value for key, value in rule.items() if key not in ("id", "description")}
        if bare in wanted:
            wanted.remove(bare)
        else:
            await cloud.request("network", "DELETE", f"{RULES}/{rule['id']}")
    for rule in wanted:
        body = {key: value for key, value in rule.items() if value is not None}
        await cloud.request("network", "POST", RULES, json={RULE: body})


@pytest.fixture(scope="module")
def before(live_cloud: LiveCloud) -> Iterator[dict[str, Any]]:
    """The cloud as it was; it is so again at the end, whatever happened."""
    seen = as_operator(live_cloud, furniture)
    try:
        yield seen
    finally:
        as_operator(live_cloud, lambda cloud: put_back(cloud, seen))


def failing(found: Mapping[str, str]) -> set[str]:
    return {testcase for testcase, outcome in found.items() if outcome == "FAIL"} - NOT_HERE


def test_what_nobody_set_is_repaired_and_what_somebody_set_is_left_alone(
    live_cloud: LiveCloud, before: dict[str, Any]
) -> None:
    assert failing(fix(live_cloud, "--include-recommended")["before"]) <= {
        "scs-0114-encrypted-type",
        "scs-0114-replicated-type",
    }
    as_operator(live_cloud, break_it)
    broken = as_operator(live_cloud, furniture)
    planned = fix(live_cloud)
    assert as_operator(live_cloud, furniture) == broken, "a plan changes nothing"
    made = fix(live_cloud, "--apply", "--yes")
    assert {deed["fate"] for deed in made["done"]} == {"done"}
    assert failing(made["after"]) == failing(planned["before"]) - set(planned["plan"]["foreseen"])
    assert {change["name"] for change in made["plan"]["left_alone"]} >= {"SCS-1V-4", "SCS-8V-32", IMAGE}
    assert "scs-0103-flavor-2v-8" in failing(made["before"]) - failing(made["after"])


def test_with_leave_and_what_a_person_knows_everything_passes_and_is_as_it_was(
    live_cloud: LiveCloud, before: dict[str, Any]
) -> None:
    ram = next(row["min_ram"] for row in before["images"].values() if row["name"] == IMAGE)
    made = fix(
        live_cloud, "--include-recommended", "--overwrite", "--set", f"{IMAGE}:min_ram={ram}", "--apply", "--yes"
    )
    assert {deed["fate"] for deed in made["done"]} == {"done"}
    assert failing(made["after"]) == set()
    after = as_operator(live_cloud, furniture)
    assert after["flavors"] == before["flavors"]
    assert after["images"] == before["images"]
    assert after["rules"] == before["rules"]
    again = fix(live_cloud, "--overwrite")
    assert not again["plan"]["changes"]


def test_an_outdated_image_makes_way_for_the_recent_one_of_its_name(
    live_cloud: LiveCloud, before: dict[str, Any]
) -> None:
    model = next(row for row in before["images"].values() if row["name"] == SMALL)
    described = {key: model[key] for key in ("architecture", "hw_disk_bus", "os_distro", "os_version", "image_source")}
    described |= {"name": "Allmende rotated", "visibility": "public", "replace_frequency": "daily"}
    described |= {"provided_until": "2099-12-31", "min_disk": 1, "min_ram": 128}

    async def upload(cloud: OpenStackCloud) -> tuple[str, str]:
        rows = [
            (await cloud.request("image", "POST", "/images", json={**described, **more})).object()
            for more in ({"image_build_date": "2024-01-01"}, {})
        ]
        return rows[0]["id"], rows[1]["id"]

    old, new = as_operator(live_cloud, upload)
    made = fix(live_cloud, "--overwrite", "--apply", "--yes")
    assert (old, "done") in [(deed["id"], deed["fate"]) for deed in made["done"]]
    hidden = {id_: row["os_hidden"] for id_, row in as_operator(live_cloud, images).items()}
    assert (hidden[old], hidden[new]) == (True, False)
    assert made["after"]["scs-0102-image-recency"] == "PASS"
