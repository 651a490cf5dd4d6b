"""What is measured: samples, and the iterations that they belong to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Ending(StrEnum):
    """How a call or a step ended."""

    OK = "ok"
    ERROR = "error"
    """The service failed (a status of 500 or more), or answered what is not its API's, or something became an error."""
    REFUSED = "refused"
    """The API said no (a status from 400 on) to what ought to work."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BLIND = "blind"
    """The monitor could not see: no network, no quota, no credential, own overload. It says nothing of the cloud."""
    SKIPPED = "skipped"
    """Not tried: what it needs did not work, or the cloud does not offer it."""


FAULTS = frozenset({Ending.ERROR, Ending.REFUSED, Ending.TIMEOUT, Ending.UNREACHABLE})
"""The endings that count against the cloud."""


class Kind(StrEnum):
    """What a sample is of."""

    CALL = "call"
    """One request to an API."""
    STEP = "step"
    """One step of a scenario, with everything that it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One timed call or step. `service` as in the catalog; `what` is `GET /servers/{id}`, or the name of the step.

    `step` is the step that a call belongs to. `seconds` are of a monotonic clock. `said` is why it did not work.
    """

    kind: Kind
    at: datetime
    service: str
    what: str
    step: str
    ending: Ending
    seconds: float
    status: int | None = None
    request_id: str = ""
    said: str = ""


class State(StrEnum):
    """What an iteration says of the cloud."""

    WORKS = "works"
    FAILS = "fails"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """One pass of a scenario over a cloud, from a vantage point.

    `overhead` is the processor time that the monitor itself needed, `lag` the longest that it was late at something
    because of that, both in seconds. `left` names what could not be removed again.
    """

    id: UUID
    cloud: str
    region: str
    vantage: str
    scenario: str
    began_at: datetime
    seconds: float
    samples: tuple[Sample, ...]
    overhead: float
    lag: float
    left: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Sample, ...]:
        """The steps, in the order in which they ended."""
        return tuple(sample for sample in self.samples if sample.kind is Kind.STEP)

    @property
    def calls(self) -> tuple[Sample, ...]:
        """The requests, in the order in which they ended."""
        return tuple(sample for sample in self.samples if sample.kind is Kind.CALL)
