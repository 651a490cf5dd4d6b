"""A run as the document that is signed and published."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from allmende.errors import UsageError
from allmende.report.document import Name, Report, ReportedEvidence, ReportedExclusion, Result, Tool
from allmende.runner.run import Judgement, Run
from allmende.standards.exclusions import Exclusion


def subject_name(text: str) -> str:
    """Return the name of a subject; UsageError when it cannot be one."""
    try:
        return TypeAdapter(Name).validate_python(text)
    except ValidationError:
        raise UsageError(
            f"{text[:50]!r} cannot be the name of a subject.",
            hint="Name it with 1 to 200 characters, without control characters: --subject NAME",
        ) from None


def recorded(run: Run, *, subject: str, identifier: UUID, version: str, exclusions: Iterable[Exclusion] = ()) -> Report:
    """Return the report of a run over `subject`, made by this version of Allmende, with exclusions that concern it."""
    return Report(
        id=identifier,
        subject=subject_name(subject),
        scope=UUID(run.plan.scope.uuid),
        scope_name=run.plan.scope.name,
        started_at=run.started_at,
        finished_at=run.finished_at,
        complete=run.complete,
        requests=run.requests,
        tool=Tool(name="allmende", version=version),
        results=tuple(_result(judgement) for judgement in run.judgements),
        exclusions=tuple(ReportedExclusion.model_validate(asdict(exclusion)) for exclusion in exclusions),
    )


def _result(judgement: Judgement) -> Result:
    finding = judgement.finding
    return Result.model_validate(
        {
            "testcase": judgement.testcase.id,
            "outcome": finding.outcome,
            "summary": finding.summary,
            "checked_at": judgement.checked_at,
            "evidence": tuple(
                ReportedEvidence(subject=seen.subject, seen=seen.seen, demanded=seen.demanded, ok=seen.ok)
                for seen in finding.evidence
            ),
            "notes": finding.notes,
        }
    )
