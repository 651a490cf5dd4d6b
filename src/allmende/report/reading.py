"""A report read beside the standards: what every form for people and programs shows of it.

Decides which testcases appear, in which order, what each counts for and the sentence that says why. A form only writes
this down, so that all forms agree with each other and with the terminal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from allmende.outcome import Outcome
from allmende.report.document import Report, ReportedEvidence, Result
from allmende.standards.model import Module, Standards, Target, Testcase, Version
from allmende.standards.verdict import newest, score_card, verdict

SHOWN_TARGETS = (*Target, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One testcase: what it came to and what that counts for.

    `target` and `module` are None where the version does not list the testcase, `testcase` where the catalogue does not
    have it, `result` where the report has none; then the outcome is MISS.
    """

    id: str
    outcome: Outcome
    target: Target | None = None
    module: Module | None = None
    testcase: Testcase | None = None
    result: Result | None = None

    @property
    def title(self) -> str:
        """The sentence that is judged; the id where the catalogue does not know it."""
        return self.testcase.title if self.testcase else self.id

    @property
    def summary(self) -> str:
        """Why it has this outcome."""
        if self.result is None:
            by_a_person = self.testcase is not None and not self.testcase.automated
            return "Not attempted: a person judges it." if by_a_person else "Not attempted: the report has no result."
        if self.outcome is Outcome.MISS:
            day = self.result.checked_at.astimezone(UTC).date()
            return f"The result of {day} ({self.result.outcome}) no longer counted when the report was made."
        return self.result.summary

    @property
    def evidence(self) -> tuple[ReportedEvidence, ...]:
        """What was looked at, what offends first."""
        return tuple(sorted(self.result.evidence, key=lambda seen: seen.ok)) if self.result else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be said."""
        return self.result.notes if self.result else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The testcases that one version takes from one standard under one target; those it does not list have neither."""

    target: Target | None
    module: Module | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A report with the version of its scope that it is read against; None when its scope or version is not known."""

    report: Report
    version: Version | None
    lines: tuple[Line, ...]

    @property
    def measure(self) -> str:
        """What the subject is measured against: `SCS-compatible IaaS v5.1`."""
        return f"{self.report.scope_name} {self.version.name}" if self.version else self.report.scope_name

    @property
    def verdict(self) -> Outcome:
        """The outcome of the version: that of its mandatory testcases."""
        return verdict(line.outcome for line in self.under(Target.MAIN))

    def under(self, target: Target | None) -> tuple[Line, ...]:
        """Return the lines under one target."""
        return tuple(line for line in self.lines if line.target == target)  # equal: templates name it by its word

    def count(self, outcome: Outcome, target: Target | None = Target.MAIN) -> int:
        """Return how many testcases under a target have this outcome."""
        return sum(line.outcome == outcome for line in self.under(target))

    @property
    def groups(self) -> tuple[Group, ...]:
        """The lines by target and standard: what decides first."""
        return tuple(
            Group(target=target, module=module, lines=tuple(lines))
            for target in SHOWN_TARGETS
            for module, lines in groupby(self.under(target), key=lambda line: line.module)
        )


def reading(report: Report, standards: Standards, version: Version | None) -> Reading:
    """Return the report, read against a version of its scope: first what that lists, then what else was reported."""
    lines = [*_listed(report, standards, version)] if version else []
    listed = {line.id for line in lines}
    lines += [
        Line(id=id_, outcome=result.outcome, testcase=standards.testcases.get(id_), result=result)
        for id_, result in newest(report.results).items()
        if id_ not in listed
    ]
    return Reading(report=report, version=version, lines=tuple(lines))


def _listed(report: Report, standards: Standards, version: Version) -> Iterator[Line]:
    results = newest(report.results)
    modules = {id_: module for module in version.modules for target in module.targets.values() for id_ in target}
    for score in score_card(version, standards, report.results, _made_at(report)).scores:
        yield Line(
            id=score.testcase,
            outcome=score.outcome,
            target=score.target,
            module=modules[score.testcase],
            testcase=standards.testcases[score.testcase],
            result=results.get(score.testcase),
        )


def _made_at(report: Report) -> datetime:
    """Return when the report was complete: no result may be lost because a clock was wrong."""
    return max([report.finished_at, *(result.checked_at for result in report.results)])
