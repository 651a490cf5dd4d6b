"""What was seen of a cloud last."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allmende.health.model.samples import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The newest iteration of a scenario on a cloud from one vantage point.

    It began `at`; all of them were in this state from the one on that began at `since`.
    """

    cloud: str
    scenario: str
    vantage: str
    iteration: UUID
    state: State
    at: datetime
    since: datetime
