"""Making keystone's catalogue, roles and service users what the plan says. What is right already is left alone."""

import asyncio
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.plan import CatalogEndpoint, Catalogue, ServiceUser

_SERVICE_PROJECT = "service"
_ROLES_OF_SERVICES = ("admin", "service")
_INTERFACES = ("public", "internal")


async def register(cloud: OpenStackCloud, catalogue: Catalogue) -> None:
    """Bring the identity service to the state of `catalogue`; may be repeated."""
    await Registration(cloud, catalogue).run()


class Registration:
    """One pass: what is there is read once, what is missing is made concurrently."""

    def __init__(self, cloud: OpenStackCloud, catalogue: Catalogue) -> None:
        self._cloud = cloud
        self._catalogue = catalogue

    async def run(self) -> None:
        """Make roles and project first, then users and endpoints."""
        roles = await self._roles()  # alone: a keystone that just started reads its policy during its first request
        project, _ = await asyncio.gather(self._project(), self._endpoints())
        users = {user["name"]: user["id"] for user in await self._list("/users", "users", domain_id="default")}
        async with asyncio.TaskGroup() as group:
            for user in self._catalogue.users:
                group.create_task(self._user(user, users.get(user.name), project, roles))

    async def _roles(self) -> dict[str, str]:
        roles = {role["name"]: str(role["id"]) for role in await self._list("/roles", "roles")}
        for name in self._catalogue.roles:
            if name not in roles:
                roles[name] = await self._create("/roles", "role", {"name": name})
        return roles

    async def _project(self) -> str:
        found = await self._list("/projects", "projects", name=_SERVICE_PROJECT, domain_id="default")
        if found:
            return str(found[0]["id"])
        return await self._create("/projects", "project", {"name": _SERVICE_PROJECT, "domain_id": "default"})

    async def _user(self, user: ServiceUser, known: str | None, project: str, roles: dict[str, str]) -> None:
        wanted = {"name": user.name, "domain_id": "default", "password": user.password, "default_project_id": project}
        if known is None:
            known = await self._create("/users", "user", wanted)
        else:
            await self._cloud.request(
                "identity", "PATCH", f"/users/{known}", json={"user": {"password": user.password}}
            )
        for role in _ROLES_OF_SERVICES:
            await self._cloud.request("identity", "PUT", f"/projects/{project}/users/{known}/roles/{roles[role]}")

    async def _endpoints(self) -> None:
        found = await self._list("/services", "services")
        for service in found:
            await self._enabled("service", service)
        services = {service["type"]: str(service["id"]) for service in found}
        endpoints = await self._list("/endpoints", "endpoints")
        async with asyncio.TaskGroup() as group:
            for endpoint in self._catalogue.endpoints:
                group.create_task(self._endpoint(endpoint, services, endpoints))

    async def _endpoint(self, endpoint: CatalogEndpoint, services: dict[str, str], known: list[dict[str, Any]]) -> None:
        service = services.get(endpoint.type)
        if service is None:
            service = await self._create("/services", "service", {"name": endpoint.service, "type": endpoint.type})
        for interface in _INTERFACES:
            mine = [e for e in known if e["service_id"] == service and e["interface"] == interface]
            if not mine:
                wanted = {"service_id": service, "interface": interface, "region_id": self._catalogue.region}
                await self._create("/endpoints", "endpoint", {**wanted, "url": endpoint.url})
                continue
            await self._enabled("endpoint", mine[0])
            if mine[0]["url"] != endpoint.url:
                change = {"endpoint": {"url": endpoint.url}}
                await self._cloud.request("identity", "PATCH", f"/endpoints/{mine[0]['id']}", json=change)

    async def _enabled(self, kind: str, entry: dict[str, Any]) -> None:
        if not entry["enabled"]:
            await self._cloud.request("identity", "PATCH", f"/{kind}s/{entry['id']}", json={kind: {"enabled": True}})

    async def _list(self, path: str, key: str, **params: str) -> list[dict[str, Any]]:
        return await self._cloud.items("identity", path, key, params=params)

    async def _create(self, path: str, key: str, wanted: dict[str, Any]) -> str:
        answer = await self._cloud.request("identity", "POST", path, json={key: wanted})
        return str(answer.object()[key]["id"])
