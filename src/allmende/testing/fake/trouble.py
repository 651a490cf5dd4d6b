"""The ways in which a cloud can misbehave, for a whole service or for one kind of call."""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from allmende.testing.fake.engine import route_pattern
from allmende.testing.fake.errors import refusal
from allmende.testing.fake.model import Call, RefusedError, Reply


class Trouble(Enum):
    """The ways in which a service can misbehave."""

    STATUS = auto()
    HTML = auto()
    TRUNCATED = auto()
    CUT = auto()
    HANG = auto()
    DROP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A trouble, how often it still comes (None: always), and whether the call is obeyed all the same.

    The next `spared` calls go well before it comes. `message` is put into the service's own error document.
    """

    trouble: Trouble
    status: int = 503
    retry_after: int | None = None
    left: int | None = None
    message: str = ""
    obeyed: bool = False
    spared: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """A kind of call: method, and the end of the path with {names} for ids; of any service, or of one."""

    method: str
    path: str
    service: str | None = None

    def include(self, call: Call, service: str) -> bool:
        """Decide whether a call is of this kind."""
        end = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", r"(?!detail$)[^/]+", route_pattern(self.path).pattern)
        return (
            self.method in (call.method, "*")
            and self.service in (service, None)
            and re.search(f"{end}$", call.path) is not None
        )


def spoilt(fault: Fault, service: str, honest: Reply) -> Reply | None:
    """Return what a fault makes of an honest reply; None to close the connection without one."""
    match fault.trouble:
        case Trouble.STATUS:
            pause = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            bad = refusal(service, RefusedError(fault.status, fault.message or "Something broke on purpose."))
            return replace(bad, headers={**honest.headers, **bad.headers, **pause})
        case Trouble.HTML:
            return Reply(status=fault.status, body=b"<html><body>Please log in</body></html>", content_type="text/html")
        case Trouble.TRUNCATED:
            return replace(honest, body=honest.body[: len(honest.body) // 2])
        case Trouble.CUT:
            return replace(honest, headers={**honest.headers, "Content-Length": str(len(honest.body) + 10)})
        case Trouble.HANG | Trouble.DROP:
            return None
