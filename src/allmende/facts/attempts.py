"""What was tried in a cloud, step by step, and how each step ended.

A collector that creates things ends at the first step that did not work; what that means is judged in `checks`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How a step ended.

    REFUSED, BROKEN and LATE are the cloud's own doing: it said no, the thing became an error, or nothing happened in
    time although the API answered. BLIND is no judgement of the cloud: no answer, no permission to sign in, no quota.
    """

    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"
    LATE = "late"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One step: what was tried, how it ended, what was seen, how long it took, and the cloud's id of the request.

    `status` is the HTTP status of a refusal.
    """

    what: str
    ending: Ending
    seen: str
    seconds: float
    status: int | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The steps of one piece of work in their order; all but the last are done."""

    steps: tuple[Attempt, ...]

    @property
    def failure(self) -> Attempt | None:
        """The step at which it ended, if one did not work."""
        return next((step for step in self.steps if step.ending is not Ending.DONE), None)
