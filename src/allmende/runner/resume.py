"""Continuing a run that did not come to its end: which results are kept, and what is still to be done.

A partial report is kept beside the journals while a run goes on, and replaced whenever testcases are judged, so that it
is there after a kill as well.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from allmende.clouds.journal import Place
from allmende.errors import DocumentError, StoreError, UsageError
from allmende.outcome import Evidence, Finding, Outcome
from allmende.report.document import Report, Result
from allmende.report.formats import own
from allmende.runner.plan import Plan, Step
from allmende.runner.run import Judgement

OLDEST = timedelta(days=1)
"""Results of an interrupted run that are older are not mixed with new ones."""


def partial_file(folder: Path, place: Place, plan: Plan) -> Path:
    """Return where the partial report of a run over this project and version is kept."""
    key = f"{place.auth_url}\n{place.project}\n{place.region}\n{plan.scope.uuid}\n{plan.version.name}"
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def keep(file: Path, report: Report) -> None:
    """Write a partial report in place of the one before; StoreError where it cannot be written."""
    new = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(own.write(report))
        new.replace(file)
    except OSError as error:
        with suppress(OSError):
            new.unlink()  # half a report is of no use, and the journal may need its room
        raise StoreError(
            f"The partial report cannot be kept in {file.parent}: {error.strerror}.",
            hint="Make room there, or set XDG_STATE_HOME to a directory that can be written.",
        ) from error


def kept(file: Path, now: datetime) -> Report:
    """Return the partial report; UsageError where there is none, or none that is young enough."""
    try:
        report = own.read(file.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            "No run over this cloud and version was interrupted.", hint="Run it without --resume."
        ) from None
    except (OSError, DocumentError) as error:
        raise UsageError(f"The partial report cannot be read: {error}", hint="Run it without --resume.") from error
    if now - report.started_at > OLDEST:
        raise UsageError(
            f"The interrupted run is of {report.started_at:%Y-%m-%d %H:%M} UTC; after a day its results are not kept.",
            hint="Run it without --resume.",
        )
    return report


def known_and_open(plan: Plan, report: Report) -> tuple[tuple[Judgement, ...], Plan]:
    """Return what is known of a plan from a partial report, and the plan of the rest.

    What could not be determined is tried again.
    """
    results = {result.testcase: result for result in report.results if result.outcome is not Outcome.DNF}
    known = tuple(_judgement(step, results[step.testcase.id]) for step in plan.steps if step.testcase.id in results)
    rest = tuple(step for step in plan.steps if step.testcase.id not in results)
    return known, replace(plan, steps=rest)


def in_order(plan: Plan, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return judgements in the order of the plan."""
    order = {step.testcase.id: number for number, step in enumerate(plan.steps)}
    return tuple(sorted(judgements, key=lambda judgement: order[judgement.testcase.id]))


def _judgement(step: Step, result: Result) -> Judgement:
    evidence = tuple(
        Evidence(subject=seen.subject, seen=seen.seen, demanded=seen.demanded, ok=seen.ok) for seen in result.evidence
    )
    finding = Finding(outcome=result.outcome, summary=result.summary, evidence=evidence, notes=result.notes)
    return Judgement(testcase=step.testcase, target=step.target, finding=finding, checked_at=result.checked_at)
