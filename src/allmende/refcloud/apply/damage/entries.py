"""The states of single entries of an API: volume types, services, endpoints, quotas, roles, the rules' template."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.defects import State
from allmende.refcloud.model.furniture import Account
from allmende.refcloud.rules.damage import IN_USE

_RULES = "/default-security-group-rules"
_WORKERS = {"compute": "2.53"}  # where workers have ids
_NOT_OF_A_RULE = frozenset({"id", "standard_attr_id", "description", "project_id", "tenant_id"})


async def volume_type(cloud: OpenStackCloud, name: str) -> State:
    """Return the description of a volume type."""
    rows = await cloud.items("block-storage", "/types", "volume_types", params={"is_public": "None"})
    found = next((row for row in rows if row["name"] == name), None)
    return {"id": found["id"], "name": name, "description": found.get("description")} if found else {}


async def bring_volume_type(cloud: OpenStackCloud, state: State) -> None:
    """Give the volume type the description of `state`."""
    change = {"volume_type": {"name": state["name"], "description": state["description"]}}
    await cloud.request("block-storage", "PUT", f"/types/{state['id']}", json=change)


async def default_rules(cloud: OpenStackCloud) -> State:
    """Return every rule of the template for security groups, sorted, without the values that are not set."""
    return {"rules": sorted(map(_essence, await _rules(cloud)), key=lambda rule: sorted(map(str, rule.items())))}


async def bring_default_rules(cloud: OpenStackCloud, state: State) -> None:
    """Make the template hold exactly the rules of `state`; a rule that stays keeps its id."""
    present = await _rules(cloud)
    await asyncio.gather(
        *(
            cloud.request("network", "DELETE", f"{_RULES}/{row['id']}")
            for row in present
            if _essence(row) not in state["rules"]
        )
    )
    held = [_essence(row) for row in present]
    for rule in state["rules"]:
        if rule not in held:
            await cloud.request("network", "POST", _RULES, json={"default_security_group_rule": rule})


async def service(cloud: OpenStackCloud, type_: str) -> State:
    """Return whether the service of that type is in catalogs."""
    found = await cloud.items("identity", "/services", "services", params={"type": type_})
    return {"id": found[0]["id"], "enabled": found[0]["enabled"]} if found else {}


async def public_endpoint(cloud: OpenStackCloud, type_: str) -> State:
    """Return whether the public endpoint of that type is in catalogs."""
    owner = await service(cloud, type_)
    if not owner:
        return {}
    query = {"service_id": owner["id"], "interface": "public"}
    found = await cloud.items("identity", "/endpoints", "endpoints", params=query)
    return {"id": found[0]["id"], "enabled": found[0]["enabled"]} if found else {}


async def bring_service(cloud: OpenStackCloud, state: State) -> None:
    """Put the service into catalogs, or take it out."""
    change = {"service": {"enabled": state["enabled"]}}
    await cloud.request("identity", "PATCH", f"/services/{state['id']}", json=change)


async def bring_endpoint(cloud: OpenStackCloud, state: State) -> None:
    """Put the endpoint into catalogs, or take it out."""
    change = {"endpoint": {"enabled": state["enabled"]}}
    await cloud.request("identity", "PATCH", f"/endpoints/{state['id']}", json=change)


async def worker(cloud: OpenStackCloud, service_type: str, binary: str) -> State:
    """Return whether the API gives the worker something to do."""
    found = await cloud.items(
        service_type, "/os-services", "services", params={"binary": binary}, microversion=_WORKERS.get(service_type)
    )
    return {key: found[0].get(key) for key in ("id", "binary", "host", "status")} if found else {}


async def bring_worker(cloud: OpenStackCloud, service_type: str, state: State) -> None:
    """Enable or disable the worker."""
    if service_type in _WORKERS:
        path, change = f"/os-services/{state['id']}", {"status": state["status"]}
    else:
        path, change = f"/os-services/{state['status'][:-1]}", {key: state[key] for key in ("binary", "host")}
    await cloud.request(service_type, "PUT", path, json=change, microversion=_WORKERS.get(service_type))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much of something the user's project may have."""

    service: str
    key: str
    account: Account

    async def state(self, cloud: OpenStackCloud) -> State:
        """Return the quota."""
        return {"value": (await self._shown(cloud, ""))[self.key]}

    async def bring(self, cloud: OpenStackCloud, state: State) -> None:
        """Set the quota; no service lets it be lower than what is in use."""
        value = state["value"]
        if value == IN_USE:
            with_usage = {"compute": "/detail", "block-storage": "?usage=True"}[self.service]
            value = (await self._shown(cloud, with_usage))[self.key]["in_use"]
        await cloud.request(self.service, "PUT", await self._path(cloud), json={"quota_set": {self.key: value}})

    async def _shown(self, cloud: OpenStackCloud, form: str) -> Mapping[str, Any]:
        answer = await cloud.request(self.service, "GET", await self._path(cloud) + form)
        shown: Mapping[str, Any] = answer.object()["quota_set"]
        return shown

    async def _path(self, cloud: OpenStackCloud) -> str:
        return f"/os-quota-sets/{await _project(cloud, self.account)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role of the user in the project."""

    role: str
    account: Account

    async def state(self, cloud: OpenStackCloud) -> State:
        """Return whether the user has the role."""
        held = await cloud.items("identity", await self._grants(cloud), "roles")
        return {"held": any(row["name"] == self.role for row in held)}

    async def bring(self, cloud: OpenStackCloud, state: State) -> None:
        """Give the user the role, or take it."""
        if (await self.state(cloud))["held"] != state["held"]:
            path = f"{await self._grants(cloud)}/{await _id(cloud, 'roles', self.role)}"
            await cloud.request("identity", "PUT" if state["held"] else "DELETE", path)

    async def _grants(self, cloud: OpenStackCloud) -> str:
        domain = await _id(cloud, "domains", self.account.domain)
        user = await _id(cloud, "users", self.account.user, domain_id=domain)
        return f"/projects/{await _project(cloud, self.account)}/users/{user}/roles"


async def _rules(cloud: OpenStackCloud) -> list[dict[str, Any]]:
    return await cloud.items("network", _RULES, "default_security_group_rules")


def _essence(row: dict[str, Any]) -> dict[str, Any]:
    essence = {key: value for key, value in row.items() if key not in _NOT_OF_A_RULE and value is not None}
    return {key: str(value) if key.startswith("port_range") else value for key, value in essence.items()}


async def _project(cloud: OpenStackCloud, account: Account) -> str:
    return await _id(cloud, "projects", account.project, domain_id=await _id(cloud, "domains", account.domain))


async def _id(cloud: OpenStackCloud, kind: str, name: str, **owner: str) -> str:
    found = await cloud.items("identity", f"/{kind}", kind, params={"name": name, **owner})
    return str(found[0]["id"])
