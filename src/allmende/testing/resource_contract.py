"""What members can create in a cloud, as one suite of tests for the fake cloud and for real ones.

It proves that the fake tells the truth: the same calls get the same statuses, states, keys and refusals from both. A
test module makes it its own as with `cloud_contract`. Everything that a test creates is deleted by the test.
"""
# ruff: noqa: S101 -- a suite of tests

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from allmende.testing.cloud_contract import CloudUnderTest
from allmende.testing.member import Member

NAME = "fakeref"
NOBODY = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
DATA = bytes(range(256)) * 64
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHvHjEgUVpOVm6JmYmH3aLbmMv+YkP0dpnNBzGHJzHSl test"
LB = "/lbaas"

REFUSALS: list[tuple[str, str, str, object, int, str]] = [
    ("compute", "GET", f"/servers/{NOBODY}", None, 404, "itemNotFound"),
    ("compute", "DELETE", f"/servers/{NOBODY}", None, 404, "itemNotFound"),
    ("compute", "GET", f"/os-keypairs/{NAME}-nobody", None, 404, "itemNotFound"),
    ("compute", "DELETE", f"/os-server-groups/{NOBODY}", None, 404, "itemNotFound"),
    ("block-storage", "GET", f"/volumes/{NOBODY}", None, 404, "itemNotFound"),
    ("block-storage", "DELETE", f"/snapshots/{NOBODY}", None, 404, "itemNotFound"),
    ("block-storage", "POST", f"/backups/{NOBODY}/restore", {"restore": {"name": NAME}}, 404, "itemNotFound"),
    ("block-storage", "POST", "/backups", {"backup": {"volume_id": NOBODY, "name": NAME}}, 404, "itemNotFound"),
    ("block-storage", "POST", "/backups", {"backup": {"volume_id": "odd", "name": NAME}}, 400, "badRequest"),
    ("block-storage", "POST", "/volumes", {"volume": {"size": 1, "imageRef": NOBODY}}, 400, "badRequest"),
    ("block-storage", "POST", "/volumes", {"volume": {"size": 100_000, "name": NAME}}, 413, "overLimit"),
    ("image", "GET", f"/images/{NOBODY}", None, 404, "<html>"),
    ("image", "POST", "/images", {"name": NAME, "visibility": "public"}, 403, "<html>"),
    ("network", "GET", f"/networks/{NOBODY}", None, 404, "NetworkNotFound"),
    ("network", "DELETE", f"/subnets/{NOBODY}", None, 404, "SubnetNotFound"),
    ("network", "GET", f"/routers/{NOBODY}", None, 404, "RouterNotFound"),
    ("network", "GET", f"/ports/{NOBODY}", None, 404, "PortNotFound"),
    ("network", "GET", f"/floatingips/{NOBODY}", None, 404, "FloatingIPNotFound"),
    ("network", "DELETE", f"/security-groups/{NOBODY}", None, 404, "SecurityGroupNotFound"),
    ("network", "DELETE", f"/security-group-rules/{NOBODY}", None, 404, "SecurityGroupRuleNotFound"),
    ("network", "POST", "/networks", {"network": {"name": NAME, "router:external": True}}, 403, "PolicyNotAuthorized"),
    ("key-manager", "GET", f"/secrets/{NOBODY}", None, 404, "Not Found"),
    ("key-manager", "DELETE", f"/secrets/{NOBODY}", None, 404, "Not Found"),
    ("key-manager", "POST", "/secrets", {"name": NAME, "payload": "odd"}, 400, "payload_content_type"),
    ("load-balancer", "GET", f"{LB}/loadbalancers/{NOBODY}", None, 404, "faultstring"),
    ("load-balancer", "DELETE", f"{LB}/pools/{NOBODY}", None, 404, "faultstring"),
    ("load-balancer", "POST", f"{LB}/loadbalancers", {"loadbalancer": {"vip_subnet_id": NOBODY}}, 400, "faultstring"),
]


class ResourceContract:
    """The contract of a cloud with its members."""

    @pytest.fixture
    def member(self, cloud_under_test: CloudUnderTest) -> Iterator[Member]:
        """An ordinary member, whose things are deleted at the end."""
        with Member.of(cloud_under_test.entry()) as member:
            yield member

    @pytest.mark.parametrize("case", REFUSALS, ids=[" ".join(case[:3]) + f" {case[5]}" for case in REFUSALS])
    def test_a_refusal_has_its_services_form(self, member: Member, case: tuple[Any, ...]) -> None:
        """The status and the error document are those of the service."""
        service, method, path, document, status, word = case
        answer = member.call(service, method, path, document)
        assert (answer.status_code, word in answer.text) == (status, True), answer.text

    def test_an_image_keeps_its_data_and_its_properties(self, member: Member) -> None:
        """Queued until the data comes; then active, with size and hash; found by name, changed by JSON patch."""
        image = _image(member, "plain", origin="here")
        assert image["status"] == "queued"
        path = f"/images/{image['id']}"
        assert member.call("image", "GET", f"{path}/file").status_code == 204
        _upload(member, image)
        shown = member.until("image", path, "active")
        assert (shown["size"], shown["os_hash_value"]) == (len(DATA), hashlib.sha512(DATA).hexdigest())
        assert member.call("image", "GET", f"{path}/file").content == DATA
        part = member.call("image", "GET", f"{path}/file", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, DATA[10:20])
        patch = [{"op": "replace", "path": "/name", "value": f"{NAME}-renamed"}, {"op": "remove", "path": "/origin"}]
        kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
        assert "origin" not in member.call("image", "PATCH", path, patch, headers=kind).json()
        found = member.call("image", "GET", "/images", params={"name": f"{NAME}-renamed"}).json()["images"]
        assert [row["id"] for row in found] == [image["id"]]
        again = member.call("image", "PUT", f"{path}/file", content=DATA, headers=_OCTETS)
        assert again.status_code == 409
        assert member.call("image", "DELETE", path).status_code == 204
        assert member.call("image", "GET", path).status_code == 404

    def test_bytes_survive_volume_backup_restore_and_upload(self, member: Member) -> None:
        """An image becomes a volume, a backup, another volume and an image again."""
        image = _image(member, "source", origin="here")
        _upload(member, image)
        volume = _volume(member, "source", imageRef=image["id"])
        assert (volume["bootable"], volume["size"]) == ("true", 1)
        backup = member.create("block-storage", "/backups", {"backup": {"volume_id": volume["id"], "name": NAME}})
        assert set(backup) == {"id", "name", "links"}
        backup = member.until("block-storage", f"/backups/{backup['id']}", "available", "error")
        assert (backup["status"], backup["volume_id"], backup["fail_reason"]) == ("available", volume["id"], None)
        wanted = {"restore": {"name": f"{NAME}-restored"}}
        answer = member.call("block-storage", "POST", f"/backups/{backup['id']}/restore", wanted)
        restored = answer.json()["restore"]
        member.remember("block-storage", f"/volumes/{restored['volume_id']}")
        assert (answer.status_code, restored["backup_id"]) == (202, backup["id"])
        path = f"/volumes/{restored['volume_id']}"
        assert member.call("block-storage", "GET", path).json()["volume"]["status"] in ("restoring-backup", "creating")
        assert member.until("block-storage", path, "available", "error_restoring")["status"] == "available"
        wanted = {"os-volume_upload_image": {"image_name": NAME, "disk_format": "raw", "container_format": "bare"}}
        answer = member.call("block-storage", "POST", f"{path}/action", wanted)
        assert answer.status_code == 202, answer.text
        uploaded = answer.json()["os-volume_upload_image"]
        member.remember("image", f"/images/{uploaded['image_id']}")
        assert uploaded["status"] == "uploading"
        member.until("image", f"/images/{uploaded['image_id']}", "active")
        member.until("block-storage", path, "available")
        data = member.call("image", "GET", f"/images/{uploaded['image_id']}/file").content
        assert data[: len(DATA)] == DATA
        assert not any(data[len(DATA) :])

    def test_a_snapshot_holds_its_volume_and_makes_another(self, member: Member) -> None:
        """A volume with a snapshot cannot be deleted."""
        volume = _volume(member, "snapped")
        wanted = {"snapshot": {"volume_id": volume["id"], "name": f"{NAME}-snapshot"}}
        snapshot = member.create("block-storage", "/snapshots", wanted)
        member.until("block-storage", f"/snapshots/{snapshot['id']}", "available")
        answer = member.call("block-storage", "DELETE", f"/volumes/{volume['id']}")
        assert (answer.status_code, "have snapshots" in answer.text) == (400, True)
        other = _volume(member, "from-snapshot", snapshot_id=snapshot["id"])
        assert other["snapshot_id"] == snapshot["id"]
        assert member.call("block-storage", "DELETE", f"/volumes/{other['id']}").status_code == 202
        member.until("block-storage", f"/volumes/{other['id']}", "gone")

    def test_volumes_are_found_by_name_and_counted(self, member: Member) -> None:
        """The short list has id and name, the long one everything; the limits say how many there are."""
        before = member.call("block-storage", "GET", "/limits").json()["limits"]["absolute"]
        volume = _volume(member, "counted")
        for path, keys in (("/volumes", {"id", "name", "links"}), ("/volumes/detail", {"id", "status", "size"})):
            rows = member.call("block-storage", "GET", path, params={"name": f"{NAME}-counted"}).json()["volumes"]
            assert ([row["id"] for row in rows], keys <= set(rows[0])) == ([volume["id"]], True)
        after = member.call("block-storage", "GET", "/limits").json()["limits"]["absolute"]
        assert after["totalVolumesUsed"] == before["totalVolumesUsed"] + 1
        assert after["totalGigabytesUsed"] == before["totalGigabytesUsed"] + 1

    def test_networks_hold_together_until_they_are_taken_apart(self, member: Member) -> None:
        """What is in use answers 409 with neutron's word for it."""
        network, subnet = _network(member, "10.99.0.0/24")
        outside = member.call("network", "GET", "/networks", params={"router:external": "true"}).json()["networks"][0]
        wanted = {"router": {"name": NAME, "external_gateway_info": {"network_id": outside["id"]}}}
        router = member.create("network", "/routers", wanted)
        interface = f"/routers/{router['id']}/{{}}_router_interface"
        added = member.call("network", "PUT", interface.format("add"), {"subnet_id": subnet["id"]})
        assert (added.status_code, added.json()["subnet_id"]) == (200, subnet["id"])
        port = member.create("network", "/ports", {"port": {"network_id": network["id"], "name": NAME}})
        assert port["fixed_ips"][0]["subnet_id"] == subnet["id"]
        wanted = {"floatingip": {"floating_network_id": outside["id"], "port_id": port["id"]}}
        floating = member.create("network", "/floatingips", wanted)
        assert (floating["router_id"], bool(floating["floating_ip_address"])) == (router["id"], True)
        for path, word in (
            (f"/networks/{network['id']}", "NetworkInUse"),
            (f"/subnets/{subnet['id']}", "SubnetInUse"),
            (f"/routers/{router['id']}", "RouterInUse"),
        ):
            answer = member.call("network", "DELETE", path)
            assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (409, word)
        free = {"floatingip": {"port_id": None}}
        freed = member.call("network", "PUT", f"/floatingips/{floating['id']}", free).json()["floatingip"]
        assert freed["router_id"] is None
        assert member.call("network", "DELETE", f"/floatingips/{floating['id']}").status_code == 204
        gone = member.call("network", "PUT", interface.format("remove"), {"subnet_id": subnet["id"]})
        assert gone.status_code == 200
        again = member.call("network", "PUT", interface.format("remove"), {"subnet_id": subnet["id"]})
        assert (again.status_code, "RouterInterfaceNotFoundForSubnet" in again.text) == (404, True)
        assert member.call("network", "DELETE", f"/ports/{port['id']}").status_code == 204
        assert member.call("network", "DELETE", f"/networks/{network['id']}").status_code == 204
        assert member.call("network", "GET", f"/subnets/{subnet['id']}").status_code == 404

    def test_a_new_group_gets_the_rules_of_the_template(self, member: Member) -> None:
        """And a rule that it has already is refused; a group in use is held."""
        template = member.call("network", "GET", "/default-security-group-rules").json()["default_security_group_rules"]
        group = member.create("network", "/security-groups", {"security_group": {"name": NAME}})
        expected = sorted((row["direction"], row["ethertype"]) for row in template if row["used_in_non_default_sg"])
        assert sorted((row["direction"], row["ethertype"]) for row in group["security_group_rules"]) == expected
        rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
        wanted = {"security_group_rule": {**rule, "port_range_min": 22, "port_range_max": 22}}
        member.create("network", "/security-group-rules", wanted)
        again = member.call("network", "POST", "/security-group-rules", wanted)
        assert (again.status_code, "SecurityGroupRuleExists" in again.text) == (409, True)
        rows = member.call("network", "GET", "/security-groups", params={"name": "default"}).json()["security_groups"]
        assert len(rows) == 1
        network, _ = _network(member, "10.99.1.0/24")
        member.create("network", "/ports", {"port": {"network_id": network["id"], "security_groups": [group["id"]]}})
        held = member.call("network", "DELETE", f"/security-groups/{group['id']}")
        assert (held.status_code, "SecurityGroupInUse" in held.text) == (409, True)

    def test_quotas_tell_what_is_used(self, member: Member) -> None:
        """The details have limit, used and reserved for each kind."""
        path = f"/quotas/{member.project}/details"
        before = member.call("network", "GET", path).json()["quota"]
        _network(member, "10.99.2.0/24")
        after = member.call("network", "GET", path).json()["quota"]
        assert set(after["network"]) == {"limit", "used", "reserved"}
        assert after["network"]["used"] == before["network"]["used"] + 1
        assert "load_balancer" in member.call("load-balancer", "GET", f"{LB}/quotas/{member.project}").json()["quota"]

    def test_a_secret_is_known_by_its_address(self, member: Member) -> None:
        """It is listed without its payload, read as text, and gone when deleted."""
        wanted = {"name": NAME, "payload": "hello", "payload_content_type": "text/plain"}
        made = member.create("key-manager", "/secrets", wanted)
        assert list(made) == ["secret_ref"]
        path = f"/secrets/{made['secret_ref'].rpartition('/')[2]}"
        listed = member.call("key-manager", "GET", "/secrets", params={"name": NAME}).json()
        assert (listed["total"], listed["secrets"][0]["secret_ref"]) == (1, made["secret_ref"])
        assert "payload" not in listed["secrets"][0]
        assert member.call("key-manager", "GET", path).json()["content_types"] == {"default": "text/plain"}
        payload = member.call("key-manager", "GET", f"{path}/payload", headers={"Accept": "text/plain"})
        assert (payload.status_code, payload.text) == (200, "hello")
        assert member.call("key-manager", "DELETE", path).status_code == 204
        assert member.call("key-manager", "GET", f"{path}/payload").status_code == 404

    def test_a_key_and_a_group_of_servers(self, member: Member) -> None:
        """A name is taken once; the policy's form depends on the microversion."""
        wanted = {"keypair": {"name": NAME, "public_key": KEY}}
        member.create("compute", "/os-keypairs", wanted)
        assert member.call("compute", "POST", "/os-keypairs", wanted).status_code == 409
        rows = member.call("compute", "GET", "/os-keypairs").json()["keypairs"]
        assert NAME in [row["keypair"]["name"] for row in rows]
        new = {"OpenStack-API-Version": "compute 2.64"}
        wanted = {"server_group": {"name": NAME, "policy": "anti-affinity"}}
        group = member.create("compute", "/os-server-groups", wanted, headers=new)
        assert (group["policy"], group["members"]) == ("anti-affinity", [])
        old = member.call("compute", "GET", f"/os-server-groups/{group['id']}").json()["server_group"]
        assert (old["policies"], "policy" in old) == (["anti-affinity"], False)

    def test_a_revoked_token_is_worth_nothing(self, member: Member, cloud_under_test: CloudUnderTest) -> None:
        """It validates until it is revoked, and opens nothing afterwards."""
        with Member.of(cloud_under_test.entry()) as other:
            subject = {"X-Subject-Token": other.token}
            seen = member.call("identity", "GET", "/auth/tokens", headers=subject)
            assert (seen.status_code, seen.json()["token"]["user"]["id"]) == (200, member.user)
            assert member.call("identity", "DELETE", "/auth/tokens", headers=subject).status_code == 204
            assert member.call("identity", "GET", "/auth/tokens", headers=subject).status_code == 404
            assert other.call("compute", "GET", "/limits").status_code == 401

    def test_a_reader_reads_and_changes_nothing(self, member: Member) -> None:
        """An application credential carries fewer roles than its user; its secret is shown once."""
        wanted = {"application_credential": {"name": NAME, "roles": [{"name": "reader"}]}}
        path = f"/users/{member.user}/application_credentials"
        credential = member.create("identity", path, wanted)
        assert member.call("identity", "POST", path, wanted).status_code == 409
        assert (
            "secret"
            not in member.call("identity", "GET", f"{path}/{credential['id']}").json()["application_credential"]
        )
        with member.with_application_credential(credential) as reader:
            assert [role["name"] for role in reader.about["roles"]] == ["reader"]
            assert reader.call("network", "GET", "/networks").status_code == 200
            assert reader.call("network", "POST", "/networks", {"network": {"name": NAME}}).status_code == 403
            assert reader.call("image", "POST", "/images", {"name": NAME}).status_code == 403

    def test_s3_opens_with_an_ec2_credential(self, member: Member) -> None:
        """Buckets and objects come and go; a key that nobody has opens nothing."""
        path = f"/users/{member.user}/credentials/OS-EC2"
        key = member.create("identity", path, {"tenant_id": member.project})
        listed = member.call("identity", "GET", path).json()["credentials"]
        assert key["access"] in [row["access"] for row in listed]
        try:
            for method, where, status, words in (
                ("GET", "/", 200, "ListAllMyBucketsResult"),
                ("PUT", f"/{NAME}-bucket", 200, ""),
                ("PUT", f"/{NAME}-bucket", 409, "BucketAlreadyOwnedByYou"),
                ("PUT", f"/{NAME}-bucket/a/b", 200, ""),
                ("GET", f"/{NAME}-bucket/a/b", 200, "data of PUT"),
                ("GET", f"/{NAME}-bucket", 200, "<Key>a/b</Key>"),
                ("DELETE", f"/{NAME}-bucket", 409, "BucketNotEmpty"),
                ("GET", f"/{NAME}-bucket/c", 404, "NoSuchKey"),
                ("GET", "/", 200, f"<Name>{NAME}-bucket</Name>"),
            ):
                answer = member.s3(method, where, key, b"data of PUT" if method == "PUT" and "/a/" in where else b"")
                assert (answer.status_code, words in answer.text) == (status, True), answer.text
        finally:
            left = [member.s3("DELETE", f"/{NAME}-bucket{end}", key).status_code for end in ("/a/b", "")]
        assert left == [204, 204]
        assert "NoSuchBucket" in member.s3("GET", f"/{NAME}-bucket", key).text
        assert member.s3("GET", "/", {"access": "nobody", "secret": "none"}).status_code == 403

    def test_a_load_balancer_is_locked_while_it_changes(self, member: Member) -> None:
        """Each part passes, the root with it; a root with children goes only as a whole."""
        _, subnet = _network(member, "10.99.3.0/24")
        wanted: dict[str, Any] = {"loadbalancer": {"name": NAME, "vip_subnet_id": subnet["id"]}}
        balancer = member.create("load-balancer", f"{LB}/loadbalancers", wanted)
        path = f"{LB}/loadbalancers/{balancer['id']}"
        assert (balancer["provisioning_status"], bool(balancer["vip_address"])) == ("PENDING_CREATE", True)
        listener = {
            "listener": {"name": NAME, "protocol": "TCP", "protocol_port": 80, "loadbalancer_id": balancer["id"]}
        }
        early = member.call("load-balancer", "POST", f"{LB}/listeners", listener)
        assert (early.status_code, "is immutable" in early.text) == (409, True)
        member.until("load-balancer", path, "ACTIVE")
        made = _part(member, path, f"{LB}/listeners", listener)
        wanted = {"name": NAME, "protocol": "TCP", "lb_algorithm": "SOURCE_IP_PORT", "listener_id": made["id"]}
        pool = _part(member, path, f"{LB}/pools", {"pool": wanted})
        member_of = {"address": "10.99.3.50", "protocol_port": 80, "subnet_id": subnet["id"]}
        _part(member, path, f"{LB}/pools/{pool['id']}/members", {"member": member_of})
        monitor = {"type": "TCP", "delay": 5, "timeout": 3, "max_retries": 2, "pool_id": pool["id"]}
        _part(member, path, f"{LB}/healthmonitors", {"healthmonitor": monitor})
        shown = member.call("load-balancer", "GET", path).json()["loadbalancer"]
        assert (shown["listeners"], shown["pools"]) == ([{"id": made["id"]}], [{"id": pool["id"]}])
        refused = member.call("load-balancer", "DELETE", path)
        assert (refused.status_code, "it has children" in refused.text) == (400, True)
        assert member.call("load-balancer", "DELETE", f"{path}?cascade=true").status_code == 204
        member.until("load-balancer", path, "gone")

    def test_a_server_boots_takes_a_volume_and_becomes_an_image(self, member: Member) -> None:
        """From BUILD to ACTIVE, found by pattern, with its port, a volume, a snapshot; and then gone with its port."""
        network, _ = _network(member, "10.99.4.0/24")
        volume = _volume(member, "attached")
        text = base64.b64encode(b"#!/bin/sh\necho hello\n").decode()
        wanted = {
            "name": f"{NAME}-server",
            "networks": [{"uuid": network["id"]}],
            "user_data": text,
            **_smallest(member),
        }
        for wrong in ({"imageRef": NOBODY}, {"key_name": "nobody"}, {"flavorRef": NOBODY}):
            assert member.call("compute", "POST", "/servers", {"server": wanted | wrong}).status_code == 400
        server = member.create("compute", "/servers", {"server": wanted | {"metadata": {"run": "1"}}})
        path = f"/servers/{server['id']}"
        console = {"os-getConsoleOutput": {"length": 10}}
        assert member.call("compute", "POST", f"{path}/action", console).status_code == 409
        shown = member.until("compute", path, "ACTIVE", "ERROR")
        assert (shown["status"], shown["metadata"]) == ("ACTIVE", {"run": "1"})
        assert list(shown["addresses"]) == [network["name"]]
        assert "output" in member.call("compute", "POST", f"{path}/action", console).json()
        rows = member.call("compute", "GET", "/servers/detail", params={"name": f"^{NAME}-ser"}).json()["servers"]
        assert [row["id"] for row in rows] == [server["id"]]
        ports = member.call("network", "GET", "/ports", params={"device_id": server["id"]}).json()["ports"]
        assert [port["device_owner"].partition(":")[0] for port in ports] == ["compute"]
        attach = {"volumeAttachment": {"volumeId": volume["id"]}}
        attached = member.call("compute", "POST", f"{path}/os-volume_attachments", attach)
        assert (attached.status_code, attached.json()["volumeAttachment"]["volumeId"]) == (200, volume["id"])
        member.until("block-storage", f"/volumes/{volume['id']}", "in-use")
        assert member.call("block-storage", "DELETE", f"/volumes/{volume['id']}").status_code == 400
        assert member.call("compute", "DELETE", f"{path}/os-volume_attachments/{volume['id']}").status_code == 202
        member.until("block-storage", f"/volumes/{volume['id']}", "available")
        snap = {"createImage": {"name": f"{NAME}-of-server"}}
        made = member.call("compute", "POST", f"{path}/action", snap, headers={"OpenStack-API-Version": "compute 2.45"})
        member.remember("image", f"/images/{made.json()['image_id']}")
        image = member.until("image", f"/images/{made.json()['image_id']}", "active")
        assert (made.status_code, image["instance_uuid"]) == (202, server["id"])
        assert member.call("compute", "DELETE", path).status_code == 204
        member.until("compute", path, "gone")
        assert not member.call("network", "GET", "/ports", params={"device_id": server["id"]}).json()["ports"]


_OCTETS = {"Content-Type": "application/octet-stream"}


def _image(member: Member, name: str, **properties: str) -> dict[str, Any]:
    formats = {"disk_format": "raw", "container_format": "bare", "visibility": "private"}
    return member.create("image", "/images", {"name": f"{NAME}-{name}", **formats, **properties})


def _upload(member: Member, image: dict[str, Any]) -> None:
    answer = member.call("image", "PUT", f"/images/{image['id']}/file", content=DATA, headers=_OCTETS)
    assert answer.status_code == 204, answer.text


def _volume(member: Member, name: str, **source: str) -> dict[str, Any]:
    made = member.create("block-storage", "/volumes", {"volume": {"size": 1, "name": f"{NAME}-{name}", **source}})
    assert made["status"] == "creating"
    return member.until("block-storage", f"/volumes/{made['id']}", "available")


def _network(member: Member, cidr: str) -> tuple[dict[str, Any], dict[str, Any]]:
    network = member.create("network", "/networks", {"network": {"name": NAME}})
    wanted = {"name": NAME, "network_id": network["id"], "ip_version": 4, "cidr": cidr}
    return network, member.create("network", "/subnets", {"subnet": wanted})


def _part(member: Member, balancer: str, path: str, document: dict[str, Any]) -> dict[str, Any]:
    answer = member.call("load-balancer", "POST", path, document)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = next(iter(answer.json().values()))
    assert made["provisioning_status"] == "PENDING_CREATE"
    member.until("load-balancer", f"{path}/{made['id']}", "ACTIVE")
    member.until("load-balancer", balancer, "ACTIVE")
    return made


def _smallest(member: Member) -> dict[str, str]:
    """Return the smallest image and the smallest flavor that it fits into."""
    images = member.call("image", "GET", "/images", params={"visibility": "public"}).json()["images"]
    image = min(images, key=lambda row: (row["min_disk"], row["min_ram"]))
    flavors = member.call("compute", "GET", "/flavors/detail").json()["flavors"]
    fitting = [row for row in flavors if row["disk"] >= max(image["min_disk"], 1) and row["ram"] >= image["min_ram"]]
    return {"imageRef": image["id"], "flavorRef": min(fitting, key=lambda row: (row["ram"], row["disk"]))["id"]}
