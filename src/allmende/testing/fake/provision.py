"""What the operator of the fake cloud provides, and what that lets others do. Tests change it at any time."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

MANAGERS_DOMAIN = "a5b3c1d2e4f60718293a4b5c6d7e8f90"
MANAGER = "5f0d0e3b5c0f4c8c8f1c3a9d7b6e2a11"


def _identities() -> dict[str, dict[str, Row]]:
    domains: list[Row] = [
        {"id": "default", "name": "Default", "enabled": True},
        {"id": MANAGERS_DOMAIN, "name": "village", "enabled": True},
    ]
    roles = [
        {"id": f"role-{name}", "name": name, "domain_id": None} for name in ("admin", "manager", "member", "reader")
    ]
    users = [
        {"id": MANAGER, "name": "carol", "domain_id": MANAGERS_DOMAIN},
        {"id": "operator", "name": "operator", "domain_id": "default"},
    ]
    projects = [{"id": "4fd44f30292945e481c7b8a0c8908869", "name": "demo", "domain_id": "default"}]
    groups = [{"id": "staff", "name": "staff", "domain_id": "default"}]
    kinds: dict[str, list[Row]] = {
        "domains": domains,
        "roles": roles,
        "users": users,
        "projects": projects,
        "groups": groups,
    }
    return {kind: {str(row["id"]): row for row in rows} for kind, rows in kinds.items()}


@dataclass(kw_only=True)
class Provision:
    """Zones and their state by service; extensions of the Network API; shared subnet pools; zones of DNS.

    `addresses` are those in the catalog that are not the fake cloud's own, by service; services that are in
    `without_public_address` have only an internal endpoint there.
    `dns_domain` None means that ports keep the names that are made from their addresses. `members_may` names what the
    operator should forbid but does not: `provider`, `share`; `managers_may` likewise: `look`, `reach`, `admin`, `role`.
    `managers_may_not` names the kinds (`users`) that a domain manager cannot create.
    """

    addresses: dict[str, str] = field(default_factory=dict)
    without_public_address: set[str] = field(default_factory=set)
    compute_zones: dict[str, bool] = field(default_factory=lambda: {"nova": True})
    storage_zones: dict[str, bool] = field(default_factory=lambda: {"nova": True})
    network_zones: dict[str, bool] | None = field(default_factory=lambda: {"nova": True})
    extensions: set[str] = field(
        default_factory=lambda: {
            "auto-allocated-topology", "availability_zone", "dns-domain-ports", "dns-integration", "external-net",
            "port-security", "provider", "quota_details", "quotas", "rbac-policies", "router", "security-group",
            "security-groups-default-rules", "standard-attr-description", "subnet_allocation",
        }
    )  # fmt: skip
    subnet_pools: list[Row] = field(
        default_factory=lambda: [
            {"id": "pool-6", "name": "ipv6", "ip_version": 6, "shared": True, "is_default": True, "min_prefixlen": 64,
             "max_prefixlen": 128, "default_prefixlen": 64, "prefixes": ["2001:db8::/40"]},
        ]
    )  # fmt: skip
    dns_zones: list[str] = field(default_factory=list)
    dns_domain: str | None = "cloud.example."
    members_may: set[str] = field(default_factory=set)
    managers_may: set[str] = field(default_factory=set)
    managers_may_not: set[str] = field(default_factory=set)
    manager_roles: tuple[str, ...] = ("manager", "member", "reader")
    manager_password: str = "canary-manager-never-to-be-printed"  # noqa: S105 -- of a fake cloud on the loopback interface
    identities: dict[str, dict[str, Row]] = field(default_factory=_identities)
