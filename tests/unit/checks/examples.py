"""What an example of a testcase is: facts, the outcome they must have, and words that the finding must say."""

from dataclasses import dataclass

from allmende.outcome import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    testcase: str
    why: str
    facts: tuple[object, ...]
    outcome: Outcome
    says: str

    def __str__(self) -> str:
        return f"{self.testcase}: {self.why}"


def passes(testcase: str, why: str, *facts: object, says: str = "") -> Example:
    return Example(testcase=testcase, why=why, facts=facts, outcome=Outcome.PASS, says=says)


def fails(testcase: str, why: str, *facts: object, says: str) -> Example:
    return Example(testcase=testcase, why=why, facts=facts, outcome=Outcome.FAIL, says=says)


def undetermined(testcase: str, why: str, *facts: object, says: str) -> Example:
    return Example(testcase=testcase, why=why, facts=facts, outcome=Outcome.DNF, says=says)


def words(finding: Finding) -> str:
    """Everything that a finding says to a person."""
    lines = [finding.summary, *finding.notes]
    lines += [f"{item.subject}: {item.seen}; {item.demanded}" for item in finding.evidence]
    return "\n".join(lines)
