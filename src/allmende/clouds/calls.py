"""Telling somebody of every request that goes to a cloud: what was asked, how it ended, and how long it took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from allmende.errors import CloudError


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One attempt of a request: `service` as in the catalog (empty for an address outside of it), its answer or error.

    `status` is None where no answer came, `seconds` are those from sending to the whole answer.
    """

    service: str
    method: str
    path: str
    status: int | None
    seconds: float
    request_id: str
    error: CloudError | None = None


_told: ContextVar[Callable[[Call], None] | None] = ContextVar("calls", default=None)


@contextmanager
def calls_told_to(listener: Callable[[Call], None]) -> Iterator[None]:
    """Within the block, and in the tasks that are started in it, tell the listener of each request when it ends."""
    token = _told.set(listener)
    try:
        yield
    finally:
        _told.reset(token)


def tell(call: Call) -> None:
    """Tell of a request, where somebody wants to know."""
    listener = _told.get()
    if listener is not None:
        listener(call)
