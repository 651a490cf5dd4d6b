"""What a test can make the fake cloud do beyond the truth: refuse, break, hang, spoil, and tell what is left."""

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule
from allmende.testing.member import Member
from allmende.testing.openstack import FakeOpenStack

VOLUME = {"volume": {"size": 1, "name": "v"}}
IMAGE = Image(
    id="image-1",
    name="Small",
    status="active",
    visibility="public",
    is_hidden=False,
    size_bytes=1,
    min_disk_gib=1,
    min_ram_mib=64,
    created_at=datetime(2026, 11, 1, tzinfo=UTC),
)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    flavors = [
        Flavor(id="tiny", name="tiny", vcpus=1, ram_mib=128, disk_gib=1),
        Flavor(id="diskless", name="diskless", vcpus=2, ram_mib=4096, disk_gib=0),
    ]
    with FakeOpenStack(flavors=flavors, images=[IMAGE]) as fake:
        yield fake


@pytest.fixture
def member(fake: FakeOpenStack) -> Iterator[Member]:
    with Member.of(fake.clouds()["fake"]) as member:
        yield member


def server_document(**more: object) -> dict[str, object]:
    return {"server": {"name": "s", "imageRef": IMAGE.id, "flavorRef": "tiny", "networks": "none", **more}}


def made_volume(member: Member) -> str:
    volume = member.call("block-storage", "POST", "/volumes", VOLUME).json()["volume"]["id"]
    member.until("block-storage", f"/volumes/{volume}", "available")
    return str(volume)


def test_a_new_cloud_has_no_resources_and_says_what_is_left(fake: FakeOpenStack, member: Member) -> None:
    assert fake.resources() == []
    volume = made_volume(member)
    member.call("network", "POST", "/networks", {"network": {"name": "n"}})
    assert fake.resources() == ["volume v available", "network n"]
    member.call("block-storage", "DELETE", f"/volumes/{volume}")
    assert fake.resources() == ["network n"]


def test_one_kind_of_call_is_refused_in_the_words_given_and_has_no_effect(fake: FakeOpenStack, member: Member) -> None:
    fake.refuse("POST", "/volumes", status=413, message="VolumeLimitExceeded: no more")
    answer = member.call("block-storage", "POST", "/volumes", VOLUME)
    assert (answer.status_code, answer.json()["overLimit"]["message"]) == (413, "VolumeLimitExceeded: no more")
    assert member.call("block-storage", "GET", "/volumes").status_code == 200
    assert fake.resources() == []
    fake.allow("POST", "/volumes")
    assert member.call("block-storage", "POST", "/volumes", VOLUME).status_code == 202


@pytest.mark.parametrize(
    ("pattern", "service", "path", "hit"),
    [
        ("/volumes/{id}", "block-storage", "/volumes/detail", False),
        ("/volumes/{id}", "block-storage", "/volumes/x", True),
        ("/volumes/detail", "block-storage", "/volumes/detail", True),
        ("/limits", "compute", "/limits", True),
        ("/limits", "block-storage", "/limits", False),
        ("/networks", "network", "/networks", True),
    ],
)
def test_a_kind_of_call_is_a_path_with_names_in_it(
    fake: FakeOpenStack, member: Member, pattern: str, service: str, path: str, hit: bool
) -> None:
    fake.refuse("GET", pattern, service="compute" if pattern == "/limits" else None)
    assert (member.call(service, "GET", path).status_code == 403) is hit


def test_a_break_passes_when_it_is_counted(fake: FakeOpenStack, member: Member) -> None:
    fake.breaks("GET", "/servers/detail", times=1)
    assert [member.call("compute", "GET", "/servers/detail").status_code for _ in range(2)] == [500, 200]


def test_a_lost_answer_leaves_the_resource_behind(fake: FakeOpenStack, member: Member) -> None:
    fake.refuse("POST", "/volumes", status=504, obeyed=True)
    assert member.call("block-storage", "POST", "/volumes", VOLUME).status_code == 504
    assert fake.resources() == ["volume v creating"]


def test_one_kind_of_call_hangs_and_others_do_not(fake: FakeOpenStack, member: Member) -> None:
    fake.hang_on("POST", "/volumes")
    with pytest.raises(httpx.ReadTimeout):
        member.call("block-storage", "POST", "/volumes", VOLUME, timeout=0.3)
    assert member.call("block-storage", "GET", "/volumes").json() == {"volumes": []}


def test_a_passing_status_is_seen_as_often_as_wanted(fake: FakeOpenStack, member: Member) -> None:
    fake.state.polls = 3
    path = f"/volumes/{member.create('block-storage', '/volumes', VOLUME)['id']}"
    seen = [member.call("block-storage", "GET", path).json()["volume"]["status"] for _ in range(4)]
    assert seen == ["creating"] * 3 + ["available"]


def test_what_is_stuck_stays_and_is_told(fake: FakeOpenStack, member: Member) -> None:
    volume = made_volume(member)
    fake.stuck("backup", "delete volume")
    backup = member.call("block-storage", "POST", "/backups", {"backup": {"volume_id": volume, "name": "b"}}).json()
    path = f"/backups/{backup['backup']['id']}"
    seen = {member.call("block-storage", "GET", path).json()["backup"]["status"] for _ in range(5)}
    assert seen == {"creating"}
    assert member.call("block-storage", "DELETE", f"/volumes/{volume}").status_code == 202
    assert fake.resources() == ["volume v deleting", "backup b creating"]


@pytest.mark.parametrize("what", ["volume", "backup", "restore", "delete volume"])
def test_what_goes_wrong_ends_in_error(fake: FakeOpenStack, member: Member, what: str) -> None:
    fake.goes_wrong(what, words="The disk is full.")
    if what == "volume":
        volume = member.call("block-storage", "POST", "/volumes", VOLUME).json()["volume"]["id"]
        assert member.until("block-storage", f"/volumes/{volume}", "available", "error")["status"] == "error"
        return
    volume = made_volume(member)
    if what == "delete volume":
        member.call("block-storage", "DELETE", f"/volumes/{volume}")
        member.until("block-storage", f"/volumes/{volume}", "error_deleting")
        return
    backup = member.call("block-storage", "POST", "/backups", {"backup": {"volume_id": volume}}).json()["backup"]["id"]
    shown = member.until("block-storage", f"/backups/{backup}", "available", "error")
    assert shown["fail_reason"] == ("The disk is full." if what == "backup" else None)
    if what == "restore":
        answer = member.call("block-storage", "POST", f"/backups/{backup}/restore", {"restore": {}}).json()
        member.until("block-storage", f"/volumes/{answer['restore']['volume_id']}", "error")


def test_a_server_that_goes_wrong_says_why(fake: FakeOpenStack, member: Member) -> None:
    fake.goes_wrong("server", words="No valid host was found.")
    path = f"/servers/{member.create('compute', '/servers', server_document())['id']}"
    assert member.until("compute", path, "ACTIVE", "ERROR")["fault"]["message"] == "No valid host was found."


def test_a_backup_that_restores_garbage_differs(fake: FakeOpenStack, member: Member) -> None:
    fake.state.restores_garbage = True
    volume = member.call("block-storage", "POST", "/volumes", {"volume": {"size": 1, "imageRef": IMAGE.id}}).json()
    identifier = volume["volume"]["id"]
    member.until("block-storage", f"/volumes/{identifier}", "available")
    backup = member.call("block-storage", "POST", "/backups", {"backup": {"volume_id": identifier}}).json()["backup"]
    member.until("block-storage", f"/backups/{backup['id']}", "available")
    restored = member.call("block-storage", "POST", f"/backups/{backup['id']}/restore", {"restore": {}}).json()
    kept = [fake.state.resources.find("volume", i) for i in (identifier, restored["restore"]["volume_id"])]
    first, second = (volume.content for volume in kept if volume)
    assert len(first) == len(second)
    assert first != second


def test_a_server_prints_what_the_test_makes_of_its_user_data(fake: FakeOpenStack, member: Member) -> None:
    fake.prints(lambda user_data: f"booting\n{user_data.upper()}\nlogin:")
    data = base64.b64encode(b"echo hello").decode()
    server = member.create("compute", "/servers", server_document(user_data=data))
    member.until("compute", f"/servers/{server['id']}", "ACTIVE")
    ask = {"os-getConsoleOutput": {"length": 2}}
    answer = member.call("compute", "POST", f"/servers/{server['id']}/action", ask)
    assert answer.json() == {"output": "ECHO HELLO\nlogin:"}


def test_a_quota_shows_in_the_limits_and_is_kept(fake: FakeOpenStack, member: Member) -> None:
    fake.quota("volume", 1)
    fake.quota("network", 0)
    fake.quota("cores", 0)
    made_volume(member)
    limits = member.call("block-storage", "GET", "/limits").json()["limits"]["absolute"]
    assert (limits["maxTotalVolumes"], limits["totalVolumesUsed"]) == (1, 1)
    over = [
        member.call("block-storage", "POST", "/volumes", VOLUME),
        member.call("network", "POST", "/networks", {"network": {"name": "n"}}),
        member.call("compute", "POST", "/servers", server_document()),
    ]
    assert [answer.status_code for answer in over] == [413, 409, 403]
    assert all("xceeded" in answer.text for answer in over)


def test_a_flavor_without_disk_boots_from_a_volume_only(fake: FakeOpenStack, member: Member) -> None:
    assert member.call("compute", "POST", "/servers", server_document(flavorRef="diskless")).status_code == 403
    disk = {
        "boot_index": 0,
        "uuid": IMAGE.id,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 1,
        "delete_on_termination": True,
    }
    server = member.create("compute", "/servers", server_document(flavorRef="diskless", block_device_mapping_v2=[disk]))
    member.until("compute", f"/servers/{server['id']}", "ACTIVE")
    assert [row.split()[0] for row in fake.resources()] == ["server", "volume", "volume_attachment"]
    member.delete("compute", f"/servers/{server['id']}")
    assert fake.resources() == []


def test_a_new_group_follows_a_changed_template(fake: FakeOpenStack, member: Member) -> None:
    fake.state.default_rules = [
        SecurityGroupRule(direction="ingress", ethertype="IPv4", used_in_default_group=False),
        SecurityGroupRule(direction="egress", ethertype="IPv6", used_in_other_groups=False),
    ]
    group = member.create("network", "/security-groups", {"security_group": {"name": "g"}})
    assert [(rule["direction"], rule["ethertype"]) for rule in group["security_group_rules"]] == [("ingress", "IPv4")]


def test_a_cloud_may_forget_to_revoke(fake: FakeOpenStack, member: Member) -> None:
    fake.state.revocation_works = False
    subject = {"X-Subject-Token": member.token}
    assert member.call("identity", "DELETE", "/auth/tokens", headers=subject).status_code == 204
    assert member.call("identity", "GET", "/auth/tokens", headers=subject).status_code == 200


def test_secrets_come_ten_a_page(member: Member) -> None:
    for number in range(12):
        wanted = {"name": f"s{number}", "payload": "x", "payload_content_type": "text/plain"}
        member.create("key-manager", "/secrets", wanted)
    first = member.call("key-manager", "GET", "/secrets").json()
    rest = httpx.get(first["next"], headers={"X-Auth-Token": member.token}, trust_env=False).json()
    assert (len(first["secrets"]), len(rest["secrets"]), "next" in rest) == (10, 2, False)


def test_an_image_is_taken_piece_by_piece(member: Member) -> None:
    formats = {"name": "i", "disk_format": "raw", "container_format": "bare"}
    image = member.create("image", "/images", formats)
    path, kind = f"/images/{image['id']}/file", {"Content-Type": "application/octet-stream"}
    assert member.call("image", "PUT", path, content=iter([b"abc", b"def"]), headers=kind).status_code == 204
    assert member.call("image", "GET", path).content == b"abcdef"


def test_many_members_at_once_each_get_their_own(fake: FakeOpenStack, member: Member) -> None:
    made: list[str] = []
    wanted = {"port": {"network_id": fake.state.resources.of("network")[0].id}}

    def make() -> None:
        made.append(member.call("network", "POST", "/ports", wanted).text)

    threads = [threading.Thread(target=make) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    addresses = {port.fields["fixed_ips"][0]["ip_address"] for port in fake.state.resources.of("port")}
    assert len(addresses) == len(made) == 20
