"""Decide what an error says: of the cloud, or only of the monitor, which is then blind and never blames the cloud."""

import re
from dataclasses import replace

from allmende.clouds.calls import Call
from allmende.errors import (
    CloudAuthError,
    CloudError,
    CloudFailedError,
    CloudNotFoundError,
    CloudProtocolError,
    CloudRefusedError,
    CloudTimeoutError,
    CloudUnreachableError,
)
from allmende.health.model.samples import FAULTS, Ending, Iteration, State

MOST_LAG_S = 2.0
"""How late the monitor may be at something before its figures say more of itself than of the cloud."""

_SERVER_ERROR, _CLIENT_ERROR = 500, 400
_UNAUTHORIZED, _TOO_MANY = 401, 429
_QUOTA = re.compile(r"quota|limit exceeded|exceeds.*limit", re.IGNORECASE)
_ID = re.compile(r"^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|\d+)$", re.IGNORECASE)
_OURS = re.compile(r"^allmende-[0-9a-f]{12}-.+$")


def ending_of(error: CloudError) -> Ending:
    """Return what an error in a step says of the cloud; a wrong credential and a full quota say nothing of it."""
    if isinstance(error, CloudTimeoutError):
        return Ending.TIMEOUT
    if isinstance(error, CloudUnreachableError):
        return Ending.UNREACHABLE
    if isinstance(error, CloudFailedError | CloudProtocolError):
        return Ending.ERROR
    if isinstance(error, CloudAuthError) and error.status in (None, _UNAUTHORIZED):
        return Ending.BLIND
    if error.status == _TOO_MANY or _QUOTA.search(str(error)):
        return Ending.BLIND
    if isinstance(error, CloudRefusedError | CloudNotFoundError | CloudAuthError):
        return Ending.REFUSED
    return Ending.ERROR


def ending_of_call(call: Call) -> Ending:
    """Return how a request ended. That something is not there (yet, or any more) is an answer like others."""
    if call.status is None:
        return ending_of(call.error) if call.error else Ending.UNREACHABLE
    if call.status >= _SERVER_ERROR:
        return Ending.ERROR
    if call.status in (_UNAUTHORIZED, _TOO_MANY):
        return Ending.BLIND
    return Ending.OK if call.status < _CLIENT_ERROR else Ending.REFUSED


def resource(path: str) -> str:
    """Return the path without what is different each time: `/servers/{id}/action`."""
    bare = path.partition("?")[0] if "://" not in path else "/" + path.partition("?")[0].split("/", 3)[-1]
    return "/".join("{id}" if _ID.match(part) or _OURS.match(part) else part for part in bare.split("/")) or "/"


def state_of(iteration: Iteration) -> State:
    """Return what an iteration says of the cloud: by its steps, not by single requests, of which some may be repeated.

    A monitor that was too busy itself is blind, unless everything worked in spite of that.
    """
    endings = {step.ending for step in iteration.steps}
    if endings & FAULTS:
        return State.BLIND if iteration.lag > MOST_LAG_S else State.FAILS
    return State.WORKS if Ending.OK in endings and Ending.BLIND not in endings else State.BLIND


def blinded(iteration: Iteration, why: str) -> Iteration:
    """Return the iteration as seen by a monitor that had no network: what it could not reach says nothing."""
    return replace(
        iteration,
        samples=tuple(
            replace(sample, ending=Ending.BLIND, said=why)
            if sample.ending in (Ending.UNREACHABLE, Ending.TIMEOUT)
            else sample
            for sample in iteration.samples
        ),
    )
