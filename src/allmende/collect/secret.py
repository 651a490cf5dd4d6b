"""scs-0116: an ordinary member stores a secret, finds it, reads it back, and removes it."""

from base64 import b64encode
from secrets import token_bytes

from allmende.clouds.settling import WentWrongError
from allmende.collect.attempting import working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.openstack_work import SecretWork

SECONDS = 60.0
_PAYLOAD_BYTES = 24


@collector(seconds=240, usual_seconds=1, creates=True)
async def secret_work(visit: Visit) -> SecretWork:
    """Four requests, and one to remove the secret."""
    await visit.cloud.endpoint("key-manager")  # a cloud without one has nothing to try
    payload = b64encode(token_bytes(_PAYLOAD_BYTES)).decode()
    is_same = None
    async with working(visit, SecretWork) as (work, holding):
        wish = {"payload": payload, "payload_content_type": "text/plain", "secret_type": "opaque"}
        secret = await work.step(
            "store a secret",
            holding.create("secret", "secret", wish),
            seen=lambda identifier: f"stored as {identifier}",
            seconds=SECONDS,
        )
        await work.step("find it in the list", _listed(visit, holding.name("secret")), seconds=SECONDS)
        read = await work.step(
            "read it back",
            _payload(visit, secret),
            seen=lambda text: "as stored" if text == payload else "other bytes",
            seconds=SECONDS,
        )
        is_same = read == payload
    return SecretWork(attempts=work.attempts, is_same=is_same)


async def _listed(visit: Visit, name: str) -> None:
    rows = await visit.cloud.items("key-manager", "/secrets", "secrets", params={"name": name})
    if name not in {row.get("name") for row in rows}:
        raise WentWrongError("the list does not show it")


async def _payload(visit: Visit, secret: str) -> str:
    answer = await visit.cloud.request(
        "key-manager", "GET", f"/secrets/{secret}/payload", headers={"Accept": "text/plain"}
    )
    return answer.content.decode("utf-8", "replace")
