"""What identifies a statement does not depend on the form it was sent in, and is that of its canonical bytes."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.canonical import canonical_bytes, digest
from allmende.outcome import Outcome
from allmende.registry.rules.admission import content_digest
from allmende.report.document import Report, ReportedEvidence, Result, Tool

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
texts = st.text(max_size=20)


@settings(max_examples=30)
@given(texts, st.lists(st.tuples(texts, texts), max_size=3), st.integers(min_value=0, max_value=2**31 - 1))
def test_the_digest_is_that_of_the_canonical_bytes(summary: str, seen: list[tuple[str, str]], requests: int) -> None:
    report = Report(
        id=UUID(int=1),
        subject="cloud",
        scope=UUID(int=2),
        scope_name="Scope",
        started_at=NOON,
        finished_at=NOON,
        requests=requests,
        tool=Tool(name="allmende", version="0.1.0"),
        results=(
            Result(
                testcase="a",
                outcome=Outcome.PASS,
                summary=summary,
                checked_at=NOON,
                evidence=tuple(ReportedEvidence(subject=subject, seen=words) for subject, words in seen),
            ),
        ),
    )
    assert content_digest(report) == digest(canonical_bytes(report.model_dump(mode="json", by_alias=True)))
