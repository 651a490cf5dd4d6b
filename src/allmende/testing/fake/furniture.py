"""What a cloud has before anybody creates anything: volume types, and a network to the outside."""

import ipaddress
from datetime import UTC, datetime

from allmende.testing.fake.engine import create, page_of
from allmende.testing.fake.model import Call, Reply, Route, State, json_reply
from allmende.testing.fake.network import NETWORK, SUBNET, network_fields, subnet_fields

OPERATORS_PROJECT = "0d9f3c1e7a5b4826b1c0d2e3f4a59687"
_OUTSIDE = ipaddress.ip_network("198.51.100.0/24")


def furnish(state: State) -> None:
    """Put the network to the outside into a new cloud."""
    call = Call(method="", path="", query={}, headers={}, body=b"", base="", now=datetime(2026, 1, 1, tzinfo=UTC))
    owner = {"project_id": OPERATORS_PROJECT, "tenant_id": OPERATORS_PROJECT}
    outside = network_fields(call, {"name": "public", "router:external": True, "is_default": True, **owner})
    network = create(state, NETWORK, outside)
    subnet = create(state, SUBNET, subnet_fields(call, {"network_id": network.id, "cidr": str(_OUTSIDE)}, _OUTSIDE))
    network.furniture = subnet.furniture = True


def _volume_types(state: State, call: Call) -> Reply:
    rows = [
        (
            kind.id,
            {"id": kind.id, "name": kind.name, "description": kind.description, "extra_specs": dict(kind.extra_specs)},
        )
        for kind in state.volume_types
    ]
    page, following = page_of(state, call, rows)
    links = {"volume_type_links": [{"rel": "next", "href": following}]} if following else {}
    return json_reply({"volume_types": page, **links})


ROUTES = (Route(service="block-storage", method="GET", path="/types", run=_volume_types),)
