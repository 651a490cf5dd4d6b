"""What a page of one part of Allmende says of how a cloud works, which another part measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from allmende.web.words import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a cloud works now, in which part of the last 24 hours' iterations everything did, and the page that tells."""

    state: State
    share: str
    address: str


Measurements = Callable[[], Mapping[str, Measured]]
"""Returns what was measured of each cloud, by the id of the subject that it is."""
