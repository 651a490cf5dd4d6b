"""GovStack: an ordinary member can demand, by a server group, that guests share a host or that they do not."""

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.settling import WentWrongError
from allmende.collect.attempting import Work, working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.govstack import ServerGroupWork

POLICIES = ("affinity", "anti-affinity")


@collector(seconds=240, usual_seconds=2, creates=True, needs={"compute.server_groups": 1})
async def server_group_work(visit: Visit) -> ServerGroupWork:
    """Three requests for each policy."""
    async with working(visit, ServerGroupWork) as (work, holding):
        for policy in POLICIES:
            await _tried(visit.cloud, holding, work, policy)
    return ServerGroupWork(attempts=work.attempts)


async def _tried(cloud: OpenStackCloud, holding: Holding, work: Work, policy: str) -> None:
    group = await work.step(
        f"create a server group with the policy {policy}",
        holding.create("server group", policy, {"policies": [policy]}),
    )
    await work.step(f"see the policy {policy} in it", _policy(cloud, group, policy), seen=str)
    await work.step(f"remove the server group with the policy {policy}", holding.give_back(group))


async def _policy(cloud: OpenStackCloud, group: str, wanted: str) -> str:
    row = (await cloud.request("compute", "GET", f"/os-server-groups/{group}")).object()["server_group"]
    policies = [*row.get("policies", ()), *filter(None, [row.get("policy")])]
    if wanted not in policies:
        raise WentWrongError(f"it has the policies {', '.join(policies) or 'none'}")
    return wanted
