"""Servers: what may be booted from what, how they come up, what they print, and the volumes attached to them."""

import base64
from typing import Any

from allmende.facts.openstack import Flavor
from allmende.testing.fake.engine import create, need, passes, remove, within_quota
from allmende.testing.fake.images import IMAGE, image_bytes, image_document, new_image, upload
from allmende.testing.fake.model import (
    GONE,
    PROJECT,
    USER,
    Call,
    Fields,
    Kind,
    Reference,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    Tie,
    json_reply,
    micros,
    seconds,
)
from allmende.testing.fake.network import PORT, new_port
from allmende.testing.fake.security_groups import group_named
from allmende.testing.fake.volumes import VOLUME, fill, volume_fields

_IMAGE_ID_SINCE = (2, 45)
_FLAVOR_SINCE = (2, 47)
_GIB = 1024**3
_NO_HOST = "No valid host was found. There are not enough hosts available."


def _links(call: Call, server: str) -> list[dict[str, str]]:
    return [
        {"rel": "self", "href": f"{call.base}/compute/v2.1/servers/{server}"},
        {"rel": "bookmark", "href": f"{call.base}/compute/servers/{server}"},
    ]


def _new_server(state: State, call: Call, given: Fields) -> Fields:
    flavor = _flavor(state, given)
    _fits(state, flavor, given)
    _within_quota(state, flavor)
    for group in given.get("security_groups", ()):
        if group_named(state, str(group.get("name"))) is None:
            raise RefusedError(400, f"Unable to find security_group with name or id '{group.get('name')}'")
    if (key := given.get("key_name")) and state.resources.find("keypair", key) is None:
        raise RefusedError(400, "Invalid key_name provided.")
    for wanted in _networks(state, given):
        _need(state, "Network", "network", wanted.get("uuid"))
        _need(state, "Port", "port", wanted.get("port"))
    _user_data(given)
    image = given.get("imageRef")
    return {
        "name": given.get("name"),
        "created": seconds(call.now),
        "updated": seconds(call.now),
        "flavor": {"id": flavor.id},
        "image": {"id": image} if image else "",
        "metadata": dict(given.get("metadata") or {}),
        "key_name": given.get("key_name"),
        "tenant_id": PROJECT,
        "user_id": USER,
        "accessIPv4": "",
        "accessIPv6": "",
        "config_drive": "",
        "progress": 0,
        "OS-DCF:diskConfig": "MANUAL",
        "OS-SRV-USG:launched_at": None,
        "OS-SRV-USG:terminated_at": None,
        "security_groups": [{"name": group["name"]} for group in given.get("security_groups") or [{"name": "default"}]],
    }


def _flavor(state: State, given: Fields) -> Flavor:
    for flavor in state.flavors:
        if flavor.id == given.get("flavorRef"):
            return flavor
    raise RefusedError(400, f"Flavor {given.get('flavorRef')} could not be found.")


def _fits(state: State, flavor: Flavor, given: Fields) -> None:
    """Refuse what nova refuses before it looks for a host."""
    image, disks = given.get("imageRef"), given.get("block_device_mapping_v2") or []
    if not image:
        if not disks:
            raise RefusedError(400, "Invalid image identifier or unable to access requested image.")
        return
    shown = image_document(state, image)
    if shown is None:
        raise RefusedError(400, "Can not find requested image")
    if shown["status"] != "active":
        raise RefusedError(400, f"Image {image} is not active.")
    if flavor.ram_mib < shown["min_ram"]:
        raise RefusedError(400, "Flavor's memory is too small for requested image.")
    if any(disk.get("boot_index") in (0, "0") and disk.get("destination_type") == "volume" for disk in disks):
        return
    if flavor.disk_gib == 0:
        raise RefusedError(403, "Only volume-backed servers are allowed for flavors with zero disk.")
    if flavor.disk_gib < shown["min_disk"]:
        raise RefusedError(
            400,
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            f"Flavor disk is {flavor.disk_gib * _GIB} bytes, minimum size is {shown['min_disk'] * _GIB} bytes.",
        )


def _within_quota(state: State, flavor: Flavor) -> None:
    flavors = [server.secret["flavor"] for server in state.resources.of("server")]
    for name, asked, have in (
        ("server", 1, len(flavors)),
        ("cores", flavor.vcpus, sum(known.vcpus for known in flavors)),
        ("ram", flavor.ram_mib, sum(known.ram_mib for known in flavors)),
    ):
        limit, word = state.quota.get(name, -1), "instances" if name == "server" else name
        if 0 <= limit < have + asked:
            message = f"Quota exceeded for {word}: Requested {asked}, but already used {have} of {limit} {word}"
            raise RefusedError(403, message)


def _need(state: State, word: str, kind: str, identifier: Any) -> None:
    if identifier and state.resources.find(kind, identifier) is None:
        raise RefusedError(400, f"{word} {identifier} could not be found.")


def _networks(state: State, given: Fields) -> list[Fields]:
    """Return the networks that a server asks for; without a word, the only one that is there."""
    wanted = given.get("networks")
    if isinstance(wanted, list):
        return wanted
    own = [network for network in state.resources.of("network") if not network.fields["router:external"]]
    if wanted == "none" or not own:
        return []
    if len(own) > 1:
        raise RefusedError(409, "Multiple possible networks found, use a Network ID to be more specific.")
    return [{"uuid": own[0].id}]


def _user_data(given: Fields) -> str:
    try:
        return base64.b64decode(given.get("user_data") or "", validate=True).decode(errors="replace")
    except ValueError:
        raise RefusedError(400, "Invalid input for field/attribute user_data.") from None


def _made(state: State, call: Call, server: Resource) -> None:
    given = call.under("server")
    hints = call.under("").get("os:scheduler_hints") or given.get("os:scheduler_hints") or {}
    server.secret |= {"flavor": _flavor(state, given), "user_data": _user_data(given), "group": hints.get("group")}
    groups = [group_named(state, group["name"]) for group in server.fields["security_groups"]]
    for wanted in _networks(state, given):
        if port := wanted.get("port"):
            need(state, PORT, port).fields |= {"device_id": server.id, "device_owner": "compute:nova"}
        else:
            port_of = {"network_id": wanted["uuid"], "security_groups": groups, "fixed_ip": wanted.get("fixed_ip")}
            fields = new_port(state, call, port_of | {"device_id": server.id, "device_owner": "compute:nova"})
            create(state, PORT, fields | {"status": "ACTIVE"}).secret["of_server"] = True
    for disk in given.get("block_device_mapping_v2") or []:
        if disk.get("destination_type") == "volume" or disk.get("source_type") == "volume":
            _boot_disk(state, call, server, disk)
    image = given.get("imageRef")
    server.content = image_bytes(state, image) if image else b""


def _boot_disk(state: State, call: Call, server: Resource, disk: Fields) -> None:
    source = {"image": "imageRef", "snapshot": "snapshot_id"}.get(disk["source_type"])
    if source is None and disk["source_type"] == "volume":
        volume = need(state, VOLUME, disk["uuid"], 400)
    else:
        within_quota(state, VOLUME)
        wanted = {"name": "", "size": disk.get("volume_size", 1), **({source: disk["uuid"]} if source else {})}
        volume = create(state, VOLUME, volume_fields(call, wanted))
        fill(state, volume, wanted)
    volume.secret["delete_with"] = server.id if disk.get("delete_on_termination") else None
    server.fields["image"] = ""
    _attach(state, call, server, volume, "/dev/vda")


def _attach(state: State, call: Call, server: Resource, volume: Resource, device: str) -> Resource:
    volume.status, volume.then = "in-use", None
    volume.fields["attachments"] = [
        {
            "id": volume.id,
            "attachment_id": state.new_id(),
            "volume_id": volume.id,
            "server_id": server.id,
            "host_name": None,
            "device": device,
            "attached_at": micros(call.now),
        }
    ]
    fields = {"id": volume.id, "volumeId": volume.id, "serverId": server.id, "device": device}
    return create(state, ATTACHMENT, fields)


def _present(state: State, call: Call, server: Resource) -> Fields:
    leaving, building = server.then == GONE, server.status == "BUILD"
    attached = [{"id": row.id} for row in state.resources.of("volume_attachment", serverId=server.id)]
    shown: Fields = {
        "links": _links(call, server.id),
        "addresses": {} if building else _addresses(state, server),
        "hostId": "" if building else "51a01e2faa5b7c8462a5d8633bc593a3a69151bee35e54b034ab73c1",
        "OS-EXT-AZ:availability_zone": "" if building else "nova",
        "OS-EXT-STS:task_state": "deleting" if leaving else "spawning" if building else None,
        "OS-EXT-STS:vm_state": {"BUILD": "building", "ERROR": "error"}.get(server.status, "active"),
        "OS-EXT-STS:power_state": 1 if server.status == "ACTIVE" else 0,
        "os-extended-volumes:volumes_attached": attached,
    }
    if server.status == "ERROR":
        words = server.secret.get("words") or _NO_HOST
        shown["fault"] = {"code": 500, "created": seconds(call.now), "message": words}
    if call.microversion() >= _FLAVOR_SINCE and (flavor := server.secret.get("flavor")):
        size = {"vcpus": flavor.vcpus, "ram": flavor.ram_mib, "disk": flavor.disk_gib, "ephemeral": 0, "swap": 0}
        shown["flavor"] = {**size, "original_name": flavor.name, "extra_specs": dict(flavor.extra_specs)}
    return shown


def _addresses(state: State, server: Resource) -> Fields:
    addresses: dict[str, list[Fields]] = {}
    for port in state.resources.of("port", device_id=server.id):
        network = state.resources.find("network", port.fields["network_id"])
        mac = {"OS-EXT-IPS-MAC:mac_addr": port.fields["mac_address"]}
        fixed = [fixed["ip_address"] for fixed in port.fields["fixed_ips"]]
        floating = [row.fields["floating_ip_address"] for row in state.resources.of("floatingip", port_id=port.id)]
        addresses[str(network.fields["name"]) if network else ""] = [
            {"version": 6 if ":" in address else 4, "addr": address, "OS-EXT-IPS:type": kind, **mac}
            for kind, found in (("fixed", fixed), ("floating", floating))
            for address in found
        ]
    return addresses


def _gone(state: State, server: Resource) -> None:
    for port in state.resources.of("port", device_id=server.id):
        if port.secret.get("of_server"):
            remove(state, port)
        else:
            port.fields |= {"device_id": "", "device_owner": ""}
    for volume in state.resources.of("volume"):
        if volume.secret.get("delete_with") == server.id:
            remove(state, volume)


def _action(state: State, call: Call, server: str) -> Reply:
    resource, given = need(state, SERVER, server), call.under("")
    match given:
        case {"os-getConsoleOutput": options}:
            return _console(state, resource, options or {})
        case {"createImage": wanted}:
            return _snapshot(state, call, resource, wanted)
        case _:
            raise RefusedError(400, f"There is no such action: {', '.join(given)}")


def _console(state: State, server: Resource, options: Fields) -> Reply:
    if server.status != "ACTIVE":
        raise RefusedError(409, f"Instance {server.id} is not ready")
    lines = state.console(server.secret["user_data"]).splitlines(keepends=True)
    length = options.get("length")
    return json_reply({"output": "".join(lines if length in (None, -1) else lines[-int(length) :] if length else [])})


def _snapshot(state: State, call: Call, server: Resource, wanted: Fields) -> Reply:
    if server.status != "ACTIVE":
        status = server.status.lower().replace("build", "building")
        raise RefusedError(409, f"Cannot 'createImage' instance {server.id} while it is in vm_state {status}")
    _idle(state, server, "createImage")
    about = {
        "image_type": "snapshot",
        "instance_uuid": server.id,
        "base_image_ref": (server.fields["image"] or {}).get("id"),
    }
    given = {"name": wanted["name"], "visibility": "private", "disk_format": "qcow2", "container_format": "bare"}
    image = create(state, IMAGE, new_image(state, call, about | given | dict(wanted.get("metadata") or {})))
    upload(state, image, server.content, passing="queued")
    server.secret["snapshot"] = image.id
    if call.microversion() >= _IMAGE_ID_SINCE:
        return json_reply({"image_id": image.id}, 202)
    location = {"Location": f"{call.base}/image/images/{image.id}"}
    return Reply(status=202, content_type="text/html; charset=UTF-8", headers=location)


def _idle(state: State, server: Resource, action: str) -> None:
    """Refuse an action while a snapshot is being taken."""
    image = state.resources.find("image", server.secret.get("snapshot"))
    if image and image.then is not None:
        message = f"Cannot '{action}' instance {server.id} while it is in task_state image_snapshot_pending"
        raise RefusedError(409, message)


def _detaches(state: State, _call: Call, attachment: Resource) -> None:
    _idle(state, need(state, SERVER, attachment.fields["serverId"]), "detach_volume")


def _new_attachment(state: State, call: Call, given: Fields) -> Fields:
    server = need(state, SERVER, given["serverId"])
    volume = need(state, VOLUME, given.get("volumeId"))
    if volume.fields["attachments"]:
        to = volume.fields["attachments"][0]["server_id"]
        raise RefusedError(400, f"Invalid volume: volume {volume.id} is already attached to instances: {to}")
    if volume.status != "available":
        message = f"status must be available or downloading to reserve, but the current status is {volume.status}."
        raise RefusedError(400, f"Invalid input received: Invalid volume: Volume {volume.id} {message}")
    if server.status != "ACTIVE":
        raise RefusedError(409, f"Cannot 'attach_volume' instance {server.id} while it is in vm_state building")
    letter = "bcdefghijklmnop"[len(state.resources.of("volume_attachment", serverId=server.id))]
    fields = _attach(state, call, server, volume, given.get("device") or f"/dev/vd{letter}").fields
    passes(state, volume, "attaching", "in-use", cause="attach")
    return fields


def _detached(state: State, attachment: Resource) -> None:
    if volume := state.resources.find("volume", attachment.id):
        volume.fields["attachments"] = []
        passes(state, volume, "detaching", "available", cause="detach")


SERVER = Kind(
    name="server", service="compute", path="/servers", plural="servers", build=_new_server, made=_made,
    present=_present, gone=_gone, passing="BUILD", final="ACTIVE", failed="ERROR", leaving="ACTIVE",
    failed_leaving="ERROR", created=202,
    in_short=("id", "name", "links"), in_reply=("id", "links", "OS-DCF:diskConfig", "security_groups"),
    names_are_patterns=True, absent=("", "Instance {id} could not be found."),
    over=(403, "", "Quota exceeded for instances: Requested 1, but already used {used} of {limit} instances"),
)  # fmt: skip
ATTACHMENT = Kind(
    name="volume_attachment", service="compute", path="/servers/{serverId}/os-volume_attachments",
    key="volumeAttachment", plural="volumeAttachments", build=_new_attachment, before_delete=_detaches, gone=_detached,
    created=200, deleted=202,
    refers=(Reference(field="serverId", kind="server", tie=Tie.FOLLOWS),),
    absent=("", "volume_id not found: {id}"),
)  # fmt: skip
KINDS = (SERVER, ATTACHMENT)
ROUTES = (Route(service="compute", method="POST", path="/servers/{server}/action", run=_action),)
