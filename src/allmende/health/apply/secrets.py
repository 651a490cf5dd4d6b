"""The scenario `secrets`: a secret is stored, found, read back and removed."""

from collections.abc import Mapping

from allmende.clouds.settling import WentWrongError
from allmende.health.apply.stage import Deed, Stage
from allmende.health.model.scenario import Scenario, Step

STORE = "store a secret"
FIND = "find the secret in the list"
READ = "read the secret back"
REMOVE = "remove the secret"

_PURPOSE = "secret"
_TEXT = "text/plain"


async def _store(stage: Stage) -> str:
    wish = {"payload": stage.secret, "payload_content_type": _TEXT, "secret_type": "opaque"}
    return await stage.holding.create("secret", _PURPOSE, wish)


async def _find(stage: Stage) -> None:
    name = stage.holding.name(_PURPOSE)
    rows = await stage.cloud.items("key-manager", "/secrets", "secrets", params={"name": name})
    if name not in {row.get("name") for row in rows}:
        raise WentWrongError("the list does not show it")


async def _read(stage: Stage) -> None:
    path = f"/secrets/{stage.result(STORE)}/payload"
    answer = await stage.cloud.request("key-manager", "GET", path, headers={"Accept": _TEXT})
    if answer.content.decode("utf-8", "replace") != stage.secret:
        raise WentWrongError("other bytes came back than were stored")


async def _remove(stage: Stage) -> None:
    await stage.holding.give_back(stage.result(STORE))


DEEDS: Mapping[str, Deed] = {STORE: _store, FIND: _find, READ: _read, REMOVE: _remove}
SCENARIO = Scenario(
    name="secrets",
    summary="a secret is stored, found, read back and removed",
    steps=(
        Step(name=STORE, service="key-manager", seconds=30),
        Step(name=FIND, service="key-manager", needs=(STORE,), seconds=30),
        Step(name=READ, service="key-manager", needs=(STORE,), seconds=30),
        Step(name=REMOVE, service="key-manager", needs=(STORE,), after=(FIND, READ), seconds=30),
    ),
    creates=True,
    seconds=120,
)
