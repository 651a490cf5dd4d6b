"""What the shell is told; the codes are part of the interface."""

from typing import assert_never

from allmende.outcome import Outcome

INTERRUPTED = 130


def exit_code(outcome: Outcome, *, complete: bool) -> int:
    """Return the code for what was found; that of an interruption where it is not complete."""
    if not complete:
        return INTERRUPTED
    match outcome:
        case Outcome.PASS:
            return 0
        case Outcome.FAIL:
            return 1
        case Outcome.DNF | Outcome.MISS:
            return 3
        case _:
            assert_never(outcome)
