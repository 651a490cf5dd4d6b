"""Block storage: volumes, snapshots, backups, and images made of volumes. Their bytes are really kept."""

from uuid import UUID

from allmende.testing.fake.engine import create, need, passes, used, within_quota
from allmende.testing.fake.images import IMAGE, image_bytes, image_document, new_image, own_properties, upload
from allmende.testing.fake.model import (
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
    chosen,
    json_reply,
    micros,
)

BLOCK = 1024**2
_BUSY = (
    "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing "
    "and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated "
    "from snapshots after volume transfer."
)
_IMAGE_BASICS = frozenset(
    {"image_id", "image_name", "checksum", "container_format", "disk_format", "min_disk", "min_ram", "size"}
)
_ENDED = frozenset({"available", "error", "error_restoring", "error_deleting"})


def _links(call: Call, collection: str, identifier: str) -> list[dict[str, str]]:
    return [
        {"rel": "self", "href": f"{call.base}/volume/v3/{collection}/{identifier}"},
        {"rel": "bookmark", "href": f"{call.base}/volume/{collection}/{identifier}"},
    ]


def _times(call: Call, given: Fields) -> Fields:
    return {
        "name": given.get("name"),
        "description": given.get("description"),
        "created_at": micros(call.now),
        "updated_at": None,
    }


def volume_fields(call: Call, given: Fields) -> Fields:
    """Return what a new volume shows."""
    return {
        **_times(call, given),
        "size": given.get("size"),
        "availability_zone": given.get("availability_zone") or "nova",
        "volume_type": given.get("volume_type") or "__DEFAULT__",
        "snapshot_id": given.get("snapshot_id"),
        "source_volid": given.get("source_volid"),
        "metadata": dict(given.get("metadata") or {}),
        "user_id": USER,
        "bootable": "false",
        "encrypted": False,
        "replication_status": None,
        "consistencygroup_id": None,
        "multiattach": False,
        "attachments": [],
        "os-vol-tenant-attr:tenant_id": PROJECT,
    }


def _new_volume(state: State, call: Call, given: Fields) -> Fields:
    source = source_of(state, given)
    fields = volume_fields(call, given)
    fields["size"] = given.get("size") or (source.fields.get("size") if source else None)
    if not isinstance(fields["size"], int) or fields["size"] < 1:
        raise RefusedError(400, "Invalid input received: Volume size must be an integer and greater than 0")
    wanted = given.get("volume_type")
    if wanted and state.volume_types and wanted not in {name for t in state.volume_types for name in (t.id, t.name)}:
        raise RefusedError(404, f"Volume type with name {wanted} could not be found.")
    gigabytes, limit = _gigabytes(state), state.quota.get("gigabytes", -1)
    if 0 <= limit < gigabytes + fields["size"]:
        raise RefusedError(
            413,
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "
            f"Requested {fields['size']}G, quota is {limit}G and {gigabytes}G has been consumed.",
        )
    return fields


def _uuid(given: Fields, field: str) -> str:
    """Return an id that the request names; refuse one that no id looks like."""
    value = given.get(field)
    try:
        return str(UUID(str(value)))
    except ValueError:
        message = f"Invalid input for field/attribute {field}. Value: {value}. '{value}' is not a 'uuid'"
        raise RefusedError(400, message) from None


def source_of(state: State, given: Fields) -> Resource | None:
    """Return the snapshot or backup or volume that a new volume is made of; refuse one that is not there."""
    for field, kind in (("snapshot_id", SNAPSHOT), ("backup_id", BACKUP), ("source_volid", VOLUME)):
        if given.get(field):
            source = need(state, kind, _uuid(given, field))
            if source.status != "available":
                raise RefusedError(400, f"Invalid {kind.name}: status must be available, but is {source.status}.")
            return source
    if (image := given.get("imageRef")) and image_document(state, image) is None:
        raise RefusedError(400, "Invalid image identifier or unable to access requested image.")
    return None


def fill(state: State, volume: Resource, given: Fields) -> None:
    """Put the bytes of its source into a new volume, followed by zeros."""
    source, image = source_of(state, given), given.get("imageRef")
    if source:
        volume.content = source.content
        volume.fields |= chosen(source.secret, ("bootable", "volume_image_metadata"))
    elif image:
        shown = image_document(state, image) or {}
        data = image_bytes(state, image)
        volume.content = data.ljust(-(-max(len(data), 1) // BLOCK) * BLOCK, b"\0")
        details = chosen(shown, ("checksum", "container_format", "disk_format", "min_disk", "min_ram", "size"))
        volume.fields["bootable"] = "true"
        volume.fields["volume_image_metadata"] = {
            **own_properties(shown),
            "image_id": image,
            "image_name": shown.get("name"),
            **{key: str(value) for key, value in details.items()},
        }
    else:
        volume.content = bytes(BLOCK)


def _made(state: State, call: Call, volume: Resource) -> None:
    fill(state, volume, call.under("volume"))
    if call.under("volume").get("backup_id"):
        volume.content = _restored(state, volume.content)


def _present_volume(_state: State, call: Call, volume: Resource) -> Fields:
    return {"links": _links(call, "volumes", volume.id)}


def _keep(volume: Resource, of: Resource) -> None:
    of.content = volume.content
    of.secret |= chosen(volume.fields, ("bootable", "volume_image_metadata"))


def _new_snapshot(state: State, call: Call, given: Fields) -> Fields:
    volume = need(state, VOLUME, _uuid(given, "volume_id"))
    if volume.status != "available" and not (given.get("force") and volume.status == "in-use"):
        message = (
            f"Invalid volume: Volume {volume.id} status must be available, but current status is: {volume.status}."
        )
        raise RefusedError(400, message)
    return {**_times(call, given), "volume_id": volume.id, "size": volume.fields["size"], "metadata": {}}


def _snapshot_made(state: State, _call: Call, snapshot: Resource) -> None:
    _keep(need(state, VOLUME, snapshot.fields["volume_id"]), snapshot)


def _new_backup(state: State, call: Call, given: Fields) -> Fields:
    volume = need(state, VOLUME, _uuid(given, "volume_id"))
    if volume.status == "in-use" and not given.get("force"):
        raise RefusedError(400, "Invalid volume: Backing up an in-use volume must use the force flag.")
    if volume.status not in ("available", "in-use"):
        message = f'must be available or in-use, but the current status is "{volume.status}".'
        raise RefusedError(400, f"Invalid volume: Volume to be backed up {message}")
    return {
        **_times(call, given),
        "volume_id": volume.id,
        "size": volume.fields["size"],
        "object_count": 0,
        "availability_zone": "nova",
        "container": given.get("container"),
        "fail_reason": None,
        "is_incremental": bool(given.get("incremental")),
        "has_dependent_backups": False,
        "snapshot_id": given.get("snapshot_id"),
        "data_timestamp": micros(call.now),
    }


def _backup_made(state: State, _call: Call, backup: Resource) -> None:
    _keep(need(state, VOLUME, backup.fields["volume_id"]), backup)


def _present_backup(_state: State, call: Call, backup: Resource) -> Fields:
    reason = backup.secret.get("words") if backup.status == "error" else None
    return {"links": _links(call, "backups", backup.id), "fail_reason": reason}


def _restored(state: State, content: bytes) -> bytes:
    return bytes(255 - byte for byte in content[:BLOCK]) + content[BLOCK:] if state.restores_garbage else content


def _restore(state: State, call: Call, backup: str) -> Reply:
    source, given = need(state, BACKUP, backup), call.under("restore")
    if source.status != "available":
        raise RefusedError(400, f"Invalid backup: Backup status must be available, but is {source.status}.")
    if identifier := given.get("volume_id"):
        volume = need(state, VOLUME, identifier)
        if volume.status != "available":
            raise RefusedError(400, "Invalid volume: Volume to be restored to must be available")
        passes(state, volume, "restoring-backup", "available", cause="restore")
    else:
        within_quota(state, VOLUME)
        name = given.get("name") or f"restore_backup_{source.id}"
        wanted = {"name": name, "size": source.fields["size"], "description": "auto-created_from_restore_from_backup"}
        fields = volume_fields(call, wanted | {"metadata": {"src_backup_id": source.id}})
        volume = create(state, VOLUME, fields, passing="restoring-backup", cause="restore")
    volume.content = _restored(state, source.content)
    volume.fields |= chosen(source.secret, ("bootable", "volume_image_metadata"))
    answer = {"backup_id": source.id, "volume_id": volume.id, "volume_name": volume.fields["name"]}
    return json_reply({"restore": answer}, 202)


def _can_upload(volume: Resource) -> None:
    """Refuse what glance refuses from cinder 2026.1: a volume of an image that has no property of its own."""
    about = volume.fields.get("volume_image_metadata")
    if about is not None and not set(about) - _IMAGE_BASICS:
        raise RefusedError(400, "Unable to set 'properties' to {}. Reason: {} is not of type 'string'")


def _volume_action(state: State, call: Call, volume: str) -> Reply:
    resource, given = need(state, VOLUME, volume), call.under("")
    if "os-volume_upload_image" not in given:
        raise RefusedError(400, f"There is no such action: {', '.join(given)}")
    if resource.status not in ("available", "in-use"):
        raise RefusedError(400, "Invalid volume: Volume status must be available/in-use.")
    _can_upload(resource)
    wanted = given["os-volume_upload_image"]
    kept = {"visibility": wanted.get("visibility", "shared"), "name": wanted.get("image_name")}
    formats = {name: wanted.get(name, usual) for name, usual in (("disk_format", "raw"), ("container_format", "bare"))}
    image = create(state, IMAGE, new_image(state, call, kept | formats), cause="upload")
    upload(state, image, resource.content, passing="saving", cause="upload")
    passes(state, resource, "uploading", resource.status, cause="upload")
    shown = {"id": resource.id, "status": "uploading", "image_id": image.id, "size": resource.fields["size"]}
    return json_reply({"os-volume_upload_image": {**shown, **formats, "image_name": kept["name"]}}, 202)


def _gigabytes(state: State) -> int:
    return sum(row.fields["size"] for kind in ("volume", "snapshot") for row in state.resources.of(kind))


def _limits(state: State, _call: Call) -> Reply:
    backups = sum(row.fields["size"] for row in state.resources.of("backup"))
    absolute = {
        "maxTotalVolumes": state.quota["volume"],
        "maxTotalSnapshots": state.quota["snapshot"],
        "maxTotalVolumeGigabytes": state.quota["gigabytes"],
        "maxTotalBackups": state.quota["backup"],
        "maxTotalBackupGigabytes": state.quota["backup_gigabytes"],
        "totalVolumesUsed": used(state, "volume"),
        "totalGigabytesUsed": _gigabytes(state),
        "totalSnapshotsUsed": used(state, "snapshot"),
        "totalBackupsUsed": used(state, "backup"),
        "totalBackupGigabytesUsed": backups,
    }
    return json_reply({"limits": {"rate": [], "absolute": absolute}})


VOLUME = Kind(
    name="volume", service="block-storage", path="/volumes", plural="volumes", build=_new_volume, made=_made,
    present=_present_volume, passing="creating", final="available", leaving="deleting", failed_leaving="error_deleting",
    created=202, deleted=202, deletable=_ENDED, in_short=("id", "name", "links"),
    absent=("VolumeNotFound", "Volume {id} could not be found."), busy=(400, "", _BUSY),
    over=(413, "", "VolumeLimitExceeded: Maximum number of volumes allowed ({limit}) exceeded for quota 'volumes'."),
)  # fmt: skip
SNAPSHOT = Kind(
    name="snapshot", service="block-storage", path="/snapshots", plural="snapshots", build=_new_snapshot,
    made=_snapshot_made, passing="creating", final="available", leaving="deleting", failed_leaving="error_deleting",
    created=202, deleted=202, deletable=_ENDED, refers=(Reference(field="volume_id", kind="volume", tie=Tie.HOLDS),),
    in_short=("id", "name", "volume_id", "size", "status", "created_at", "updated_at", "description", "metadata"),
    absent=("", "Snapshot {id} could not be found."),
    busy=(400, "", "Invalid snapshot: Volume Snapshot status must be available or error."),
    over=(413, "", "SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded"),
)  # fmt: skip
BACKUP = Kind(
    name="backup", service="block-storage", path="/backups", plural="backups", build=_new_backup, made=_backup_made,
    present=_present_backup, passing="creating", final="available", leaving="deleting", failed_leaving="error_deleting",
    created=202, deleted=202, deletable=_ENDED, in_short=("id", "name", "links"), in_reply=("id", "name", "links"),
    absent=("", "Backup {id} could not be found."),
    busy=(400, "", "Invalid backup: Backup status must be available or error"),
    over=(413, "", "BackupLimitExceeded: Maximum number of backups allowed ({limit}) exceeded"),
)  # fmt: skip
KINDS = (VOLUME, SNAPSHOT, BACKUP)
ROUTES = (
    Route(service="block-storage", method="GET", path="/limits", run=_limits),
    Route(service="block-storage", method="POST", path="/backups/{backup}/restore", run=_restore),
    Route(service="block-storage", method="POST", path="/volumes/{volume}/action", run=_volume_action),
)
