"""GovStack: a token lives no longer than a day and can be revoked; whoever has only the role reader changes nothing.

The token that is revoked is issued for that alone; the one that the run works with stays as it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.settling import WentWrongError
from allmende.clouds.token import Token
from allmende.clouds.waiting import until
from allmende.collect.attempting import UNAUTHORIZED, StoppedError, Work, working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.errors import CloudAuthError
from allmende.facts.govstack import BE_ISSUED, MAKE_CREDENTIAL, SIGN_IN, USE_IT, ReaderWork, TokenWork

REVOCATION_SECONDS = 10.0
CREDENTIAL_LIFETIME = timedelta(hours=1)
FORBIDDEN = 403
READER = "reader"

_READ = (("network", "/networks"), ("compute", "/servers"), ("block-storage", "/volumes"))
_WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "network": {},
    "server group": {"policies": ["affinity"]},
    "volume": {"size": 1},
}
_WRITES = {
    "network.network": 1,
    "compute.server_groups": 1,
    "block-storage.volumes": 1,
    "block-storage.gigabytes": 1,
}


@collector(seconds=120, usual_seconds=1, creates=True)
async def token_work(visit: Visit) -> TokenWork:
    """Four requests or a few more; the token is revoked by itself, with itself."""
    cloud = visit.cloud
    work = Work(lambda words: visit.say(TokenWork, words))
    lifetime = None
    try:
        token = await work.step(
            BE_ISSUED,
            cloud.another_token(),
            seen=lambda token: f"valid for {token.lifetime.total_seconds() / 3600:g} hours",
        )
        lifetime = token.lifetime
        await work.step(USE_IT, _on_itself(cloud, "GET", token))
        await work.step("revoke it", _on_itself(cloud, "DELETE", token))
        await work.step(
            "wait until it is refused",
            until(lambda: _is_refused(cloud, token)),
            seen=lambda seconds: f"refused (401) after {seconds:.1f} s",
            seconds=REVOCATION_SECONDS,
        )
    except StoppedError:
        pass
    return TokenWork(attempts=work.attempts, lifetime=lifetime)


@collector(seconds=240, usual_seconds=2, creates=True, needs=_WRITES)
async def reader_work(visit: Visit) -> ReaderWork:
    """Nine requests; the application credential is removed again, and so is what it should not have created."""
    async with working(visit, ReaderWork) as (work, holding):
        credential = await work.step(MAKE_CREDENTIAL, _credential(holding, visit.at))
        reader = await work.step(SIGN_IN, visit.cloud.another_token(credential=credential))
        for service, path in _READ:
            await work.step(f"read {path.strip('/')} as reader", _read(visit.cloud, service, path, reader))
        for kind, wish in _WRITTEN.items():
            await work.step(
                f"be refused a {kind} as reader", _refused(holding, kind, wish, reader), seen=lambda words: words
            )
    return ReaderWork(attempts=work.attempts)


async def _on_itself(cloud: OpenStackCloud, method: str, token: Token) -> None:
    headers = {**token.header, "X-Subject-Token": token.value}
    await cloud.request("identity", method, "/auth/tokens", headers=headers, authenticated=False)


async def _is_refused(cloud: OpenStackCloud, token: Token) -> bool:
    try:
        await _on_itself(cloud, "GET", token)
    except CloudAuthError as error:
        if error.status == UNAUTHORIZED:
            return True
        raise
    return False


async def _credential(holding: Holding, at: datetime) -> tuple[str, str]:
    """Return id and secret of an application credential that has only the role reader."""
    secret = token_urlsafe(32)
    expires = (at + CREDENTIAL_LIFETIME).astimezone(UTC)
    wish = {
        "secret": secret,
        "roles": [{"name": READER}],
        "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    identifier = await holding.create("application credential", "reader", wish, confidential=True)
    return identifier, secret


async def _read(cloud: OpenStackCloud, service: str, path: str, reader: Token) -> None:
    await cloud.request(service, "GET", path, params={"limit": "1"}, headers=reader.header, authenticated=False)


async def _refused(holding: Holding, kind: str, wish: Mapping[str, Any], reader: Token) -> str:
    try:
        await holding.create(kind, "by-reader", wish, headers=reader.header, authenticated=False)
    except CloudAuthError as error:
        if error.status == FORBIDDEN:
            return f"refused ({FORBIDDEN})"
        raise
    raise WentWrongError("it was created")
