"""Whether this machine has a way to a cloud at all: if not, the monitor is blind, and the cloud is not to blame."""

import asyncio
import errno
import socket
from urllib.parse import urlsplit

_NO_WAY = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_NO_RESOLVER = frozenset({socket.EAI_AGAIN, socket.EAI_FAIL})
_HTTPS = 443


async def no_way_to(url: str) -> str:
    """Return why nothing there can be reached from this machine; an empty text when it has a way, or that is unknown.

    The kernel is asked for a route; nothing is sent. That a name does not exist is the cloud's affair, that nobody
    answers for names is this machine's.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port or _HTTPS, type=socket.SOCK_DGRAM
        )
    except socket.gaierror as error:
        return f"This machine cannot look up names ({error.strerror})." if error.errno in _NO_RESOLVER else ""
    whys = [_no_route(family, address) for family, _, _, _, address in found]
    return whys[0] if whys and all(whys) else ""


def _no_route(family: int, address: tuple[object, ...]) -> str:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError as error:
            return f"This machine has no way to {address[0]} ({error.strerror})." if error.errno in _NO_WAY else ""
    return ""
