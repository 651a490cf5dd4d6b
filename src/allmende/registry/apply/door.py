"""The door that messages leave through to addresses which users chose: only to the public internet, if not told else.

Each name is resolved here, once, and only a public address is connected to. Redirections are not followed.
"""

import socket
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

import httpcore

from allmende import __version__
from allmende.registry.apply.undelivered import UndeliveredError

TIMEOUT_S = 10.0


def send(method: str, address: str, body: bytes, headers: Mapping[str, str], *, private_allowed: bool = False) -> None:
    """Send JSON; UndeliveredError when it was not answered with a status of success.

    With `private_allowed` the address may lead to loopback and private networks.
    """
    usual = {"Content-Type": "application/json", "User-Agent": f"allmende/{__version__}"}
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)
    try:
        with httpcore.ConnectionPool(network_backend=_PublicNetwork(private_allowed=private_allowed)) as pool:
            answer = pool.request(
                method,
                address,
                headers=[*usual.items(), *headers.items()],
                content=body,
                extensions={"timeout": timeouts},
            )
    except httpcore.TimeoutException:
        raise UndeliveredError(f"No answer within {TIMEOUT_S:.0f} s.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError) as error:
        raise UndeliveredError(f"It cannot be reached: {error}.") from None
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise UndeliveredError(f"It answered with the HTTP status {answer.status}.")


class _PublicNetwork(httpcore.SyncBackend):
    """Connects to addresses of the public internet only; what a name means is asked once, and that is connected to."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address ({error.strerror})") from error
        address = str(found[0][4][0])
        if not self._private_allowed and not all(_is_public(str(each[4][0])) for each in found):
            raise httpcore.ConnectError(f"{host} is in a network that is not public")
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def _is_public(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast
