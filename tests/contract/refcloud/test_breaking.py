"""Breaking and mending a cloud: what is remembered when, and that the former state comes back."""

import json
from collections.abc import AsyncIterator, Iterator
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from allmende.errors import ReferenceCloudError
from allmende.refcloud.apply.damage.machine import Machine
from allmende.refcloud.apply.damage.memory import DamageMemory
from allmende.refcloud.apply.damage.things import Things
from allmende.refcloud.apply.damage.workshop import Workshop
from allmende.refcloud.apply.door import OperatorDoor
from allmende.refcloud.apply.furnish.flavors import standard_flavors
from allmende.refcloud.model.cloud import CloudAddress, Profile
from allmende.refcloud.model.defects import Defect, FileChanged, State, UnitStopped
from allmende.refcloud.model.furniture import Account
from allmende.refcloud.rules.defects import load_defects, together
from allmende.standards.load import load_standards

from .operator_api import OperatorApi, served

ABSENT = {"image-hidden", "image-renamed"}  # of images that are fetched from their makers
DEFECTS = {defect.id: defect for defect in load_defects() if defect.id not in ABSENT}
GROUPS = together(DEFECTS.values())


class Files(Machine):
    """A machine whose units are only a table."""

    def __init__(self, etc: Path) -> None:
        self.etc = etc
        self.runs = {step.stop: True for one in DEFECTS.values() for step in one.steps if isinstance(step, UnitStopped)}

    async def unit(self, name: str) -> State:
        return {"runs": self.runs[name]}

    async def bring_unit(self, name: str, state: State) -> None:
        self.runs[name] = state["runs"]

    async def file(self, path: str) -> State:
        file = self.etc / path
        return {"text": file.read_text() if file.exists() else None}

    async def bring_file(self, path: str, unit: str, state: State) -> None:
        file = self.etc / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(state["text"]) if state["text"] is not None else file.unlink(missing_ok=True)

    def snapshot(self) -> str:
        files = {str(file): file.read_text() for file in sorted(self.etc.rglob("*")) if file.is_file()}
        return json.dumps([files, self.runs], indent=1)


def furnished() -> OperatorApi:
    flavors = {
        f"f{number}": {
            "id": f"f{number}",
            "name": flavor.name,
            "vcpus": flavor.vcpus,
            "ram": flavor.ram_mib,
            "disk": flavor.disk_gib,
            "swap": "",
            "OS-FLV-EXT-DATA:ephemeral": 0,
            "extra_specs": dict(flavor.extra_specs),
        }
        for number, flavor in enumerate(standard_flavors(load_standards()))
    }
    keys = {key for one in DEFECTS.values() for step in one.steps for key in getattr(step, "set", {})}
    image = {
        **dict.fromkeys(keys, "as it was"),
        "visibility": "public",
        "os_hidden": False,
        "min_ram": 64,
        "min_disk": 1,
    }
    rules = [
        {"direction": direction, "ethertype": version, "used_in_default_sg": True, "used_in_non_default_sg": True}
        for direction in ("ingress", "egress")
        for version in ("IPv4", "IPv6")
    ]
    types = ("compute", "image", "network", "load-balancer", "placement", "block-storage", "key-manager")
    named = {"id": "x1", "name": "x"}
    return OperatorApi(
        flavors=flavors,
        images={
            "i1": {**image, "id": "i1", "name": "Allmende small guest"},
            "i2": {**image, "id": "i2", "name": "Allmende Debian 12 (self-built)"},
        },
        types={"t1": {"id": "t1", "name": "__DEFAULT__", "description": None}},
        default_security_group_rules={f"r{n}": {"id": f"r{n}", **rule} for n, rule in enumerate(rules)},
        services={
            f"s-{type_}": {"id": f"s-{type_}", "type": type_, "enabled": True}
            for type_ in (*types, "object-store", "object-store-s3")
        },
        endpoints={"e1": {"id": "e1", "service_id": "s-compute", "interface": "public", "enabled": True}},
        projects={"p1": {**named, "id": "p1", "domain_id": "d1", "name": "village"}},
        users={"u1": {**named, "id": "u1", "domain_id": "d1", "name": "member"}},
        domains={"d1": {**named, "id": "d1", "name": "commons"}},
        roles={"ro1": {**named, "id": "ro1", "name": "member"}},
        os_services={
            f"o-{binary}": {"id": f"o-{binary}", "binary": binary, "host": "h", "status": "enabled"}
            for binary in ("nova-compute", "cinder-backup")
        },
        quota={"volumes": 10, "instances": 10},
        granted={"ro1"},
    )


@pytest.fixture
def api() -> Iterator[OperatorApi]:
    with served(furnished()) as api:
        yield api


@pytest.fixture
def machine(tmp_path: Path) -> Files:
    etc = tmp_path / "etc"
    for one in DEFECTS.values():
        for step in one.steps:
            if isinstance(step, FileChanged) and step.replace:
                (etc / step.file).parent.mkdir(parents=True)
                (etc / step.file).write_text("before " + " ".join(step.replace) + " after")
    return Files(etc)


@pytest.fixture
async def workshop(api: OperatorApi, machine: Files, tmp_path: Path) -> AsyncIterator[Workshop]:
    configuration = tmp_path / "clouds.yaml"
    configuration.write_text(
        yaml.safe_dump({"clouds": {"operator": {"auth_type": "none", "auth": {"endpoint": api.url}}}})
    )
    address = CloudAddress(
        name="one",
        profile=Profile.API,
        auth_url=api.url,
        region="",
        clouds_yaml=configuration,
        cloud="operator",
        operator_yaml=configuration,
        operator="operator",
        external_network=IPv4Network("198.18.0.0/24"),
    )
    door = OperatorDoor(address)
    account = Account(domain="commons", project="village", user="member", password="secret")
    yield Workshop(Things(door, machine, account), DamageMemory(tmp_path), door, lambda *_, **__: None)
    await door.close()


def remembered(folder: Path) -> list[str]:
    return [damage.defect for damage in DamageMemory(folder).damages()]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{len(group)}-{group[0].id}")
async def test_mending_brings_back_exactly_what_was_there(
    group: tuple[Defect, ...], workshop: Workshop, api: OperatorApi, machine: Files, tmp_path: Path
) -> None:
    before = api.snapshot(), machine.snapshot()
    await workshop.break_all(group)
    assert (api.snapshot(), machine.snapshot()) != before
    assert remembered(tmp_path) == [one.id for one in group]
    await workshop.mend_all(group)
    assert (api.snapshot(), machine.snapshot()) == before
    assert not (tmp_path / "defects.json").exists()


async def test_how_it_was_is_remembered_before_anything_is_changed(
    workshop: Workshop, api: OperatorApi, tmp_path: Path
) -> None:
    before = api.snapshot()
    api.refuses = "/os-extra_specs"
    with pytest.raises(ReferenceCloudError, match="flavor-with-little-ram") as error:
        await workshop.break_all([DEFECTS["flavor-with-little-ram"]])
    assert "allmende cloud mend flavor-with-little-ram" in error.value.hint
    assert api.snapshot() != before, "the flavor was already made anew when the API broke"
    assert (tmp_path / "defects.json").stat().st_mode & 0o777 == 0o600
    api.refuses = "nothing"
    await workshop.mend_all([DEFECTS["flavor-with-little-ram"]])
    assert api.snapshot() == before


async def test_a_mending_that_failed_can_be_repeated(workshop: Workshop, api: OperatorApi, tmp_path: Path) -> None:
    before = api.snapshot()
    both = [DEFECTS["image-without-user"], DEFECTS["placement-hidden"]]
    await workshop.break_all(both)
    api.refuses = "/images"
    with pytest.raises(ReferenceCloudError):
        await workshop.mend_all(both)
    assert "image-without-user" in remembered(tmp_path)
    api.refuses = "nothing"
    await workshop.mend_all([one for one in both if one.id in remembered(tmp_path)])
    assert api.snapshot() == before


async def test_a_cloud_that_is_not_as_expected_is_not_touched(
    workshop: Workshop, api: OperatorApi, tmp_path: Path
) -> None:
    api.images.clear()
    before = api.snapshot()
    with pytest.raises(ReferenceCloudError, match="«Allmende small guest» is not there"):
        await workshop.break_all([DEFECTS["flavor-missing"], DEFECTS["image-without-user"]])
    assert api.snapshot() == before
    assert remembered(tmp_path) == []


async def test_what_somebody_else_changed_meanwhile_is_told(
    workshop: Workshop, api: OperatorApi, tmp_path: Path
) -> None:
    defect = DEFECTS["flavor-missing"]
    await workshop.break_all([defect])
    taken = next(iter(api.flavors.values()))
    api.flavors["other"] = {**taken, "id": "other", "name": "SCS-8V-32"}
    await workshop.mend_all([defect])
    assert [row["ram"] for row in api.flavors.values() if row["name"] == "SCS-8V-32"] == [32768]


def test_a_damaged_memory_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "defects.json").write_text("[{")
    with pytest.raises(ReferenceCloudError, match=r"defects\.json is damaged") as error:
        DamageMemory(tmp_path).damages()
    assert "destroy" in error.value.hint
