"""Orchestration: stacks of networks and subnets, which are remembered for a while after they were deleted."""

import ipaddress

from allmende.testing.fake.engine import create, delete, document, look, remove
from allmende.testing.fake.model import (
    Call,
    Fields,
    Kind,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    json_reply,
    seconds,
)
from allmende.testing.fake.network import NETWORK, SUBNET, network_fields, subnet_fields

_PARTS = "parts"
"""Where a stack keeps what was made of its template; the API does not show it."""


def _new_stack(state: State, call: Call, given: Fields) -> Fields:
    name, template = str(given.get("stack_name") or ""), given.get("template") or {}
    if state.resources.of("stack", stack_name=name):
        raise RefusedError(409, f"The Stack ({name}) already exists.")
    if "heat_template_version" not in template:
        raise RefusedError(400, "The template version is invalid: Template version was not provided.")
    return {"stack_name": name, "creation_time": seconds(call.now), "description": "", "template": template}


def _links(call: Call, stack: Fields) -> list[dict[str, str]]:
    collection = call.base + call.path.partition("/stacks")[0] + "/stacks"
    return [{"rel": "self", "href": f"{collection}/{stack['stack_name']}/{stack['id']}"}]


def _stack_made(state: State, call: Call, stack: Resource) -> None:
    stack.secret[_PARTS] = []
    if "stack" in state.wrong:
        return
    resources = stack.fields["template"].get("resources", {})
    networks: dict[str, Resource] = {}
    for name, wanted in resources.items():
        if wanted["type"] == "OS::Neutron::Net":
            networks[name] = create(state, NETWORK, network_fields(call, dict(wanted["properties"])))
            stack.secret[_PARTS].append(networks[name])
    for wanted in resources.values():
        if wanted["type"] == "OS::Neutron::Subnet":
            given = {**wanted["properties"], "network_id": networks[wanted["properties"]["network"]["get_resource"]].id}
            del given["network"]
            create(state, SUBNET, subnet_fields(call, given, ipaddress.ip_network(given["cidr"])))


def _present_stack(_state: State, call: Call, stack: Resource) -> Fields:
    reason = stack.secret.get("words") if stack.status.endswith("_FAILED") else f"Stack {stack.status}"
    return {"stack_status_reason": reason, "links": _links(call, stack.fields)}


def _stack_gone(state: State, stack: Resource) -> None:
    for part in stack.secret[_PARTS]:
        remove(state, part)
    state.deleted_stacks[stack.id] = {**stack.fields, "stack_status": "DELETE_COMPLETE"}


def _found(state: State, name: str) -> Fields:
    """Return the fields of a stack that is called by its name or id; what was deleted, by its id only."""
    for stack in state.resources.of("stack"):
        if name in (stack.id, stack.fields["stack_name"]):
            return stack.fields
    if name in state.deleted_stacks:
        return state.deleted_stacks[name]
    raise _absent(name)


def _elsewhere(state: State, call: Call, name: str) -> Reply:
    """Send whoever gives only a name or an id to the address that has both."""
    return json_reply({}, 302, {"Location": _links(call, _found(state, name))[0]["href"]})


def _show(state: State, call: Call, name: str, identifier: str) -> Reply:
    if stack := state.resources.find("stack", identifier):
        look(state, stack)
    if stack := state.resources.find("stack", identifier):
        return json_reply({"stack": document(state, call, stack)})
    if identifier in state.deleted_stacks:
        return json_reply({"stack": state.deleted_stacks[identifier]})
    raise _absent(name)


def _delete(state: State, call: Call, name: str, identifier: str) -> Reply:
    if stack := state.resources.find("stack", identifier):
        delete(state, call, stack)
        return Reply(status=204)
    raise _absent(name)


def _absent(name: str) -> RefusedError:
    return RefusedError(404, f"The Stack ({name}) could not be found.")


STACK = Kind(
    name="stack", service="orchestration", path="/stacks", plural="stacks", build=_new_stack, made=_stack_made,
    present=_present_stack, gone=_stack_gone, status_field="stack_status", passing="CREATE_IN_PROGRESS",
    final="CREATE_COMPLETE", failed="CREATE_FAILED", leaving="DELETE_IN_PROGRESS", failed_leaving="DELETE_FAILED",
    bare_request=True, in_reply=("id", "links"), unseen=frozenset({"template"}),
    over=(403, "", "You have reached the maximum stacks per tenant, {limit}. Please delete some stacks."),
)  # fmt: skip
KINDS = (STACK,)
ROUTES = (
    Route(service="orchestration", method="GET", path="/stacks/{name}", run=_elsewhere),
    Route(service="orchestration", method="DELETE", path="/stacks/{name}", run=_elsewhere),
    Route(service="orchestration", method="GET", path="/stacks/{name}/{identifier}", run=_show),
    Route(service="orchestration", method="DELETE", path="/stacks/{name}/{identifier}", run=_delete),
)
