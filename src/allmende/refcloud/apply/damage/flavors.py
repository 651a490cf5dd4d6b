"""The states of flavors: the whole of one, or some of its extra specs."""

from collections.abc import Iterable
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.model.defects import State

_WITH_EXTRA_SPECS = "2.61"
_GIVEN = (
    "id",
    "name",
    "vcpus",
    "ram",
    "disk",
    "swap",
    "rxtx_factor",
    "description",
    "OS-FLV-EXT-DATA:ephemeral",
    "os-flavor-access:is_public",
)


async def flavor(cloud: OpenStackCloud, name: str) -> State:
    """Return everything that a flavor is made from; empty when there is none of that name."""
    found = await _found(cloud, name)
    if found is None:
        return {}
    return {key: found[key] for key in (*_GIVEN, "extra_specs") if key in found}


async def bring_flavor(cloud: OpenStackCloud, name: str, state: State) -> None:
    """Make the flavor `name` what `state` says, or remove it. Figures cannot be changed: the flavor is made anew."""
    present = await flavor(cloud, name)
    if present == state:
        return
    if present:
        await cloud.request("compute", "DELETE", f"/flavors/{present['id']}")
    if state:
        await _make(cloud, state)


async def extra_specs(cloud: OpenStackCloud, name: str, keys: Iterable[str]) -> State:
    """Return the values of some extra specs, None for one that is not set; empty when there is no such flavor."""
    found = await _found(cloud, name)
    if found is None:
        return {}
    return {"id": found["id"], "values": {key: found["extra_specs"].get(key) for key in keys}}


async def bring_extra_specs(cloud: OpenStackCloud, state: State) -> None:
    """Give the flavor the extra specs of `state`, and remove those that are None there."""
    path = f"/flavors/{state['id']}/os-extra_specs"
    present = (await cloud.request("compute", "GET", path)).object()["extra_specs"]
    values = {key: value for key, value in state["values"].items() if value is not None}
    if values:
        await cloud.request("compute", "POST", path, json={"extra_specs": values})
    for key in (state["values"].keys() - values) & present.keys():
        await cloud.request("compute", "DELETE", f"{path}/{key}")


async def _make(cloud: OpenStackCloud, state: State) -> None:
    figures = {key: value for key, value in state.items() if key != "extra_specs" and value is not None}
    figures["swap"] = figures.get("swap") or 0  # the API shows «no swap» as an empty text
    answer = await cloud.request(
        "compute", "POST", "/flavors", json={"flavor": figures}, microversion=_WITH_EXTRA_SPECS
    )
    if state["extra_specs"]:
        path = f"/flavors/{answer.object()['flavor']['id']}/os-extra_specs"
        await cloud.request("compute", "POST", path, json={"extra_specs": state["extra_specs"]})


async def _found(cloud: OpenStackCloud, name: str) -> dict[str, Any] | None:
    rows = await cloud.items(
        "compute", "/flavors/detail", "flavors", params={"is_public": "None"}, microversion=_WITH_EXTRA_SPECS
    )
    return next((row for row in rows if row["name"] == name), None)
