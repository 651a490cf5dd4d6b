"""What the fake cloud's APIs answer: pure functions from a state and a call to a reply.

Shapes follow the OpenStack API references (identity v3, compute 2.1, image v2, network v2.0, block storage v3) and the
error document of S3, as far as Allmende asks for them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule, VolumeType

PROJECT = "4fd44f30292945e481c7b8a0c8908869"
PATHS: Mapping[str, str] = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "image": "/image",
    "network": "/network",
    "block-storage": f"/volume/v3/{PROJECT}",
    "object-store": f"/swift/v1/AUTH_{PROJECT}",
    "key-manager": "/key-manager",
    "load-balancer": "/load-balancer",
    "placement": "/placement",
}
OPERATOR = "operator"
OPERATOR_TOKEN = "canary-operator-token-"  # noqa: S105 -- of a fake cloud; what it begins with
NAMES: Mapping[str, str] = {
    "identity": "keystone",
    "compute": "nova",
    "image": "glance",
    "network": "neutron",
    "block-storage": "cinder",
    "object-store": "swift",
    "key-manager": "barbican",
    "load-balancer": "octavia",
    "placement": "placement",
}


@dataclass(kw_only=True)
class State:
    """Everything the fake cloud holds. Tests change it at any time.

    `default_rules` None means «no such API»; `altered` is what a proxy or a plugin makes of answers, by path.
    """

    flavors: list[Flavor] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    volume_types: list[VolumeType] = field(default_factory=list)
    default_rules: list[SecurityGroupRule] | None = field(default_factory=list)
    groups: dict[str, list[SecurityGroupRule]] = field(default_factory=dict)
    services: set[str] = field(default_factory=lambda: set(PATHS))
    region: str = "RegionOne"
    other_regions: tuple[str, ...] = ()
    user: str = "alice"
    password: str = "canary-password-never-to-be-printed"  # noqa: S105 -- of a fake cloud on the loopback interface
    operator_password: str = "canary-operator-password-never-to-be-printed"  # noqa: S105 -- likewise
    credential_id: str = "21dced0fd20347869b93710d2b98aae0"
    credential_secret: str = "canary-secret-never-to-be-printed"  # noqa: S105 -- likewise
    credential_expired: bool = False
    roles: tuple[str, ...] = ("member", "reader")
    tokens: set[str] = field(default_factory=set)
    token_lifetime: timedelta = timedelta(hours=1)
    shows_extra_specs: bool = True
    page_size: int = 1000
    pages_never_end: bool = False
    s3_error: str | None = "InvalidAccessKeyId"
    altered: dict[str, bytes] = field(default_factory=dict)
    serial: "count[int]" = field(default_factory=lambda: count(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def service_of(path: str) -> str:
    """Return the service type that a path belongs to; what belongs to none is S3's."""
    for service, prefix in PATHS.items():
        root = "/" + prefix.split("/")[1]
        if path == root or path.startswith(root + "/"):
            return service
    return "s3"


def reply(state: State, call: Call) -> Reply:
    """Return the cloud's reply to a call."""
    service = service_of(call.path)
    if service == "s3":
        return _s3(state)
    if service == "identity":
        return _identity(state, call)
    if call.path in state.altered:
        return Reply(body=state.altered[call.path])
    if call.headers.get("x-auth-token") not in state.tokens:
        return _refusal(401, "The request you have made requires authentication.")
    for (owner, path), route in _ROUTES.items():
        if service == owner and call.path == PATHS[owner] + path:
            return route(state, call)
    return _refusal(404, "The resource could not be found.")


def _json(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status=status, body=json.dumps(document).encode(), headers=headers or {})


def _refusal(status: int, message: str) -> Reply:
    return _json({"error": {"code": status, "message": message}}, status)


def _s3(state: State) -> Reply:
    if state.s3_error is None:
        return Reply(status=412, body=b"Bad URL", content_type="text/plain")
    document = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{state.s3_error}</Code><Message>no</Message></Error>"
    )
    return Reply(status=403, body=document.encode(), content_type="application/xml")


def _identity(state: State, call: Call) -> Reply:
    match call.method, call.path.rstrip("/"):
        case "GET", "/identity":
            return _json({"versions": {"values": [_version(call)]}}, 300)
        case "GET", "/identity/v3":
            return _json({"version": _version(call)})
        case "POST", "/identity/v3/auth/tokens":
            return _token(state, call)
        case _:
            return _refusal(404, "The resource could not be found.")


def _version(call: Call) -> dict[str, Any]:
    links = [{"rel": "self", "href": f"{call.base}/identity/v3/"}]
    return {"id": "v3.14", "status": "stable", "links": links, "updated": "2020-04-07T00:00:00Z"}


def _token(state: State, call: Call) -> Reply:
    identity = json.loads(call.body)["auth"]["identity"]
    if not _is_admitted(state, identity):
        return _refusal(401, "The request you have made requires authentication.")
    operates = is_operator(identity)
    token = f"{OPERATOR_TOKEN if operates else 'canary-token-'}{next(state.serial)}"
    state.tokens.add(token)
    domain = {"id": "default", "name": "Default"}
    document = {
        "token": {
            "methods": identity["methods"],
            "user": {
                "id": "ee4dfb6e5540447cb3741905149d9b6e",
                "name": OPERATOR if operates else state.user,
                "domain": domain,
            },
            "project": {"id": PROJECT, "name": "demo", "domain": domain},
            "roles": [{"id": f"role-{name}", "name": name} for name in (("admin",) if operates else state.roles)],
            "issued_at": _moment(call.now),
            "expires_at": _moment(call.now + state.token_lifetime),
            "catalog": [_catalog_entry(state, call, service) for service in PATHS if service in state.services],
        }
    }
    return _json(document, 201, {"X-Subject-Token": token})


def is_operator(identity: Mapping[str, Any]) -> bool:
    """Tell whether somebody signs in as the cloud's operator."""
    return bool(identity.get("password", {}).get("user", {}).get("name") == OPERATOR)


def _is_admitted(state: State, identity: Mapping[str, Any]) -> bool:
    match identity["methods"]:
        case ["password"]:
            user = identity["password"]["user"]
            if is_operator(identity):
                return bool(user.get("password") == state.operator_password)
            return bool(user.get("name") == state.user and user.get("password") == state.password)
        case ["application_credential"]:
            given = identity["application_credential"]
            known = (state.credential_id, state.credential_secret)
            return not state.credential_expired and (given.get("id"), given.get("secret")) == known
        case ["token"]:
            return identity["token"]["id"] in state.tokens
        case _:
            return False


def _catalog_entry(state: State, call: Call, service: str) -> dict[str, Any]:
    endpoints = [
        {"id": f"{service}-{side}-{region}", "interface": side, "region": region, "region_id": region, "url": url}
        for region, url in (
            *((other, f"{call.base}/elsewhere/{other}") for other in state.other_regions),
            (state.region, call.base + PATHS[service]),
        )
        for side in ("public", "internal")
    ]
    return {"id": service, "type": service, "name": NAMES[service], "endpoints": endpoints}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _page(state: State, call: Call, rows: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[dict[str, Any]], str]:
    """Return the rows of one page, and the address of the next one or an empty text."""
    ids = [identifier for identifier, _ in rows]
    marker = call.query.get("marker")
    start = ids.index(marker) + 1 if marker in ids and not state.pages_never_end else 0
    page = rows[start : start + min(state.page_size, int(call.query.get("limit", state.page_size)))]
    more = page and (state.pages_never_end or start + len(page) < len(rows))
    query = urlencode({**call.query, "marker": page[-1][0]}) if more else ""
    return [row for _, row in page], f"{call.base}{call.path}?{query}" if more else ""


def _flavors(state: State, call: Call) -> Reply:
    with_specs = state.shows_extra_specs and _microversion(call, "openstack-api-version") >= (2, 61)
    rows = [(flavor.id, _flavor(flavor, with_specs=with_specs)) for flavor in state.flavors]
    page, following = _page(state, call, rows)
    links = {"flavors_links": [{"rel": "next", "href": following}]} if following else {}
    return _json({"flavors": page, **links})


def _flavor(flavor: Flavor, *, with_specs: bool) -> dict[str, Any]:
    specs = {"extra_specs": dict(flavor.extra_specs)} if with_specs else {}
    return {
        "id": flavor.id,
        "name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram_mib,
        "disk": flavor.disk_gib,
        "swap": 0,
        "os-flavor-access:is_public": flavor.is_public,
        **specs,
    }


def _microversion(call: Call, header: str) -> tuple[int, int]:
    major, _, minor = call.headers.get(header, "compute 2.1").rpartition(" ")[2].partition(".")
    return int(major), int(minor)


def _images(state: State, call: Call) -> Reply:
    wanted, hidden = call.query.get("visibility"), call.query.get("os_hidden") == "true"
    rows = [
        (image.id, _image(image))
        for image in state.images
        if image.is_hidden == hidden and wanted in (None, "all", image.visibility)
    ]
    page, following = _page(state, call, rows)
    document: dict[str, Any] = {"images": page, "schema": "/v2/schemas/images"}
    if following:
        document["next"] = "/v2" + following.partition("/v2")[2]
    return _json(document)


def _image(image: Image) -> dict[str, Any]:
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
        "created_at": image.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "os_hash_algo": image.hash_algo,
        "owner": PROJECT,
        "tags": [],
        "protected": False,
    }


def _volume_types(state: State, call: Call) -> Reply:
    rows = [
        (
            kind.id,
            {"id": kind.id, "name": kind.name, "description": kind.description, "extra_specs": dict(kind.extra_specs)},
        )
        for kind in state.volume_types
    ]
    page, following = _page(state, call, rows)
    links = {"volume_type_links": [{"rel": "next", "href": following}]} if following else {}
    return _json({"volume_types": page, **links})


def identified_rules(state: State) -> list[SecurityGroupRule]:
    """Return the template's rules, each with an id that it keeps."""
    rules = state.default_rules or []
    rules[:] = [rule if rule.id else replace(rule, id=f"rule-{next(state.serial)}") for rule in rules]
    return rules


def _default_rules(state: State, call: Call) -> Reply:
    if state.default_rules is None:
        return _refusal(404, "The resource could not be found.")
    rows = [(rule.id, _rule(rule, rule.id)) for rule in identified_rules(state)]
    page, _ = _page(state, call, rows)
    return _json({"default_security_group_rules": page})


def _rule(rule: SecurityGroupRule, identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_range_min,
        "port_range_max": rule.port_range_max,
        "remote_ip_prefix": rule.remote_ip_prefix,
        "remote_group_id": rule.remote_group,
        "used_in_default_sg": rule.used_in_default_group,
        "used_in_non_default_sg": rule.used_in_other_groups,
    }


def _security_groups(state: State, _call: Call) -> Reply:
    groups = [
        {
            "id": f"group-{name}",
            "name": name,
            "project_id": PROJECT,
            "security_group_rules": [
                {**_rule(rule, f"{name}-{n}"), "security_group_id": f"group-{name}"} for n, rule in enumerate(rules)
            ],
        }
        for name, rules in state.groups.items()
    ]
    return _json({"security_groups": groups})


def _empty(key: str) -> Callable[[State, Call], Reply]:
    return lambda _state, _call: _json({key: []})


_ROUTES: Mapping[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("compute", "/flavors/detail"): _flavors,
    ("compute", "/servers/detail"): _empty("servers"),
    ("image", "/v2/images"): _images,
    ("network", "/v2.0/default-security-group-rules"): _default_rules,
    ("network", "/v2.0/security-groups"): _security_groups,
    ("network", "/v2.0/networks"): _empty("networks"),
    ("block-storage", "/types"): _volume_types,
    ("key-manager", "/v1/secrets"): _empty("secrets"),
}
