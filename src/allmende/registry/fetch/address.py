"""The address of a registry: what is one, and which is on this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from allmende.errors import UsageError


def checked(registry: str) -> str:
    """Return the address without a slash at its end; UsageError when it is none."""
    parts = urlsplit(registry)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{registry!r} is no address of a registry.", hint="It begins with https:// or http://.")
    return registry.rstrip("/")


def is_loopback(url: str) -> bool:
    """Tell whether the address is on this machine: a proxy of the environment is not asked for that."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
