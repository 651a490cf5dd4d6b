"""When a request is sent again: if it may be, if the failure may pass, and never sooner than the cloud asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from allmende.clouds.answer import Answer, complaint
from allmende.clouds.calls import Call, tell
from allmende.clouds.limits import Limits
from allmende.errors import CloudError, CloudFailedError

REPEATABLE = frozenset({"DELETE", "GET", "HEAD"})
FIRST_PAUSE_SECONDS = 0.5
TOO_MANY_REQUESTS = 429  # the request was not carried out, so any method may be sent again

_noted_in: ContextVar[list[str] | None] = ContextVar("repetitions", default=None)


class TransientError(Exception):
    """A failure that may pass; carries the error to raise when it does not."""

    def __init__(self, error: CloudError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def repetitions_noted_in(notes: list[str]) -> Iterator[None]:
    """Within the block, and in the tasks that are started in it, note why requests were sent again."""
    token = _noted_in.set(notes)
    try:
        yield
    finally:
        _noted_in.reset(token)


async def persistently(
    attempt: Callable[[], Awaitable[Answer]], method: str, limits: Limits, *, refusals_are_answers: bool = False
) -> Answer:
    """Return the first answer that is worth keeping; raise the CloudError of the last attempt.

    With `refusals_are_answers`, statuses from 400 to 499 are answers as well.
    """
    left = limits.attempts
    pause = FIRST_PAUSE_SECONDS
    while True:
        left -= 1
        try:
            answer = await attempt()
        except TransientError as passing:
            if left <= 0 or method not in REPEATABLE:
                raise passing.error from None
            note_repetition(passing.error)
        else:
            error = complaint(answer)
            if error is None or (refusals_are_answers and not isinstance(error, CloudFailedError)):
                return answer
            pause = max(pause, answer.retry_after_seconds or 0)
            if left <= 0 or not _may_pass(answer, method) or pause > limits.longest_pause_seconds:
                raise error
            note_repetition(error)
        await asyncio.sleep(pause)
        pause *= 2


async def heard(
    attempt: Callable[[], Awaitable[Answer]], call: str, path: str, hushed: Callable[[CloudError], CloudError]
) -> Answer:
    """Return the answer of one attempt, and tell of it; `call` is «compute: GET …», `hushed` takes secrets out."""
    service, _, request = call.rpartition(": ")
    began = time.monotonic()

    def told(status: int | None, request_id: str, error: CloudError | None) -> None:
        tell(
            Call(
                service=service,
                method=request.partition(" ")[0],
                path=path,
                status=status,
                seconds=time.monotonic() - began,
                request_id=request_id,
                error=hushed(error) if error else None,
            )
        )

    try:
        answer = await attempt()
    except (CloudError, TransientError) as failed:
        error = failed.error if isinstance(failed, TransientError) else failed
        told(error.status, error.request_id, error)
        raise
    told(answer.status, answer.request_id, complaint(answer))
    return answer


def _may_pass(answer: Answer, method: str) -> bool:
    return answer.is_busy and (method in REPEATABLE or answer.status == TOO_MANY_REQUESTS)


def note_repetition(error: CloudError) -> None:
    """Note, where somebody wants to know, that a request is sent again because of this."""
    notes = _noted_in.get()
    if notes is not None:
        notes.append(str(error))
