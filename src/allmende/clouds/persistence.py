"""When a request is sent again: if it may be, if the failure may pass, and never sooner than the cloud asks."""

import asyncio
from collections.abc import Awaitable, Callable

from allmende.clouds.answer import Answer, complaint
from allmende.clouds.limits import Limits
from allmende.errors import CloudError, CloudFailedError

REPEATABLE = frozenset({"GET", "HEAD"})
FIRST_PAUSE_SECONDS = 0.5


class TransientError(Exception):
    """A failure that may pass; carries the error to raise when it does not."""

    def __init__(self, error: CloudError) -> None:
        super().__init__(str(error))
        self.error = error


async def persistently(
    attempt: Callable[[], Awaitable[Answer]], method: str, limits: Limits, *, refusals_are_answers: bool = False
) -> Answer:
    """Return the first answer that is worth keeping; raise the CloudError of the last attempt.

    With `refusals_are_answers`, statuses from 400 to 499 are answers as well.
    """
    left = limits.attempts if method in REPEATABLE else 1
    pause = FIRST_PAUSE_SECONDS
    while True:
        left -= 1
        try:
            answer = await attempt()
        except TransientError as passing:
            if left <= 0:
                raise passing.error from None
        else:
            error = complaint(answer)
            if error is None or (refusals_are_answers and not isinstance(error, CloudFailedError)):
                return answer
            pause = max(pause, answer.retry_after_seconds or 0)
            if left <= 0 or not answer.is_busy or pause > limits.longest_pause_seconds:
                raise error
        await asyncio.sleep(pause)
        pause *= 2
