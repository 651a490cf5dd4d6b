"""What a step works with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud


class MissingError(Exception):
    """The cloud does not offer what a step is about; the text says what. That is no fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The cloud, what is created in it, and the results of the steps before, by their names.

    `secret` is text that only this iteration knows.
    """

    cloud: OpenStackCloud
    holding: Holding
    results: Mapping[str, Any]
    secret: str

    def result(self, step: str) -> Any:
        """Return what a step gave that this one needs."""
        return self.results[step]


Deed = Callable[[Stage], Awaitable[Any]]
"""What a step does; what it returns is its result."""
