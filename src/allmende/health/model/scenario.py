"""What a scenario is: steps, what each needs of others, and how long it may take. What a step does is in `apply`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. Its result is there for the steps that name it among their `needs`.

    A step whose `needs` did not work is not tried. `after` are steps that are only waited for, however they end.
    `service` is that of the catalog; a cloud without it does not offer the step. `seconds` is how long it may take.
    """

    name: str
    service: str
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Steps that are tried again and again. `creates` tells whether something is made in the cloud.

    `quota` is what it takes at most, by service: `{"compute.instances": 1}`. Together, the steps may
    take `seconds`; then those that go on end as timeouts.
    """

    name: str
    summary: str
    steps: tuple[Step, ...]
    creates: bool
    seconds: float
    quota: Mapping[str, int] = field(default_factory=dict)
