"""POST a message to a webhook, signed as the Standard Webhooks specification says."""

from datetime import datetime

from standardwebhooks.webhooks import Webhook

from allmende.registry.apply import door


def post(address: str, secret: str, id_: str, body: bytes, now: datetime, *, private_allowed: bool = False) -> None:
    """Send the body; UndeliveredError when it was not taken. `secret` is in Base64."""
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(msg_id=id_, timestamp=now, data=body.decode()),
    }
    door.send("POST", address, body, headers, private_allowed=private_allowed)
