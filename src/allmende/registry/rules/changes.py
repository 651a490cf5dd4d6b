"""Decide which results were news: a testcase had another outcome in the report before."""

from collections.abc import Iterable
from dataclasses import dataclass

from allmende.outcome import Outcome
from allmende.registry.model.record import ReportedResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A testcase had the outcome `before`, and `result` is the first with another."""

    result: ReportedResult
    before: Outcome


def changes(results: Iterable[ReportedResult]) -> tuple[Change, ...]:
    """Return the changes among the results of one subject, newest first; the first result of a testcase is none."""
    last: dict[tuple[object, str], Outcome] = {}
    found = []
    for result in sorted(results, key=lambda result: result.checked_at):
        place = (result.scope, result.testcase)
        before = last.get(place)
        if before not in (None, result.outcome):
            found.append(Change(result=result, before=before))
        last[place] = result.outcome
    return tuple(reversed(found))
