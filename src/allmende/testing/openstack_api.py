"""What the fake cloud's APIs answer: a pure function from a state and a call to a reply.

Shapes, statuses and words follow the OpenStack APIs (identity v3, compute 2.1, image v2, network v2.0, block storage
v3, key manager v1, load balancer v2) and S3, as a real cloud answered; `resource_contract` asks both the same.
Orchestration v1 follows its documentation. What the generic engine answers for each kind of resource stands in the
tables of the modules in `fake`.
"""

import re

from allmende.testing.fake import (
    compute,
    domains,
    engine,
    furniture,
    identity,
    images,
    load_balancer,
    network,
    operator,
    provided,
    s3,
    secrets,
    security_groups,
    servers,
    stacks,
    volumes,
)
from allmende.testing.fake.errors import refusal, unauthenticated
from allmende.testing.fake.model import PATHS, Call, RefusedError, Reply, State

_MODULES = (
    provided,
    domains,
    compute,
    servers,
    volumes,
    images,
    network,
    security_groups,
    secrets,
    identity,
    load_balancer,
    stacks,
)
KINDS = tuple(kind for module in _MODULES for kind in module.KINDS)
_ROUTES = tuple(
    (route, engine.route_pattern(route.path)) for module in (operator, *_MODULES, furniture) for route in module.ROUTES
)
_COLLECTIONS = tuple((kind, engine.route_pattern(kind.path + "(?:/{which})?")) for kind in KINDS)
_READS = frozenset({"GET", "HEAD"})


def service_of(path: str) -> str:
    """Return the service type that a path belongs to; what belongs to none is S3's."""
    for service, prefix in PATHS.items():
        root = "/" + prefix.split("/")[1]
        if path == root or path.startswith(root + "/"):
            return service
    return "s3"


def reply(state: State, call: Call) -> Reply:
    """Return the cloud's reply to a call."""
    service = service_of(call.path)
    try:
        return s3.answer(state, call) if service == "s3" else _of_openstack(state, call, service)
    except RefusedError as refused:
        return refusal(service, refused)


def _of_openstack(state: State, call: Call, service: str) -> Reply:
    if service == "identity" and (token_of_manager := domains.manager_token(state, call)):
        return token_of_manager
    if service == "identity" and (open_to_all := identity.without_token(state, call)):
        return open_to_all
    if call.path in state.altered:
        return Reply(body=state.altered[call.path])
    token = call.headers.get("x-auth-token", "")
    if token not in state.tokens:
        return unauthenticated()
    if service not in ("identity", *state.readers_write) and call.method not in _READS:
        _may_change(state, token)
    return _answered(state, call, service, _path(call, service))


def _may_change(state: State, token: str) -> None:
    roles = {role["name"] for role in state.token_documents[token]["roles"]}
    if roles and not roles - {"reader"}:
        raise RefusedError(403, "Policy doesn't allow this to be performed.")


def _path(call: Call, service: str) -> str:
    path = call.path.removeprefix(PATHS[service]).rstrip("/")
    return re.sub(r"^/v2/", "/v2.0/", path) if service == "load-balancer" else path


def _answered(state: State, call: Call, service: str, path: str) -> Reply:
    for route, pattern in _ROUTES:
        if (route.service, route.method) == (service, call.method) and (found := pattern.fullmatch(path)):
            answered: Reply = route.run(state, call, **found.groupdict())
            return answered
    for kind, pattern in _COLLECTIONS:
        if kind.service == service and (found := pattern.fullmatch(path)):
            scope = dict(found.groupdict())
            which = scope.pop("which")
            return engine.answer(state, call, kind, scope, which)
    raise RefusedError(404, "The resource could not be found.")
