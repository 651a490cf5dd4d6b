"""Which address a path of an API has, given what the catalog lists; and whether it is on this machine.

Catalogs list the same service as `http://host:9292`, `…/v2` or `…/v2/PROJECT`. Asking each service for its versions
costs one request each and trusts links that are often wrong behind a proxy; the standard prefixes are enough for the
APIs that Allmende speaks.
"""

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "block-storage": "v3/{project}",
        "compute": "v2.1",
        "dns": "v2",
        "identity": "v3",
        "image": "v2",
        "key-manager": "v1",
        "load-balancer": "v2",
        "network": "v2.0",
        "orchestration": "v1/{project}",
    }
)
_VERSION = re.compile(r"/v\d+(\.\d+)?(/|$)")


def address(service_type: str, endpoint: str, path: str, project_id: str | None) -> str:
    """Return the address of `path`, which is relative to the root of the API's version.

    The version is the endpoint's own where it names one. An absolute address is returned unchanged.
    """
    if path.startswith(("http://", "https://")):
        return path
    root = endpoint.rstrip("/")
    if service_type in PREFIXES and not _VERSION.search(root):
        root = f"{root}/{PREFIXES[service_type].format(project=project_id or '')}".rstrip("/")
    return f"{root}/{path.lstrip('/')}"


def is_loopback(url: str) -> bool:
    """Tell whether an address is this machine's own, by its number or as `localhost`."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
