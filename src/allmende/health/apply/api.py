"""The scenario `api`: every service of the catalog is asked for a list, and for one thing of it. Nothing is created."""

from dataclasses import dataclass

from allmende.health.apply.stage import Deed, MissingError, Stage
from allmende.health.model.scenario import Scenario, Step

_MOST = "20"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """What a service is asked for: the list at `path`, called `key` in the answer; nothing more where it has none."""

    service: str
    path: str
    key: str = ""
    limit: str = "limit"

    @property
    def list_step(self) -> str:
        return f"list {self.key.replace('_', ' ') or 'the account'}"

    @property
    def read_step(self) -> str:
        return f"read one of the {self.key.replace('_', ' ')}"


_LISTED = (
    _Listed(service="identity", path="/auth/projects", key="projects", limit=""),
    _Listed(service="compute", path="/flavors/detail", key="flavors"),
    _Listed(service="compute", path="/servers", key="servers"),
    _Listed(service="image", path="/images", key="images"),
    _Listed(service="network", path="/networks", key="networks"),
    _Listed(service="network", path="/security-groups", key="security_groups"),
    _Listed(service="block-storage", path="/volumes", key="volumes"),
    _Listed(service="load-balancer", path="/lbaas/loadbalancers", key="loadbalancers"),
    _Listed(service="key-manager", path="/secrets", key="secrets"),
    _Listed(service="dns", path="/zones", key="zones"),
    _Listed(service="orchestration", path="/stacks", key="stacks"),
    _Listed(service="object-store", path=""),
)
_READ = frozenset({"images", "networks", "security_groups"})
"""What each project has one of, as a rule."""

TOKEN = "get a token"  # noqa: S105 -- the name of a step


async def _token(stage: Stage) -> str:
    token = await stage.cloud.another_token()
    return f"until {token.expires_at:%Y-%m-%d %H:%M} UTC"


def _listing(listed: _Listed) -> Deed:
    async def deed(stage: Stage) -> list[str]:
        params = {listed.limit: _MOST} if listed.key and listed.limit else {}
        answer = await stage.cloud.request(listed.service, "GET", listed.path, params=params)
        return [str(row["id"]) for row in answer.object()[listed.key] if "id" in row] if listed.key else []

    return deed


def _reading(listed: _Listed) -> Deed:
    async def deed(stage: Stage) -> None:
        ids = stage.result(listed.list_step)
        if not ids:
            raise MissingError(f"There are no {listed.key.replace('_', ' ')} to read.")
        await stage.cloud.request(listed.service, "GET", f"{listed.path}/{ids[0]}")

    return deed


DEEDS: dict[str, Deed] = {
    TOKEN: _token,
    **{each.list_step: _listing(each) for each in _LISTED},
    **{each.read_step: _reading(each) for each in _LISTED if each.key in _READ},
}
SCENARIO = Scenario(
    name="api",
    summary="every service answers: a token, a list, one thing of it",
    steps=(
        Step(name=TOKEN, service="identity", seconds=30),
        *(Step(name=each.list_step, service=each.service, seconds=30) for each in _LISTED),
        *(
            Step(name=each.read_step, service=each.service, needs=(each.list_step,), seconds=30)
            for each in _LISTED
            if each.key in _READ
        ),
    ),
    creates=False,
    seconds=60,
)
