"""What it means that a piece of work in the cloud did not come to its end.

A step that the cloud itself refused, broke or left hanging fails the testcase if the standard demands just that; a step
that only prepares, and everything that kept us from seeing, leaves it undetermined.
"""

from collections.abc import Collection
from typing import assert_never

from allmende.facts.attempts import Attempt, Attempts, Ending
from allmende.outcome import Evidence, Finding, failed, undetermined


def shown(attempts: Attempts) -> tuple[Evidence, ...]:
    """Return the steps as evidence, the one that did not work first."""
    failure = attempts.failure
    steps = [_evidence(step) for step in attempts.steps if step is not failure]
    return (_evidence(failure), *steps) if failure else tuple(steps)


def ended(attempts: Attempts, failed_claim: str, *, preparing: Collection[str] = ()) -> Finding | None:
    """Return the finding about work that did not come to its end; None when every step is done.

    `failed_claim` is the sentence for a failure («A member cannot back up a volume»), without its end. The steps in
    `preparing` are not what the testcase is about.
    """
    failure = attempts.failure
    if not attempts.steps:
        return undetermined("Nothing was tried.")
    if failure is None:
        return None
    what = f"{failure.what}: {failure.seen}".rstrip(".")
    if failure.ending is Ending.BLIND or failure.what in preparing:
        return undetermined(f"It did not come so far: {what}.", shown(attempts))
    notes = ["The service answered all the time, but nothing came of it."] if failure.ending is Ending.LATE else []
    return failed(f"{failed_claim}: {what}.", shown(attempts), notes=notes)


def _evidence(step: Attempt) -> Evidence:
    trace = f" [{step.request_id}]" if step.request_id and step.request_id not in step.seen else ""
    return Evidence(
        subject=f"step «{step.what}»",
        seen=f"{_words(step)}{trace} ({step.seconds:.1f} s)",
        demanded="done" if step.ending is not Ending.DONE else "",
        ok=step.ending is Ending.DONE,
    )


def _words(step: Attempt) -> str:
    match step.ending:
        case Ending.DONE:
            return step.seen
        case Ending.REFUSED:
            return f"refused: {step.seen}"
        case Ending.BROKEN:
            return f"went wrong: {step.seen}"
        case Ending.LATE:
            return f"too late: {step.seen}"
        case Ending.BLIND:
            return f"could not be tried: {step.seen}"
        case _:
            assert_never(step.ending)
