"""Reports to write down: every outcome, every target, and words that somebody hostile has chosen."""

from datetime import UTC, datetime
from uuid import UUID

from allmende.outcome import Outcome
from allmende.report.document import Report, ReportedEvidence, Result, Tool
from allmende.report.reading import Reading, reading
from allmende.standards.load import load_standards

STANDARDS = load_standards()
IAAS = STANDARDS.scope("iaas")
V5_1 = IAAS.version("v5.1")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

HOSTILE = "<script>alert(1)</script> ]]> \x1b[31m \x00 \ufffe & \"'>{0} [click](https://evil.example) `x` \U0001f600"

PASSES = "scs-0115-default-rules"
FAILS = "scs-0103-flavor-2v-8"
FAILS_RECOMMENDED = "scs-0114-encrypted-type"
UNDETERMINED = "scs-0123-swift-s3"
NOT_ATTEMPTED = "scs-0101-entropy-avail"
UNLISTED = "scs-9999-of-somebody-else"


def result(testcase: str, outcome: Outcome, summary: str = "Seen.", *evidence: ReportedEvidence) -> Result:
    return Result.model_validate(
        {
            "testcase": testcase,
            "outcome": outcome,
            "summary": summary,
            "checked_at": NOON,
            "evidence": evidence,
            "notes": ("A note.",) if evidence else (),
        }
    )


def report(*results: Result, subject: str = "my-region", scope: str = IAAS.uuid, complete: bool = True) -> Report:
    return Report(
        id=UUID(int=1),
        subject=subject,
        scope=UUID(scope),
        scope_name=IAAS.name,
        started_at=NOON,
        finished_at=NOON.replace(second=9),
        complete=complete,
        requests=10,
        tool=Tool(name="allmende", version="0.1.0"),
        results=results,
    )


def every_outcome() -> Reading:
    agrees = ReportedEvidence(subject="flavor SCS-2V-8", seen="2 vCPUs", demanded="2 vCPUs")
    offends = ReportedEvidence(subject="flavor SCS-2V-8", seen="4096 MiB", demanded="8192 MiB", ok=False)
    return reading(
        report(
            result(PASSES, Outcome.PASS, "Nothing comes in."),
            result(FAILS, Outcome.FAIL, "The flavor has too little memory.", agrees, offends),
            result(FAILS_RECOMMENDED, Outcome.FAIL, "No volume type is encrypted."),
            result(UNDETERMINED, Outcome.DNF, "The object store did not answer within 30 s."),
            result(UNLISTED, Outcome.PASS, "Somebody else's testcase."),
        ),
        STANDARDS,
        V5_1,
    )


def hostile() -> Reading:
    evil = ReportedEvidence(subject=HOSTILE, seen=HOSTILE, demanded=HOSTILE, ok=False)
    name = '<script>"]]>&{0}../..'
    return reading(
        report(
            result(FAILS, Outcome.FAIL, HOSTILE, evil, evil),
            result(PASSES, Outcome.PASS, HOSTILE, evil),
            result(UNDETERMINED, Outcome.DNF, " \n "),
            result(name, Outcome.FAIL, HOSTILE),
            subject=name,
        ),
        STANDARDS,
        V5_1,
    )


def empty() -> Reading:
    return reading(report(), STANDARDS, V5_1)


def of_no_known_scope() -> Reading:
    """A report without any result, for a scope that the catalogue does not have."""
    return reading(report(scope=str(UUID(int=2))), STANDARDS, None)


READINGS = {
    "every outcome": every_outcome(),
    "hostile": hostile(),
    "empty": empty(),
    "of no known scope": of_no_known_scope(),
}
