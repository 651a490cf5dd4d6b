"""How hard we may lean on somebody's cloud: concurrency, patience and persistence of one door."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The manners of one connection to a cloud.

    `concurrent` requests are in flight at most, and `per_second` are sent in a second. A connection must stand within
    `connect_seconds`, a whole answer be there within `answer_seconds`. A request that may safely be repeated is sent up
    to `attempts` times, with growing pauses or those that the cloud asks for (`Retry-After`), but none longer than
    `longest_pause_seconds`.
    """

    concurrent: int = 8
    per_second: float = 20.0
    connect_seconds: float = 10.0
    answer_seconds: float = 30.0
    attempts: int = 3
    longest_pause_seconds: float = 20.0
