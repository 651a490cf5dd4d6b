"""Tell a registry elsewhere what was measured, also when it could not be reached for a while."""

from collections.abc import Callable
from dataclasses import dataclass

from allmende.errors import AllmendeError, DocumentError, StoreError
from allmende.health.apply.spool import Spool
from allmende.health.model.samples import Iteration
from allmende.health.rules.document import written

Send = Callable[[bytes], None]
"""Sends a document. DocumentError when it will never be taken; any other AllmendeError when it may be later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How telling went: how many were taken, why some wait (None when none does), and why some never will be taken."""

    taken: int = 0
    waiting_because: AllmendeError | None = None
    dropped: tuple[AllmendeError, ...] = ()


def deliver(iteration: Iteration, spool: Spool, send: Send) -> Delivery:
    """Tell of an iteration, after those that wait. Nothing is lost but what the registry will never take.

    Where the spool has no room, the iteration is sent at once, or lost: StoreError.
    """
    content = written(iteration)
    try:
        spool.add(iteration.began_at, iteration.id, content)
    except StoreError as full:
        try:
            send(content)
        except AllmendeError as error:
            raise full from error
        return Delivery(taken=1)
    return send_waiting(spool, send)


def send_waiting(spool: Spool, send: Send) -> Delivery:
    """Tell of what waits, oldest first, until the registry cannot be told."""
    taken, dropped = 0, []
    for path, content in spool.waiting():
        try:
            send(content)
        except DocumentError as error:
            dropped.append(error)
        except AllmendeError as error:
            return Delivery(taken=taken, waiting_because=error, dropped=tuple(dropped))
        else:
            taken += 1
        spool.done(path)
    return Delivery(taken=taken, dropped=tuple(dropped))
