"""Facts of an OpenStack cloud: one function per fact type, each with as few requests as the APIs allow.

Everything here only reads. What a fact means is judged in `checks`; what a failure means was said at the door.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.collector import collector
from allmende.collect.rows import Row, reading
from allmende.collect.visit import Visit
from allmende.errors import CloudNotFoundError, CloudProtocolError, CloudRefusedError
from allmende.facts.openstack import (
    SAME_GROUP,
    Catalog,
    DefaultSecurityGroupRules,
    Flavor,
    Flavors,
    Image,
    Images,
    Member,
    S3Probe,
    SecurityGroupRule,
    VolumeType,
    VolumeTypes,
)

_MANY = "1000"  # rows a page: services cut it to what they allow
_EXTRA_SPECS_SINCE = "2.61"
_S3_CODE = re.compile(rb"<Code>\s*([A-Za-z0-9.]+)\s*</Code>")
_XML = re.compile(rb"\s*<(?:\?xml|Error)\b")
_XML_END = re.compile(rb"</[\w:]+>\s*$")
# What the Image API itself says of an image; everything else is a property that somebody set.
_OF_THE_API = frozenset(
    {
        "id", "name", "status", "visibility", "os_hidden", "size", "virtual_size", "min_disk", "min_ram", "created_at",
        "updated_at", "os_hash_algo", "os_hash_value", "checksum", "owner", "tags", "protected", "file", "self",
        "schema", "container_format", "disk_format", "locations", "direct_url", "stores",
    }
)  # fmt: skip


@collector()
async def flavors(visit: Visit) -> Flavors:
    """One request a page: since microversion 2.61 extra specs come with the list."""
    rows = await visit.cloud.items(
        "compute", "/flavors/detail", "flavors", params={"limit": _MANY}, microversion=_EXTRA_SPECS_SINCE
    )
    return Flavors(items=reading("a flavor", _flavor, rows))


@collector()
async def images(visit: Visit) -> Images:
    """Four requests: glance lists community and hidden images only when asked for just these."""
    queries = [
        {"visibility": visibility, "os_hidden": hidden, "limit": _MANY}
        for visibility in ("public", "community")
        for hidden in ("false", "true")
    ]
    lists = await asyncio.gather(*(visit.cloud.items("image", "/images", "images", params=query) for query in queries))
    rows = {str(row.get("id")): row for rows in lists for row in rows}
    return Images(items=reading("an image", _image, rows.values()))


@collector()
async def volume_types(visit: Visit) -> VolumeTypes:
    """One request a page."""
    rows = await visit.cloud.items("block-storage", "/types", "volume_types", params={"limit": _MANY})
    return VolumeTypes(items=reading("a volume type", _volume_type, rows))


@collector()
async def default_security_group_rules(visit: Visit) -> DefaultSecurityGroupRules:
    """Read the template (since OpenStack 2023.2); where there is none, the project's own groups. Creates nothing."""
    path, key = "/default-security-group-rules", "default_security_group_rules"
    try:
        rows = await visit.cloud.items("network", path, key)
    except CloudNotFoundError:
        return await _rules_of_own_groups(visit.cloud)
    return DefaultSecurityGroupRules(items=reading("a security group rule", _template_rule, rows))


@collector()
async def catalog(visit: Visit) -> Catalog:
    """No request of its own: it came with the token."""
    return await visit.cloud.catalog()


@collector()
async def member(visit: Visit) -> Member:
    """No request of its own: it came with the token."""
    return await visit.cloud.member()


@collector()
async def s3_probe(visit: Visit) -> S3Probe:
    """Ask the host of the object store for buckets with an invented access key (one request).

    Whoever speaks S3 refuses it with an S3 error document (Ceph with `InvalidAccessKeyId`, Swift before keystone with
    `SignatureDoesNotMatch`), because without the key no signature can be verified. So the signature need only look like
    one, beside a date that is looked at first, and no S3 library is needed. Our token is not sent along.

    The host's root is asked, as in the testcase of scs-0123. Where the catalog has `object-store-s3` instead of
    `object-store`, that endpoint is asked.
    """
    url = await s3_address(visit.cloud)
    answer = await visit.cloud.ask(url, headers=_s3_headers(visit.at.astimezone(UTC)))
    code = _S3_CODE.search(answer.content)
    if code is None and _XML.match(answer.content) and not _XML_END.search(answer.content):
        raise CloudProtocolError(
            f"{answer.call} answered {answer.status} with XML that breaks off.",
            hint="Try again; if it stays, ask the cloud's administrator about load balancers that cut answers.",
            request_id=answer.request_id,
        )
    return S3Probe(url=url, http_status=answer.status, error_code=code[1].decode() if code else "")


def _flavor(row: Row) -> Flavor:
    if "extra_specs" not in row:
        raise CloudRefusedError(
            "The cloud does not show the extra specs of its flavors to a project member.",
            hint="Ask its administrator to allow `os_compute_api:os-flavor-extra-specs:index` for project readers.",
        )
    return Flavor(
        id=str(row["id"]),
        name=str(row["name"]),
        vcpus=int(row["vcpus"]),
        ram_mib=int(row["ram"]),
        disk_gib=int(row["disk"]),
        extra_specs=_texts(row["extra_specs"]),
        is_public=bool(row.get("os-flavor-access:is_public", True)),
    )


def _image(row: Row) -> Image:
    return Image(
        id=str(row["id"]),
        name=str(row["name"] or ""),
        status=str(row["status"]),
        visibility=str(row["visibility"]),
        is_hidden=bool(row.get("os_hidden", False)),
        size_bytes=None if row.get("size") is None else int(row["size"]),
        min_disk_gib=int(row.get("min_disk") or 0),
        min_ram_mib=int(row.get("min_ram") or 0),
        created_at=_moment(str(row["created_at"])),
        hash_algo=row.get("os_hash_algo"),
        disk_format=str(row.get("disk_format") or ""),
        virtual_size_bytes=None if row.get("virtual_size") is None else int(row["virtual_size"]),
        properties=_texts({key: value for key, value in row.items() if key not in _OF_THE_API}),
    )


def _volume_type(row: Row) -> VolumeType:
    return VolumeType(
        id=str(row["id"]),
        name=str(row["name"]),
        description=str(row.get("description") or ""),
        extra_specs=_texts(row.get("extra_specs") or {}),
    )


def _template_rule(row: Row) -> SecurityGroupRule:
    return _rule(
        row,
        remote_group=row.get("remote_group_id"),
        in_default=bool(row["used_in_default_sg"]),
        in_others=bool(row["used_in_non_default_sg"]),
    )


async def s3_address(cloud: OpenStackCloud) -> str:
    """Return where the object store of the cloud should speak S3."""
    try:
        endpoint = urlsplit(await cloud.endpoint("object-store"))
    except CloudNotFoundError as absent:
        try:
            return await cloud.endpoint("object-store-s3")
        except CloudNotFoundError:
            raise absent from None
    return urlunsplit((endpoint.scheme, endpoint.netloc, "/", "", ""))


def _s3_headers(now: datetime) -> dict[str, str]:
    scope = f"doesnotexist/{now:%Y%m%d}/us-east-1/s3/aws4_request"
    signed = "host;x-amz-content-sha256;x-amz-date"
    return {
        "Accept": "application/xml",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={64 * '0'}",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
    }


async def _rules_of_own_groups(cloud: OpenStackCloud) -> DefaultSecurityGroupRules:
    groups = await cloud.items("network", "/security-groups", "security_groups", params={"limit": _MANY})
    rows = [(group, rule) for group in groups for rule in group.get("security_group_rules") or ()]
    return DefaultSecurityGroupRules(
        items=reading(
            "a security group rule", lambda pair: _rule_of_a_group(**pair), ({"group": g, "row": r} for g, r in rows)
        ),
        from_template=False,
    )


def _rule_of_a_group(group: Row, row: Row) -> SecurityGroupRule:
    remote, is_default = row.get("remote_group_id"), group["name"] == "default"
    own = remote is not None and remote == group["id"]
    return _rule(row, remote_group=SAME_GROUP if own else remote, in_default=is_default, in_others=not is_default)


def _rule(row: Row, *, remote_group: str | None, in_default: bool, in_others: bool) -> SecurityGroupRule:
    return SecurityGroupRule(
        direction=str(row["direction"]),
        ethertype=str(row["ethertype"]),
        protocol=None if row.get("protocol") is None else str(row["protocol"]),
        port_range_min=row.get("port_range_min"),
        port_range_max=row.get("port_range_max"),
        remote_ip_prefix=row.get("remote_ip_prefix"),
        remote_group=remote_group,
        used_in_default_group=in_default,
        used_in_other_groups=in_others,
        id=str(row.get("id") or ""),
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items() if value is not None}


def _moment(text: str) -> datetime:
    """Parse a time of an API; they are UTC, with or without saying so."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
