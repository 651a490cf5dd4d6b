"""What counts of a subject today as one report, put together from its reports: for forms that are made of reports."""

from datetime import datetime
from uuid import UUID, uuid5

from allmende import __version__
from allmende.registry.model.scores import ScoredTestcase, SubjectScore, VersionScore
from allmende.report.document import Report, ReportedEvidence, Result, Tool

NAME = "allmende registry"


def summary(score: SubjectScore, version: VersionScore, now: datetime) -> Report:
    """Return the newest results that the version's testcases have, each with the report that it comes from.

    Its id follows from what it says: the same results make the same report, on every server.
    """
    results = tuple(_result(line) for line in version.testcases if line.result is not None)
    since = min((result.checked_at for result in results), default=now)
    said = "\n".join(f"{result.testcase} {result.outcome} {result.checked_at.isoformat()}" for result in results)
    return Report(
        id=uuid5(UUID(score.scope.uuid), f"{score.subject.id}\n{version.version.name}\n{said}"),
        subject=score.subject.id,
        scope=UUID(score.scope.uuid),
        scope_name=score.scope.name,
        started_at=min(since, now),
        finished_at=now,
        complete=all(line.result is not None for line in version.testcases),
        requests=0,
        tool=Tool(name=NAME, version=__version__),
        results=results,
    )


def _result(line: ScoredTestcase) -> Result:
    if line.result is None:
        raise AssertionError(f"{line.testcase.id} has no result.")
    return Result.model_validate(
        {
            "testcase": line.testcase.id,
            "outcome": line.result.outcome,
            "summary": line.result.summary,
            "checked_at": line.result.checked_at,
            "evidence": tuple(
                ReportedEvidence(subject=each.subject, seen=each.seen, demanded=each.demanded, ok=each.ok)
                for each in line.result.evidence
            ),
            "notes": (*line.result.notes, f"From the report {line.result.report}."),
        }
    )
