"""Say a message in a room of Matrix (Client-Server API v1.18, `PUT …/rooms/{roomId}/send/{eventType}/{txnId}`)."""

import json
from urllib.parse import quote, urlsplit

from allmende.registry.apply import door


def say(address: str, token: str, id_: str, text: str, *, private_allowed: bool = False) -> None:
    """Say the text; UndeliveredError when it was not taken. The same `id_` is said once, however often it is sent.

    `address` is `https://HOMESERVER/!ROOM:SERVER`; `token` the access token of who says it, who has joined the room.
    """
    parts = urlsplit(address)
    place = (
        f"/_matrix/client/v3/rooms/{quote(parts.path.lstrip('/'), safe='')}/send/m.room.message/{quote(id_, safe='')}"
    )
    body = json.dumps({"msgtype": "m.text", "body": text}, ensure_ascii=False).encode()
    headers = {"Authorization": f"Bearer {token}"}
    target = f"{parts.scheme}://{parts.netloc}{place}"
    door.send("PUT", target, body, headers, private_allowed=private_allowed)
