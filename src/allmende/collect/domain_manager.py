"""What a domain manager can do, and cannot, by trying it as one; everything that is made is removed again.

What is tried follows scs-0302-v1, «Design Considerations». Only a refusal and a success are answers: where the service
fails, nothing is known.
"""

from dataclasses import dataclass
from typing import Any

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.collector import collector
from allmende.collect.trying import REFUSALS, tried, words
from allmende.collect.visit import Visit
from allmende.errors import CloudNotFoundError, CloudProtocolError
from allmende.facts.domain_manager import DomainManager
from allmende.facts.trials import Trial

USUAL_DOMAIN = "default"
KINDS = ("user", "project", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trying:
    """A manager at work: the door, what is held, the own domain, another one and a project of it, where known."""

    cloud: OpenStackCloud
    holding: Holding
    own: str
    other: str
    foreign_project: str

    async def ask(self, what: str, method: str, path: str, document: object | None = None) -> Trial:
        return await tried(what, self.cloud.request("identity", method, path, json=document))


@collector(seconds=300.0, usual_seconds=10.0, creates=True)
async def domain_manager(visit: Visit) -> DomainManager:
    """Some forty requests with the manager's account."""
    account = visit.manager
    member = await account.cloud.member()
    own = await account.cloud.domain_id()
    if own is None or await account.cloud.project_id() is not None:
        raise CloudProtocolError(
            "The token of the domain manager is not for a domain.",
            hint=f"Give `{account.cloud.name}` in clouds.yaml a `domain_name:` under `auth:`, and no project.",
        )
    async with account.leases.held() as holding:
        trying = _Trying(
            cloud=account.cloud,
            holding=holding,
            own=own,
            other=await _another_domain(visit, own),
            foreign_project=await _foreign_project(visit, own),
        )
        made, within = await _within(trying)
        beyond = await _beyond(trying)
        powers = await _powers(trying, made)
        within += await _removed(trying, made)
    return DomainManager(
        user=member.user,
        domain=member.project or own,
        roles=member.roles,
        within=tuple(within),
        beyond=tuple(beyond),
        powers=tuple(powers),
    )


async def _another_domain(visit: Visit, own: str) -> str:
    """Return the domain of the account that the cloud is looked at with, else the one that Keystone always makes."""
    members = await visit.cloud.domain_id()
    return members if members not in (None, own) else USUAL_DOMAIN if own != USUAL_DOMAIN else ""


async def _foreign_project(visit: Visit, own: str) -> str:
    """Return the project that the cloud is looked at with, where that is of another domain."""
    return (await visit.cloud.project_id() or "") if await visit.cloud.domain_id() != own else ""


async def _within(trying: _Trying) -> tuple[dict[str, str], list[Trial]]:
    """Create, list, change and connect things of the own domain; return what was made, by kind, and what became."""
    made: dict[str, str] = {}
    trials = []
    for kind in KINDS:
        trials.append(await tried(f"create a {kind}", _create(trying, kind, trying.own, made)))
        if kind in made:
            trials.append(await tried(f"find the {kind} in the list", _listed(trying, kind, made[kind])))
            change = {kind: {"description": "changed"}}
            trials.append(await trying.ask(f"change the {kind}", "PATCH", f"/{kind}s/{made[kind]}", change))
    if len(made) == len(KINDS):
        member = await _role(trying, "member")
        grant = f"/projects/{made['project']}/users/{made['user']}/roles/{member}"
        membership = f"/groups/{made['group']}/users/{made['user']}"
        trials += [
            await trying.ask("grant the role member in a project", "PUT", grant),
            await trying.ask("see the grant of the role member", "HEAD", grant),
            await trying.ask("revoke the role member in a project", "DELETE", grant),
            await trying.ask("add a user to a group", "PUT", membership),
            await trying.ask("take a user from a group", "DELETE", membership),
        ]
    return made, trials


async def _beyond(trying: _Trying) -> list[Trial]:
    """Look for another domain in every list, and create things in it."""
    trials = [await _only_own(trying, kind) for kind in KINDS]
    trials.append(await _only_own(trying, "domain", "id"))
    if not trying.other:
        return trials
    for kind in KINDS:
        made: dict[str, str] = {}
        creating = _create(trying, kind, trying.other, made, purpose=f"foreign-{kind}")
        trials.append(await tried(f"create a {kind} in another domain", creating))
    trials.append(await trying.ask("see another domain", "GET", f"/domains/{trying.other}"))
    if trying.foreign_project:
        trials.append(await trying.ask("see a project of another domain", "GET", f"/projects/{trying.foreign_project}"))
    return trials


async def _powers(trying: _Trying, made: dict[str, str]) -> list[Trial]:
    """Grant admin to our own user, and make a role."""
    trials = []
    if "user" in made and "project" in made:
        admin = await _role(trying, "admin")
        user = made["user"]
        in_project = f"/projects/{made['project']}/users/{user}/roles/{admin}"
        in_domain = f"/domains/{trying.own}/users/{user}/roles/{admin}"
        trials += [
            await trying.ask("grant the role admin in a project", "PUT", in_project),
            await trying.ask("grant the role admin in the domain", "PUT", in_domain),
        ]
    trials.append(await tried("create a role", trying.holding.create("role", "role", {})))
    return trials


async def _removed(trying: _Trying, made: dict[str, str]) -> list[Trial]:
    return [
        await tried(f"delete the {kind}", trying.holding.give_back(made[kind]))
        for kind in ("group", "project", "user")
        if kind in made
    ]


async def _create(trying: _Trying, kind: str, domain: str, made: dict[str, str], purpose: str = "") -> None:
    wish: dict[str, Any] = {"domain_id": domain, "description": "a test of a domain manager"}
    if kind == "user":
        wish["enabled"] = False  # nobody signs in with it
    made[kind] = await trying.holding.create(kind, purpose or kind, wish)


async def _listed(trying: _Trying, kind: str, identifier: str) -> None:
    rows = await trying.cloud.items("identity", f"/{kind}s", f"{kind}s", params={"domain_id": trying.own})
    if identifier not in {row["id"] for row in rows}:
        raise CloudNotFoundError(f"The list of {kind}s answered 200, without the {kind} that was just created.")


async def _only_own(trying: _Trying, kind: str, key: str = "domain_id") -> Trial:
    """Look whether a list holds something of another domain; that the list is refused is as good."""
    what = f"see a {kind} of another domain in the list"
    try:
        rows = await trying.cloud.items("identity", f"/{kind}s", f"{kind}s")
    except REFUSALS as error:
        return Trial(what=what, succeeded=False, answer=words(error), status=error.status)
    foreign = [row for row in rows if row.get(key) != trying.own]
    if foreign:
        return Trial(
            what=what, succeeded=True, answer=f"{len(foreign)} of {len(rows)}, such as {foreign[0].get('name')}"
        )
    return Trial(what=what, succeeded=False, answer=f"{len(rows)} listed, none of another domain")


async def _role(trying: _Trying, name: str) -> str:
    rows = await trying.cloud.items("identity", "/roles", "roles", params={"name": name})
    found = [str(row["id"]) for row in rows if row["name"] == name]
    if not found:
        raise CloudNotFoundError(
            f"The domain manager does not find the role {name}.", hint="Managers must be allowed to list roles."
        )
    return found[0]
