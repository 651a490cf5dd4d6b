"""Users, projects, groups, roles and domains, as a domain manager sees and changes them."""

from functools import partial

from allmende.testing.fake import identity
from allmende.testing.fake.model import Call, Fields, RefusedError, Reply, Route, State, json_reply
from allmende.testing.fake.provision import MANAGER, MANAGERS_DOMAIN

KINDS = ()
_OF_DOMAINS = ("users", "projects", "groups")


def manager_token(state: State, call: Call) -> Reply | None:
    """Return the token of the domain manager; None for any other call."""
    if (call.method, call.path.rstrip("/")) != ("POST", "/identity/v3/auth/tokens"):
        return None
    asked = call.under("auth")
    user = asked["identity"].get("password", {}).get("user", {})
    if user.get("name") != "carol" or user.get("password") != state.provision.manager_password:
        return None
    domain = {"id": MANAGERS_DOMAIN, "name": "village"}
    return identity.issued(
        state,
        call,
        {
            "methods": ["password"],
            "user": {"id": MANAGER, "name": "carol", "domain": domain},
            "domain": domain,
            "roles": [{"id": f"role-{name}", "name": name} for name in state.provision.manager_roles],
        },
    )


def _manage(state: State, call: Call, action: str, domain: str | None = MANAGERS_DOMAIN) -> None:
    """Refuse what is asked without a manager's token, or about another domain."""
    token = state.token_documents[call.headers["x-auth-token"]]
    is_manager = token.get("domain", {}).get("id") == MANAGERS_DOMAIN
    reaches = domain == MANAGERS_DOMAIN or "reach" in state.provision.managers_may
    if not is_manager or not reaches:
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:{action}.")


def _rows(state: State, kind: str) -> dict[str, Fields]:
    return state.provision.identities[kind]


def _found(state: State, kind: str, which: str) -> Fields:
    try:
        return _rows(state, kind)[which]
    except KeyError:
        raise RefusedError(404, f"Could not find {kind[:-1]}: {which}.") from None


def _domain_of(kind: str, row: Fields) -> str | None:
    return str(row["id"]) if kind == "domains" else row.get("domain_id")


def _list(state: State, call: Call, kind: str) -> Reply:
    _manage(state, call, f"list_{kind}")
    everything = kind == "roles" or "look" in state.provision.managers_may
    shown = [
        row
        for row in _rows(state, kind).values()
        if (everything or _domain_of(kind, row) == MANAGERS_DOMAIN)
        and all(str(row.get(key)) == value for key, value in call.query.items() if key in row)
    ]
    return json_reply({kind: shown, "links": {"next": None, "self": "", "previous": None}})


def _show(state: State, call: Call, kind: str, which: str) -> Reply:
    row = _found(state, kind, which)
    _manage(state, call, f"get_{kind[:-1]}", _domain_of(kind, row))
    return json_reply({kind[:-1]: row})


def _create(state: State, call: Call, kind: str) -> Reply:
    given = call.under(kind[:-1])
    if kind not in _OF_DOMAINS and "role" not in state.provision.managers_may:
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:create_{kind[:-1]}.")
    _manage(state, call, f"create_{kind[:-1]}", given.get("domain_id", MANAGERS_DOMAIN))
    if kind in state.provision.managers_may_not:
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:create_{kind[:-1]}.")
    row = {**given, "id": state.new_id().replace("-", "")}
    _rows(state, kind)[row["id"]] = row
    return json_reply({kind[:-1]: row}, 201)


def _change(state: State, call: Call, kind: str, which: str) -> Reply:
    row = _found(state, kind, which)
    _manage(state, call, f"update_{kind[:-1]}", _domain_of(kind, row))
    row |= call.under(kind[:-1])
    return json_reply({kind[:-1]: row})


def _delete(state: State, call: Call, kind: str, which: str) -> Reply:
    row = _found(state, kind, which)
    _manage(state, call, f"delete_{kind[:-1]}", _domain_of(kind, row) or MANAGERS_DOMAIN)
    del _rows(state, kind)[which]
    return Reply(status=204)


def _grant(state: State, call: Call, where: str, place: str, user: str, role: str) -> Reply:
    _found(state, "users", user)
    _manage(state, call, "create_grant", _domain_of(where, _found(state, where, place)))
    if _found(state, "roles", role)["name"] == "admin" and "admin" not in state.provision.managers_may:
        raise RefusedError(403, "You are not authorized to perform the requested action: identity:create_grant.")
    return Reply(status=204)


def _membership(state: State, call: Call, group: str, user: str) -> Reply:
    _found(state, "users", user)
    _manage(state, call, "add_user_to_group", _domain_of("groups", _found(state, "groups", group)))
    return Reply(status=204)


ROUTES = (
    *(
        Route(service="identity", method=method, path="/{where}/{place}/users/{user}/roles/{role}", run=_grant)
        for method in ("PUT", "HEAD", "DELETE")
    ),
    *(
        Route(service="identity", method=method, path="/groups/{group}/users/{user}", run=_membership)
        for method in ("PUT", "DELETE")
    ),
    *(
        Route(service="identity", method=method, path=f"/{kind}{path}", run=partial(run, kind=kind))
        for kind in ("users", "projects", "groups", "roles", "domains")
        for method, path, run in (
            ("GET", "", _list),
            ("POST", "", _create),
            ("GET", "/{which}", _show),
            ("PATCH", "/{which}", _change),
            ("DELETE", "/{which}", _delete),
        )
    ),
)
