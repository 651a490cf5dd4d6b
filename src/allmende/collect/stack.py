"""GovStack: infrastructure that is described in a template comes about, and goes again, by the orchestration API."""

from typing import Any

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.settling import WentWrongError, settled
from allmende.collect.attempting import working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.govstack import StackWork

SECONDS = 300.0
_NEEDS = {"network.network": 1, "network.subnet": 1}


@collector(seconds=900, usual_seconds=15, creates=True, needs=_NEEDS)
async def stack_work(visit: Visit) -> StackWork:
    """Some ten requests, most of which ask whether the stack is complete or gone."""
    cloud = visit.cloud
    await cloud.endpoint("orchestration")
    async with working(visit, StackWork) as (work, holding):
        network = holding.name("stack-network")
        stack = await work.step("apply a template with a network and a subnet", _applied(cloud, holding, network))
        await work.step(
            "wait until it is complete",
            settled(cloud, "stack", stack, "CREATE_COMPLETE"),
            seen=lambda row: str(row["stack_status"]),
            seconds=SECONDS,
        )
        await work.step("see the network that it describes", _seen(cloud, network))
        await work.step("delete the stack", holding.give_back(stack), seconds=SECONDS)
    return StackWork(attempts=work.attempts)


async def _applied(cloud: OpenStackCloud, holding: Holding, network: str) -> str:
    async def ask(name: str) -> str:
        wish = {"stack_name": name, "template": _template(network), "timeout_mins": int(SECONDS // 60)}
        answer = await cloud.request("orchestration", "POST", "/stacks", json=wish)
        return str(answer.object()["stack"]["id"])

    return await holding.obtain("stack", "stack", ask)


def _template(network: str) -> dict[str, Any]:
    subnet = {"network": {"get_resource": "network"}, "ip_version": 4, "cidr": "10.249.29.0/24"}
    return {
        "heat_template_version": "2018-08-31",
        "resources": {
            "network": {"type": "OS::Neutron::Net", "properties": {"name": network}},
            "subnet": {"type": "OS::Neutron::Subnet", "properties": subnet},
        },
    }


async def _seen(cloud: OpenStackCloud, network: str) -> None:
    rows = await cloud.items("network", "/networks", "networks", params={"name": network})
    if not any(row.get("name") == network for row in rows):
        raise WentWrongError("the stack is complete, but there is no such network")
