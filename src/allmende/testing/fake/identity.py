"""Identity: tokens and their revocation, EC2 credentials, application credentials."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from allmende.testing.fake.engine import rows_of
from allmende.testing.fake.errors import unauthenticated
from allmende.testing.fake.model import (
    NAMES,
    OPERATOR,
    PATHS,
    PROJECT,
    USER,
    Call,
    Fields,
    Kind,
    RefusedError,
    Reply,
    Resource,
    Route,
    State,
    json_reply,
)

_DOMAIN = {"id": "default", "name": "Default"}


def without_token(state: State, call: Call) -> Reply | None:
    """Return what is answered to everybody: the versions and new tokens; None for anything else."""
    match call.method, call.path.rstrip("/"):
        case "GET", "/identity":
            return json_reply({"versions": {"values": [_version(call)]}}, 300)
        case "GET", "/identity/v3":
            return json_reply({"version": _version(call)})
        case "POST", "/identity/v3/auth/tokens":
            return _token(state, call)
        case _:
            return None


def _version(call: Call) -> Fields:
    links = [{"rel": "self", "href": f"{call.base}/identity/v3/"}]
    return {"id": "v3.14", "status": "stable", "links": links, "updated": "2020-04-07T00:00:00Z"}


def _token(state: State, call: Call) -> Reply:
    identity = call.under("auth")["identity"]
    roles = _roles_of(state, identity)
    if roles is None:
        return unauthenticated()
    claims = {
        "methods": identity["methods"],
        "user": {"id": USER, "name": _user_of(state, identity), "domain": _DOMAIN},
        "project": {"id": PROJECT, "name": "demo", "domain": _DOMAIN},
        "roles": [{"id": f"role-{name}", "name": name} for name in roles],
    }
    return issued(state, call, claims)


def issued(state: State, call: Call, claims: Fields) -> Reply:
    """Return a new token that says who it is for, with the catalog."""
    token = f"canary-token-{next(state.serial)}"
    shown = {
        **claims,
        "issued_at": _moment(call.now),
        "expires_at": _moment(call.now + state.token_lifetime),
        "catalog": [_catalog_entry(state, call, service) for service in _listed(state)],
    }
    state.tokens.add(token)
    state.token_documents[token] = shown
    return json_reply({"token": shown}, 201, {"X-Subject-Token": token})


def _user_of(state: State, identity: Mapping[str, Any]) -> str:
    given = identity.get("password", {}).get("user", {}).get("name")
    return OPERATOR if given == OPERATOR else state.user


def _roles_of(state: State, identity: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the roles that an identity gets; None where it is not admitted."""
    admitted: bool
    match identity["methods"]:
        case ["password"]:
            user = identity["password"]["user"]
            if (user.get("name"), user.get("password")) == (OPERATOR, state.operator_password):
                return ("admin", "member", "reader")
            admitted = user.get("name") == state.user and user.get("password") == state.password
        case ["application_credential"]:
            given = identity["application_credential"]
            made = state.resources.find("application_credential", given.get("id"))
            if made:
                secret_fits = made.secret["secret"] == given.get("secret")
                return tuple(role["name"] for role in made.fields["roles"]) if secret_fits else None
            known = (state.credential_id, state.credential_secret)
            admitted = not state.credential_expired and (given.get("id"), given.get("secret")) == known
        case ["token"]:
            admitted = identity["token"]["id"] in state.tokens
        case _:
            admitted = False
    return state.roles if admitted else None


def _listed(state: State) -> list[str]:
    """Return the services in the catalog; one that the fake cloud does not serve by itself is at its root, as S3 is."""
    return [*(service for service in PATHS if service in state.services), *sorted(state.services - PATHS.keys())]


def _catalog_entry(state: State, call: Call, service: str) -> Fields:
    endpoints = [
        {"id": f"{service}-{side}-{region}", "interface": side, "region": region, "region_id": region, "url": url}
        for region, url in (
            *((other, f"{call.base}/elsewhere/{other}") for other in state.other_regions),
            (state.region, state.provision.addresses.get(service, call.base + PATHS.get(service, "/"))),
        )
        for side in ("public", "internal")
        if side == "internal" or service not in state.provision.without_public_address
    ]
    return {"id": service, "type": service, "name": NAMES.get(service, service), "endpoints": endpoints}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _subject(state: State, call: Call) -> str:
    subject = call.headers.get("x-subject-token", "")
    if not subject:
        raise RefusedError(403, "You are not authorized to perform the requested action: identity:validate_token.")
    if subject not in state.tokens:
        raise RefusedError(404, "Failed to validate token")
    return subject


def _validate(state: State, call: Call) -> Reply:
    return json_reply({"token": state.token_documents[_subject(state, call)]})


def _revoke(state: State, call: Call) -> Reply:
    subject = _subject(state, call)
    if state.revocation_works:
        state.tokens.discard(subject)
    return Reply(status=204)


def _new_ec2(state: State, _call: Call, given: Fields) -> Fields:
    if given.get("tenant_id") != PROJECT:
        raise RefusedError(
            403, "You are not authorized to perform the requested action: identity:ec2_create_credential."
        )
    access = state.new_id().replace("-", "")
    secret = f"canary-{state.new_id()}"
    return {"user_id": USER, "tenant_id": PROJECT, "access": access, "secret": secret, "trust_id": None}


def _present_ec2(_state: State, call: Call, credential: Resource) -> Fields:
    return {"links": {"self": f"{call.base}/identity/v3/users/{USER}/credentials/OS-EC2/{credential.id}"}}


def _new_application(state: State, _call: Call, given: Fields) -> Fields:
    name = given.get("name")
    if state.resources.of("application_credential", name=name):
        message = (
            f"Conflict occurred attempting to store application_credential - Duplicate entry found with name {name}."
        )
        raise RefusedError(409, message)
    roles = [role.get("name") or str(role.get("id")).removeprefix("role-") for role in given.get("roles") or []]
    if unknown := set(roles) - set(state.roles):
        raise RefusedError(400, f"Invalid application credential: Could not find role assignment with role: {unknown}.")
    return {
        "id": state.new_id().replace("-", ""),
        "name": name,
        "description": given.get("description"),
        "user_id": USER,
        "project_id": PROJECT,
        "system": None,
        "expires_at": given.get("expires_at"),
        "unrestricted": given.get("unrestricted"),
        "roles": [{"id": f"role-{role}", "name": role} for role in roles or state.roles],
    }


def _application_made(state: State, call: Call, made: Resource) -> None:
    given = call.under("application_credential").get("secret")
    made.secret = {"secret": given or f"canary-{state.new_id()}", "shown": False}


def _present_application(_state: State, call: Call, made: Resource) -> Fields:
    links = {"links": {"self": f"{call.base}/identity/v3/application_credentials/{made.id}"}}
    if made.secret.get("shown", True):
        return links
    made.secret["shown"] = True
    return {"secret": made.secret["secret"], **links}


def _list(kind: Kind, state: State, call: Call) -> Reply:
    rows = [row for _, row in rows_of(state, call, kind, {})]
    links = {"next": None, "self": f"{call.base}{call.path}", "previous": None}
    return json_reply({kind.plural: rows, "links": links})


def _ec2_list(state: State, call: Call, **_user: str) -> Reply:
    return _list(EC2, state, call)


def _projects(_state: State, _call: Call) -> Reply:
    links = {"self": "", "previous": None, "next": None}
    return json_reply({"projects": [{"id": PROJECT, "name": "demo", "domain_id": "default"}], "links": links})


def _application_list(state: State, call: Call, **_user: str) -> Reply:
    return _list(APPLICATION, state, call)


EC2 = Kind(
    name="ec2_credential", service="identity", path="/users/{user_id}/credentials/OS-EC2", key="credential",
    plural="credentials", build=_new_ec2, present=_present_ec2, identified_by="access", bare_request=True,
    absent=("", "Could not find credential: {id}."),
)  # fmt: skip
APPLICATION = Kind(
    name="application_credential", service="identity", path="/users/{user_id}/application_credentials",
    plural="application_credentials", build=_new_application, made=_application_made, present=_present_application,
    absent=("", "Could not find Application Credential: {id}."),
)  # fmt: skip
KINDS = (EC2, APPLICATION)
ROUTES = (
    Route(service="identity", method="GET", path="/auth/projects", run=_projects),
    Route(service="identity", method="GET", path="/auth/tokens", run=_validate),
    Route(service="identity", method="DELETE", path="/auth/tokens", run=_revoke),
    Route(service="identity", method="GET", path="/users/{user}/credentials/OS-EC2", run=_ec2_list),
    Route(service="identity", method="GET", path="/users/{user}/application_credentials", run=_application_list),
)
