"""Images: those that the cloud is furnished with, and those of members, whose data is really kept."""

import hashlib
import json
import re

from allmende.facts.openstack import Image
from allmende.testing.fake.engine import document, list_reply, look, matches, need, passes, remove, rows_of
from allmende.testing.fake.model import (
    PROJECT,
    Call,
    Fields,
    Kind,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    json_reply,
    seconds,
)

_OF_THE_API = frozenset(
    {
        "id", "name", "status", "visibility", "os_hidden", "size", "virtual_size", "min_disk", "min_ram", "created_at",
        "updated_at", "os_hash_algo", "os_hash_value", "checksum", "owner", "tags", "protected", "container_format",
        "disk_format", "stores",
    }
)  # fmt: skip
_PATCH = re.compile(r"/(?P<name>[^/]+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def new_image(_state: State, call: Call, given: Fields) -> Fields:
    """Return what a new image shows, without data yet."""
    if given.get("visibility") == "public":
        raise RefusedError(403, "You are not authorized to complete publicize_image action.")
    usual: Fields = {
        "name": None,
        "disk_format": None,
        "container_format": None,
        "visibility": "shared",
        "protected": False,
        "min_ram": 0,
        "min_disk": 0,
        "os_hidden": False,
        "tags": [],
    }
    unknown = dict.fromkeys(("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"))
    at = seconds(call.now)
    return {**usual, **given, **unknown, "owner": PROJECT, "created_at": at, "updated_at": at}


def upload(state: State, image: Resource, content: bytes, *, passing: str = "", cause: str = "image") -> None:
    """Give an image its data."""
    image.content = content
    image.fields |= {
        "size": len(content),
        "virtual_size": len(content),
        "checksum": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(content).hexdigest(),
        "stores": "file",
    }
    passes(state, image, passing, "active", cause=cause)


def image_document(state: State, identifier: object) -> Fields | None:
    """Return what the API shows of a furnished or created image."""
    made = state.resources.find("image", identifier)
    if made:
        return {**made.fields, "status": made.status}
    return next((furnished(image) for image in state.images if image.id == identifier), None)


def image_bytes(state: State, identifier: str) -> bytes:
    """Return the data of an image; furnished ones have some of their own unless a test gave them others."""
    made = state.resources.find("image", identifier)
    return made.content if made else state.image_data.get(identifier, f"data of {identifier}".encode())


def furnished(image: Image) -> Fields:
    """Return what the API shows of an image that the cloud is furnished with."""
    return {
        **image.properties,
        "id": image.id,
        "name": image.name,
        "status": image.status,
        "visibility": image.visibility,
        "os_hidden": image.is_hidden,
        "size": image.size_bytes,
        "min_disk": image.min_disk_gib,
        "min_ram": image.min_ram_mib,
        "created_at": seconds(image.created_at),
        "os_hash_algo": image.hash_algo,
        "owner": PROJECT,
        "tags": [],
        "protected": False,
    }


def own_properties(image: Fields) -> dict[str, str]:
    """Return those properties of an image that somebody set."""
    return {key: str(value) for key, value in image.items() if key not in _OF_THE_API}


def _present(_state: State, _call: Call, image: Resource) -> Fields:
    address = f"/v2/images/{image.id}"
    return {"self": address, "file": f"{address}/file", "schema": "/v2/schemas/image"}


def _list(state: State, call: Call) -> Reply:
    query = dict(call.query)
    if query.get("visibility") == "all":
        del query["visibility"]
    query.setdefault("os_hidden", "false")
    given = [(image.id, furnished(image)) for image in state.images]
    rows = [*rows_of(state, call, IMAGE, {}), *given]
    return list_reply(state, call, IMAGE, [(i, row) for i, row in rows if matches(row, query)])


def _show(state: State, call: Call, image: str) -> Reply:
    made = state.resources.find("image", image)
    if made:
        look(state, made)
        return json_reply(document(state, call, made))
    if shown := image_document(state, image):
        return json_reply(shown)
    raise RefusedError(404, f"No image found with ID {image}")


def _put_file(state: State, call: Call, image: str) -> Reply:
    resource = need(state, IMAGE, image)
    if resource.status != "queued":
        raise RefusedError(409, f"Image status transition from {resource.status} to saving is not allowed")
    if not (resource.fields["disk_format"] and resource.fields["container_format"]):
        raise RefusedError(400, "Properties disk_format, container_format must be set prior to saving data.")
    upload(state, resource, call.body)
    return Reply(status=204, content_type="text/html; charset=UTF-8")


def _get_file(state: State, call: Call, image: str) -> Reply:
    shown = image_document(state, image)
    if shown is None:
        raise RefusedError(404, f"No image found with ID {image}")
    if shown["status"] != "active":
        return Reply(status=204)
    content = image_bytes(state, image)
    headers = {"Content-MD5": str(shown.get("checksum") or "")}
    wanted = _RANGE.fullmatch(call.headers.get("range", ""))
    if not wanted:
        return Reply(body=content, content_type="application/octet-stream", headers=headers)
    first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
    if first >= len(content):
        raise RefusedError(416, "The requested range is not satisfiable.")
    span = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
    return Reply(status=206, body=content[first : last + 1], content_type="application/octet-stream", headers=span)


def change_image(state: State, call: Call, image: str) -> Reply:
    """Change an image that a member created."""
    resource = need(state, IMAGE, image)
    for step in json.loads(call.body):
        where = _PATCH.fullmatch(step["path"])
        if where is None or where["name"] in ("id", "status", "size", "checksum"):
            raise RefusedError(403, f"Attribute '{step['path'].strip('/')}' is read-only.")
        match step["op"]:
            case "add" | "replace":
                resource.fields[where["name"]] = step["value"]
            case "remove":
                resource.fields.pop(where["name"], None)
            case other:
                raise RefusedError(400, f"Unable to find '{other}' operation.")
    return json_reply(document(state, call, resource))


def _delete(state: State, _call: Call, image: str) -> Reply:
    if state.resources.find("image", image) is None and image_document(state, image):
        raise RefusedError(403, "You are not authorized to complete delete_image action.")
    resource = need(state, IMAGE, image)
    if resource.fields["protected"]:
        raise RefusedError(403, f"Image {image} is protected and cannot be deleted.")
    remove(state, resource)
    return Reply(status=204, content_type="text/html; charset=UTF-8")


IMAGE = Kind(
    name="image", service="image", path="/v2/images", plural="images", key="", build=new_image, present=_present,
    final="queued", failed="killed", absent=("", "No image found with ID {id}"),
)  # fmt: skip
KINDS = (IMAGE,)
ROUTES = (
    Route(service="image", method="GET", path="/v2/images", run=_list),
    Route(service="image", method="GET", path="/v2/images/{image}", run=_show),
    Route(service="image", method="PATCH", path="/v2/images/{image}", run=change_image),
    Route(service="image", method="DELETE", path="/v2/images/{image}", run=_delete),
    Route(service="image", method="PUT", path="/v2/images/{image}/file", run=_put_file),
    Route(service="image", method="GET", path="/v2/images/{image}/file", run=_get_file),
)
