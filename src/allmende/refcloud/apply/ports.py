"""Which ports of this machine's loopback are free at this moment."""

import socket


def is_free(port: int) -> bool:
    """Return whether nobody listens on `port`, on loopback or on every address."""
    for address in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 -- bound for an instant, never listened on
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that just ended do not count
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
