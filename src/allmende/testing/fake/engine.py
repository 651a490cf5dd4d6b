"""Create, list, show, change and delete, for every kind alike, and what time does to resources."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from allmende.testing.fake.model import (
    GONE,
    Call,
    Fields,
    Kind,
    Reference,
    RefusedError,
    Reply,
    Resource,
    State,
    Tie,
    json_reply,
)

_NO_FILTERS = frozenset({"limit", "marker", "offset", "sort", "sort_key", "sort_dir", "fields", "all_tenants"})


def answer(state: State, call: Call, kind: Kind, scope: Fields, which: str | None) -> Reply:
    """Return the reply to a call on the collection of a kind, or on the one of its resources that `which` names."""
    match call.method, which:
        case "POST", None:
            return _created(state, call, kind, scope)
        case "GET", None | "detail":
            return _listed(state, call, kind, scope, in_short=bool(kind.in_short) and which is None)
        case "GET", _:
            look(state, need(state, kind, which))
            return _reply(kind, document(state, call, need(state, kind, which)), 200)
        case "PUT" | "PATCH", str():
            resource = need(state, kind, which)
            resource.fields |= call.under(kind.wrapper)
            return _reply(kind, document(state, call, resource), 200)
        case "DELETE", str():
            look(state, need(state, kind, which))  # time passes for a thing that is asked for again and again
            delete(state, call, need(state, kind, which))
            return Reply(status=kind.deleted)
        case _:
            raise RefusedError(404, "The resource could not be found.")


def need(state: State, kind: Kind, identifier: object, status: int = 404) -> Resource:
    """Return a resource, or refuse the call in the words of its service."""
    found = state.resources.find(kind.name, identifier)
    if found is None:
        word, message = kind.absent
        raise RefusedError(status, message.format(id=identifier), word)
    return found


def create(
    state: State, kind: Kind, fields: Fields, *, content: bytes = b"", passing: str = "", cause: str = ""
) -> Resource:
    """Keep a new resource, in its passing status if it has one. `cause` is what `stuck` and `wrong` call it."""
    identifier = str(fields.setdefault(kind.identified_by, state.new_id()))
    resource = state.resources.add(Resource(kind=kind, id=identifier, fields=fields, content=content))
    passes(state, resource, passing or kind.passing, kind.final, cause=cause or kind.name)
    return resource


def passes(state: State, resource: Resource, passing: str, then: str, *, cause: str) -> None:
    """Let a resource pass through a status on its way to another."""
    if cause in state.wrong:
        resource.secret["words"] = state.wrong[cause]
        then = resource.kind.failed_leaving if then == GONE else resource.kind.failed
    resource.status, resource.then = (passing, then) if passing else (then, None)
    resource.looks = -1 if cause in state.stuck else state.polls


def delete(state: State, call: Call, resource: Resource) -> None:
    """Delete a resource, or begin to; refuse it while others hold it or its status forbids it."""
    kind = resource.kind
    if kind.before_delete:
        kind.before_delete(state, call, resource)
    holders = [row.id for row in tied(state, resource, Tie.HOLDS)]
    if holders or (kind.deletable and resource.status not in kind.deletable):
        look(state, resource)  # who is refused for now has looked as well, and asks again
        status, word, message = kind.busy
        raise RefusedError(status, message.format(id=resource.id, holders=",".join(holders)), word)
    if kind.leaving and resource.then == GONE:
        return
    if kind.leaving:
        passes(state, resource, kind.leaving, GONE, cause=f"delete {kind.name}")
    else:
        remove(state, resource)


def remove(state: State, resource: Resource) -> None:
    """Let a resource be gone, and what goes with it."""
    state.resources.discard(resource)
    for row in tied(state, resource, Tie.FOLLOWS):
        remove(state, row)
    for row in state.resources:
        for reference in _references(row, resource, Tie.LETS_GO):
            row.fields[reference.field] = None
    if resource.kind.gone:
        resource.kind.gone(state, resource)


def look(state: State, resource: Resource) -> None:
    """Note that somebody looks; a resource that was looked at often enough moves on."""
    if resource.then is None or resource.looks < 0:
        return
    if resource.looks > 0:
        resource.looks -= 1
    elif resource.then == GONE:
        remove(state, resource)
    else:
        settle(state, resource)


def settle(state: State, resource: Resource) -> None:
    """Let a resource reach what it is on the way to."""
    resource.status, resource.then = resource.then or resource.status, None
    if resource.kind.settled:
        resource.kind.settled(state, resource)


def document(state: State, call: Call, resource: Resource) -> Fields:
    """Return what the API shows of a resource."""
    kind = resource.kind
    status = {kind.status_field: resource.status} if resource.status else {}
    more = kind.present(state, call, resource) if kind.present else {}
    return {key: value for key, value in {**resource.fields, **status, **more}.items() if key not in kind.unseen}


def used(state: State, kind: str) -> int:
    """Return how many of a kind count against the quota."""
    return sum(1 for row in state.resources.of(kind) if not row.furniture)


def within_quota(state: State, kind: Kind) -> None:
    """Refuse another one of a kind whose quota is used up."""
    limit, count = state.quota.get(kind.name, -1), used(state, kind.name)
    if 0 <= limit <= count:
        status, word, message = kind.over
        raise RefusedError(status, message.format(used=count, limit=limit), word)


def tied(state: State, resource: Resource, tie: Tie) -> list[Resource]:
    """Return the resources that refer to this one in this way."""
    return [row for row in state.resources if any(_references(row, resource, tie))]


def list_reply(state: State, call: Call, kind: Kind, rows: Sequence[tuple[str, Fields]]) -> Reply:
    """Return one page of a list, with the link to the next as the service gives it."""
    page, following = page_of(state, call, rows)
    listed: Fields = {kind.plural: page}
    if kind.service == "image":
        listed["schema"] = "/v2/schemas/images"
        if following:
            listed["next"] = "/v2" + following.partition("/v2")[2]
    elif following or kind.service == "load-balancer":
        listed[f"{kind.plural}_links"] = [{"rel": "next", "href": following}] if following else []
    return json_reply(listed)


def page_of(state: State, call: Call, rows: Sequence[tuple[str, Fields]]) -> tuple[list[Fields], str]:
    """Return the rows of one page, and the address of the next one or an empty text."""
    ids = [identifier for identifier, _ in rows]
    marker = call.query.get("marker")
    start = ids.index(marker) + 1 if marker in ids and not state.pages_never_end else 0
    page = rows[start : start + min(state.page_size, int(call.query.get("limit", state.page_size)))]
    more = page and (state.pages_never_end or start + len(page) < len(rows))
    query = urlencode({**call.query, "marker": page[-1][0]}) if more else ""
    return [row for _, row in page], f"{call.base}{call.path}?{query}" if more else ""


def matches(row: Fields, query: Mapping[str, str], *, regex: bool = False) -> bool:
    """Decide whether a row is what a list was asked for; filters that the row does not know are ignored."""
    wanted = {key: value for key, value in query.items() if key in row and key not in _NO_FILTERS}
    if regex and "name" in wanted and not re.search(wanted.pop("name"), str(row["name"])):
        return False
    return all(str(row[key]).lower() == value.lower() for key, value in wanted.items())


def rows_of(state: State, call: Call, kind: Kind, scope: Fields) -> list[tuple[str, Fields]]:
    """Return every row of a kind that the call asks for, each looked at once."""
    for resource in state.resources.of(kind.name):
        look(state, resource)
    if kind.name in state.unlisted:
        return []
    rows = [(resource.id, document(state, call, resource)) for resource in state.resources.of(kind.name, **scope)]
    return [(i, row) for i, row in rows if matches(row, call.query, regex=kind.names_are_patterns)]


def _created(state: State, call: Call, kind: Kind, scope: Fields) -> Reply:
    fields = kind.build(state, call, call.under("" if kind.bare_request else kind.wrapper) | scope)
    within_quota(state, kind)
    made = create(state, kind, fields)
    if kind.made:
        kind.made(state, call, made)
    shown = document(state, call, made)
    return _reply(kind, {key: shown[key] for key in kind.in_reply or shown if key in shown}, kind.created)


def _listed(state: State, call: Call, kind: Kind, scope: Fields, *, in_short: bool) -> Reply:
    rows = rows_of(state, call, kind, scope)
    if in_short:
        rows = [(i, {key: row[key] for key in kind.in_short}) for i, row in rows]
    return list_reply(state, call, kind, rows)


def _reply(kind: Kind, shown: Fields, status: int) -> Reply:
    return json_reply({kind.wrapper: shown} if kind.wrapper else shown, status)


def _references(row: Resource, target: Resource, tie: Tie) -> Iterator[Reference]:
    for reference in row.kind.refers:
        pointed = (reference.tie, reference.kind) == (tie, target.kind.name)
        if pointed and _mentions(row.fields.get(reference.field), target.id):
            yield reference


def _mentions(value: Any, identifier: str) -> bool:
    match value:
        case str():
            return value == identifier
        case Mapping():
            return any(_mentions(inner, identifier) for inner in value.values())
        case Sequence():
            return any(_mentions(inner, identifier) for inner in value)
        case _:
            return False


def route_pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of a path with {names} in it."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\.")))
