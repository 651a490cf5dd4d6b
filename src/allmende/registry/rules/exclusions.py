"""Decide which exclusions may enter the record with a report, and which of them explain a subject's current results."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from uuid import UUID

from allmende.registry.model.record import CurrentResult
from allmende.report.document import Report
from allmende.standards.exclusions import LONGEST, Exclusion


def objection(report: Report, known: frozenset[str]) -> str:
    """Return what is wrong with the exclusions of a report whose scope has the `known` testcases; empty for nothing.

    What was over when the run ended, or ends more than a year after it, was never in order.
    """
    day = report.finished_at.astimezone(UTC).date()
    seen: set[str] = set()
    for exclusion in report.exclusions:
        if exclusion.testcase not in known:
            return f"{exclusion.testcase} is no testcase of the scope"
        if exclusion.testcase in seen:
            return f"{exclusion.testcase} is excluded twice"
        if not day <= exclusion.expires <= day + LONGEST:
            return (
                f"{exclusion.testcase} is excluded until {exclusion.expires}, which was over or more than a year ahead"
            )
        seen.add(exclusion.testcase)
    return ""


def standing(current: Sequence[CurrentResult], declared: Mapping[UUID, Sequence[Exclusion]]) -> Mapping[str, Exclusion]:
    """Return the exclusion that stands for each testcase that has one, from those `declared` by the reports behind it.

    It is the one that came with the current result, so that a newer report without it takes it back. For a testcase
    that was never reported it is the one in the newest report.
    """
    if not current:
        return {}
    reported = {result.testcase: result.report for result in current}
    newest = max(current, key=lambda result: result.checked_at).report
    return {
        exclusion.testcase: exclusion
        for report, exclusions in declared.items()
        for exclusion in exclusions
        if reported.get(exclusion.testcase, newest) == report
    }
