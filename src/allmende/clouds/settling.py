"""Waiting until something that was created is what it should be, or has become an error instead."""

from typing import Any

from allmende.clouds.kinds import KINDS
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.waiting import until


class WentWrongError(Exception):
    """What was made became an error; the text is what the cloud says about it."""


async def settled(cloud: OpenStackCloud, kind: str, identifier: str, wanted: str) -> dict[str, Any]:
    """Return the thing when it has the status `wanted`; WentWrongError when it becomes an error instead."""
    of_kind = KINDS[kind]
    last: dict[str, Any] = {}

    async def is_settled() -> bool:
        answer = (await cloud.request(of_kind.service, "GET", f"{of_kind.path}/{identifier}")).object()
        last.clear()
        last.update(of_kind.unwrapped(answer))
        status = of_kind.status(last)
        if "error" in status.lower() or status == "killed" or status.endswith("_FAILED"):
            raise WentWrongError(f"{kind} {identifier} became {status}{_reason(last)}")
        return status == wanted

    await until(is_settled)
    return last


def _reason(row: dict[str, Any]) -> str:
    fault = row.get("fault") or {}
    words = str(fault.get("message") or row.get("fail_reason") or row.get("stack_status_reason") or "")
    return f": {words}" if words else ""
