"""Key manager: secrets, which are known by their address."""

import base64

from allmende.testing.fake.engine import document, need, rows_of
from allmende.testing.fake.model import (
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

_PAGE = 10


def _new_secret(_state: State, call: Call, given: Fields) -> Fields:
    payload, kind = given.get("payload"), given.get("payload_content_type")
    if payload is not None and not kind:
        raise RefusedError(
            400,
            "Provided object does not match schema 'Secret': If 'payload' is supplied, 'payload_content_type' must "
            "also be supplied.. Invalid property: 'payload_content_type'",
        )
    at = call.now.strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "created": at,
        "updated": at,
        "name": given.get("name"),
        "secret_type": given.get("secret_type", "opaque"),
        "expiration": given.get("expiration"),
        "algorithm": given.get("algorithm"),
        "bit_length": given.get("bit_length"),
        "mode": given.get("mode"),
        "creator_id": USER,
        **({"content_types": {"default": kind}} if payload is not None else {}),
    }


def _made(_state: State, call: Call, secret: Resource) -> None:
    given = call.under("")
    payload = str(given.get("payload") or "")
    encoded = given.get("payload_content_encoding") == "base64"
    secret.content = base64.b64decode(payload) if encoded else payload.encode()


def _present(_state: State, call: Call, secret: Resource) -> Fields:
    return {"secret_ref": f"{call.base}/key-manager/v1/secrets/{secret.id}"}


def _shown(state: State, call: Call, secret: Resource) -> Fields:
    return {key: value for key, value in document(state, call, secret).items() if key != "id"}


def _show(state: State, call: Call, secret: str) -> Reply:
    return json_reply(_shown(state, call, need(state, SECRET, secret)))


def _list(state: State, call: Call) -> Reply:
    rows = [_shown(state, call, need(state, SECRET, identifier)) for identifier, _ in rows_of(state, call, SECRET, {})]
    first, most = int(call.query.get("offset", 0)), min(int(call.query.get("limit", _PAGE)), state.page_size)
    more = f"{call.base}{call.path}?limit={most}&offset={first + most}"
    following = {"next": more} if first + most < len(rows) else {}
    return json_reply({"secrets": rows[first : first + most], "total": len(rows), **following})


def _payload(state: State, _call: Call, secret: str) -> Reply:
    found = need(state, SECRET, secret)
    kind = found.fields.get("content_types", {}).get("default")
    if kind is None:
        raise RefusedError(404, "Not Found. Sorry but your secret has no payload.")
    return Reply(body=found.content, content_type=kind)


SECRET = Kind(
    name="secret", service="key-manager", path="/v1/secrets", plural="secrets", key="", build=_new_secret, made=_made,
    present=_present, final="ACTIVE", in_reply=("secret_ref",), absent=("", "Secret not found."),
)  # fmt: skip
KINDS = (SECRET,)
ROUTES = (
    Route(service="key-manager", method="GET", path="/v1/secrets", run=_list),
    Route(service="key-manager", method="GET", path="/v1/secrets/{secret}", run=_show),
    Route(service="key-manager", method="GET", path="/v1/secrets/{secret}/payload", run=_payload),
)
