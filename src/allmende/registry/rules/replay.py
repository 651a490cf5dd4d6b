"""The record derived again from the log and the reports that it names, and where what a registry shows differs.

Pure: `run.verify` fetches. What a report changes, and what follows from it, is decided by the rules that the registry
itself uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from allmende.outcome import Outcome
from allmende.registry.model.assessment import Decision
from allmende.registry.model.record import CurrentResult, Subject
from allmende.registry.model.scores import TableCell
from allmende.registry.rules import scores
from allmende.registry.rules.admission import brought_up_to_date, known_scope
from allmende.registry.rules.attestations import counting_at_once, is_automated
from allmende.registry.rules.leaves import DecisionLeaf, ReportLeaf, VerdictLeaf
from allmende.report.document import Report, Result
from allmende.standards.model import Standards, Validity

CellsShown = Mapping[tuple[str, str], Mapping[str, tuple[Outcome, Mapping[Outcome, int]]]]
"""By row and scope id: the outcome of each version with its counts, as a registry shows them."""

Places = tuple[str, UUID]


@dataclass(slots=True)
class Replay:
    """The current results after the entries so far."""

    standards: Standards
    results: dict[Places, dict[str, CurrentResult]] = field(default_factory=dict)
    verdicts: dict[tuple[str, UUID, str], Outcome] = field(default_factory=dict)

    def take_report(self, report: Report) -> None:
        """Take in a report: what a program judged counts at once."""
        self._take(report, counting_at_once(report.results, self.standards))

    def take_decision(self, leaf: DecisionLeaf, report: Report) -> str | None:
        """Take in a decision on a report; return what is wrong with it, None when it is in order."""
        attested = [result for result in report.results if result.testcase == leaf.testcase]
        if not attested or is_automated(self.standards, leaf.testcase):
            return f"report {report.id}: the log has a decision on {leaf.testcase}, which it does not attest"
        if leaf.decision is Decision.ACCEPT:
            self._take(report, attested)
        return None

    def _take(self, report: Report, counting: Sequence[Result]) -> None:
        current = self.results.setdefault((report.subject, report.scope), {})
        current.update({result.testcase: result for result in brought_up_to_date(current, report.id, counting)})

    def take_verdict(self, leaf: VerdictLeaf) -> str | None:
        """Take in a verdict; return what is wrong with it, None when it follows from the reports before it."""
        place = (leaf.subject, leaf.scope, leaf.version)
        before, self.verdicts[place] = self.verdicts.get(place), leaf.outcome
        scope = known_scope(self.standards, str(leaf.scope))
        if scope is None:
            return f"{leaf.subject}: the scope {leaf.scope} is not known here"
        named = f"{leaf.subject}, {scope.name} {leaf.version}"
        if leaf.before is not before:
            return f"{named}: the log says it was {leaf.before}, and before that it says {before}"
        current = tuple(self.results.get((leaf.subject, leaf.scope), {}).values())
        follows = scores.verdicts(scope, current, self.standards, leaf.at).get(leaf.version)
        if follows is leaf.outcome:
            return None
        return f"{named}: the log says {leaf.outcome}, from the reports follows {follows}"

    def differences(self, subjects: Sequence[Subject], shown: CellsShown, now: datetime) -> Iterator[str]:
        """Yield where the table that is shown differs from the one that follows from the reports."""
        current = {place: tuple(results.values()) for place, results in self.results.items()}
        derived = scores.table(subjects, current, self.standards, now)
        expected = {(row.name, cell.scope.id): cell for row in derived.rows for cell in row.cells}
        for place in sorted(expected.keys() | shown.keys()):
            said, follows = shown.get(place, {}), _verdicts(expected.get(place))
            if said != follows:
                row, scope = place
                yield f"{row}, {scope}: the table says {_words(said)}, from the reports follows {_words(follows)}"
        unnamed = {subject for subject, _ in self.results} - {subject.id for subject in subjects}
        yield from (
            f"{subject}: the log has reports of it, and the table does not show it" for subject in sorted(unnamed)
        )


def misstated(leaf: ReportLeaf, report: Report) -> str | None:
    """Return what an entry says otherwise than the report that it names; None when they agree."""
    if (leaf.subject, leaf.scope) == (report.subject, report.scope):
        return None
    return f"report {leaf.report}: the log has it under another subject or scope than the report itself"


def other_standards(
    standards: Standards, judged_by: Mapping[UUID, Mapping[str, tuple[str, frozenset[str]]]], now: datetime
) -> tuple[str, ...]:
    """Return the versions of scopes that a registry judges otherwise than this Allmende: by validity or testcases.

    `judged_by` has, by scope and version, its validity today and its testcases.
    """
    found = []
    for scope in standards.scopes:
        theirs = judged_by.get(UUID(scope.uuid), {})
        for version in scope.versions:
            validity = scope.validity(version.name, now.date())
            if theirs.get(version.name, (Validity.DEPRECATED, frozenset())) != (
                validity,
                frozenset(version.testcases()),
            ):
                found.append(f"{scope.name} {version.name}")
    return tuple(found)


def _verdicts(cell: TableCell | None) -> Mapping[str, tuple[Outcome, Mapping[Outcome, int]]]:
    return {verdict.version: (verdict.outcome, dict(verdict.counts)) for verdict in (cell.verdicts if cell else ())}


def _words(verdicts: Mapping[str, tuple[Outcome, Mapping[Outcome, int]]]) -> str:
    said = (
        f"{version} {outcome} ({', '.join(f'{number} {which}' for which, number in sorted(counts.items()))})"
        for version, (outcome, counts) in verdicts.items()
    )
    return "; ".join(said) or "nothing"
