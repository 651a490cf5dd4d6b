"""Hand alarms to an Alertmanager of Prometheus (its API v2), which groups, routes and silences them."""

from allmende.registry.apply import door


def post(address: str, alerts: bytes, *, private_allowed: bool = False) -> None:
    """Send alerts; UndeliveredError when they were not taken. `address` is that of the Alertmanager."""
    door.send("POST", f"{address.rstrip('/')}/api/v2/alerts", alerts, {}, private_allowed=private_allowed)
