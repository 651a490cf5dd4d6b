"""The ordinary user of the cloud: a domain with one project and one user, who has the roles asked for and no other."""

import asyncio
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.furniture import Account


async def account_exists(cloud: OpenStackCloud, account: Account) -> None:
    """Make domain, project, user and role assignments that are missing; set the user's password when it is new."""
    domain = await _entry(cloud, "domain", account.domain, {})
    owned = {"domain_id": domain["id"]}
    project, user, roles = await asyncio.gather(
        _entry(cloud, "project", account.project, owned),
        _entry(cloud, "user", account.user, owned, secret={"password": account.password}),
        asyncio.gather(*(_entry(cloud, "role", role, {}) for role in account.roles)),
    )
    grants = f"/projects/{project['id']}/users/{user['id']}/roles"
    wanted = {role["id"] for role in roles}
    held = {role["id"] for role in await cloud.items("identity", grants, "roles")}
    await asyncio.gather(
        *(cloud.request("identity", "PUT", f"{grants}/{role}") for role in wanted - held),
        *(cloud.request("identity", "DELETE", f"{grants}/{role}") for role in held - wanted),
    )


async def _entry(
    cloud: OpenStackCloud, kind: str, name: str, owner: dict[str, str], *, secret: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the domain, project, user or role called `name`, after making it when it is missing."""
    found = await cloud.items("identity", f"/{kind}s", f"{kind}s", params={"name": name, **owner})
    if found:
        return found[0]
    answer = await cloud.request(
        "identity", "POST", f"/{kind}s", json={kind: {"name": name, **owner, **(secret or {})}}
    )
    entry: dict[str, Any] = answer.object()[kind]
    return entry
