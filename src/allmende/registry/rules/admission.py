"""Decide whether reports may enter the record.

Each rule answers with a refusal or with None; the first refusal counts, and refuses the whole submission. That the
bytes were signed by a key of the account is settled before anything is asked here.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from allmende.canonical import digest
from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account
from allmende.registry.model.record import CurrentResult, Limits
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules import exclusions
from allmende.report.document import Report
from allmende.standards.model import Scope, Standards
from allmende.standards.verdict import verdict

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a report is judged by: who sent it, what is known, what is allowed, and what time it is."""

    account: Account
    standards: Standards
    limits: Limits
    now: datetime


class CountableResult(Protocol):
    """What of a result decides how it counts."""

    @property
    def testcase(self) -> str:
        """The id of the testcase."""

    @property
    def outcome(self) -> Outcome:
        """PASS, FAIL or DNF."""

    @property
    def checked_at(self) -> datetime:
        """When it was judged."""


def refusal(reports: Sequence[Report], admission: Admission) -> Refusal | None:
    """Return why these reports may not enter the record; None when they may."""
    return next(_refusals(reports, admission), None)


def content_digest(report: Report) -> str:
    """Return what identifies the statement a report makes, in whichever form it was sent.

    It is the digest of the report's canonical bytes (RFC 8785). A report has no numbers but small integers and no keys
    but its own, so sorted JSON is canonical; a test holds both against each other.
    """
    document = report.model_dump(mode="json", by_alias=True)
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return digest(text.encode())


def conflict(report: Report, known_digest: str | None) -> Refusal | None:
    """Return a refusal when another report with the same id is in the record; the very same one is no conflict."""
    if known_digest is None or known_digest == content_digest(report):
        return None
    return Refusal(
        reason=Reason.CONFLICT,
        detail=f"Another report with the id {report.id} is in the record already.",
        hint="A report is never changed: run the check again and send the new report.",
    )


def brought_up_to_date(
    current: Mapping[str, CurrentResult], report: UUID, results: Iterable[CountableResult]
) -> tuple[CurrentResult, ...]:
    """Return the current results that change when these results of a report begin to count.

    The newest result counts; of two from the same moment, the worse, as on a score card.
    """
    changed = []
    for result in results:
        new = CurrentResult(
            testcase=result.testcase,
            outcome=result.outcome,
            checked_at=result.checked_at,
            report=report,
            last_passed=result.checked_at if result.outcome is Outcome.PASS else None,
        )
        changed.append(_newest(current.get(result.testcase), new))
    return tuple(result for result in changed if result != current.get(result.testcase))


def _newest(known: CurrentResult | None, new: CurrentResult) -> CurrentResult:
    if known is None:
        return new
    passes = [moment for moment in (known.last_passed, new.last_passed) if moment is not None]
    if new.checked_at == known.checked_at:
        newest = known if verdict((known.outcome, new.outcome)) is known.outcome else new
    else:
        newest = max(known, new, key=lambda result: result.checked_at)
    return CurrentResult(
        testcase=newest.testcase,
        outcome=newest.outcome,
        checked_at=newest.checked_at,
        report=newest.report,
        last_passed=max(passes, default=None),
    )


def _refusals(reports: Sequence[Report], admission: Admission) -> Iterator[Refusal]:
    if not reports:
        yield Refusal(reason=Reason.NO_RESULTS, detail="The submission holds no report.")
    repeated = _repeated(str(report.id) for report in reports)
    if repeated:
        yield Refusal(reason=Reason.CONFLICT, detail=f"Several reports have the same id: {_listed(repeated)}.")
    rules: tuple[Callable[[Report, Admission], Refusal | None], ...] = (
        _subject_is_the_accounts,
        _has_results,
        _names_each_testcase_once,
        _scope_and_testcases_are_known,
        _is_not_from_the_future,
        _times_are_in_order,
        _can_still_count,
        _exclusions_are_in_order,
    )
    for report in reports:
        for rule in rules:
            found = rule(report, admission)
            if found is not None:
                yield found


def _subject_is_the_accounts(report: Report, admission: Admission) -> Refusal | None:
    if report.subject in admission.account.subjects:
        return None
    return Refusal(
        reason=Reason.FOREIGN_SUBJECT,
        detail=f"The account {admission.account.name} may not report for the subject {report.subject}.",
        hint="Check the subject's id in the report, or ask the registry to let this account report for it.",
    )


def _has_results(report: Report, _: Admission) -> Refusal | None:
    if report.results:
        return None
    return Refusal(
        reason=Reason.NO_RESULTS,
        detail=f"The report {report.id} has no results, so it says nothing.",
        hint="See why the run judged no testcase, and send the report of a run that did.",
    )


def _names_each_testcase_once(report: Report, _: Admission) -> Refusal | None:
    repeated = _repeated(result.testcase for result in report.results)
    if not repeated:
        return None
    return Refusal(
        reason=Reason.DUPLICATE_TESTCASE,
        detail=f"The report {report.id} has several results for one testcase: {_listed(repeated)}.",
    )


def _scope_and_testcases_are_known(report: Report, admission: Admission) -> Refusal | None:
    scope = known_scope(admission.standards, str(report.scope))
    if scope is None:
        return Refusal(
            reason=Reason.UNKNOWN_SCOPE,
            detail=f"The registry does not know the scope {report.scope}.",
            hint="GET /api/standards lists the scopes.",
        )
    known = _testcases(scope)
    unknown = [result.testcase for result in report.results if result.testcase not in known]
    if not unknown:
        return None
    return Refusal(
        reason=Reason.UNKNOWN_TESTCASE,
        detail=f"{scope.name} has no such testcase in any version: {_listed(unknown)}.",
        hint="Leave them out, or report them under the scope they belong to.",
    )


def _is_not_from_the_future(report: Report, admission: Admission) -> Refusal | None:
    newest = max(report.started_at, report.finished_at, *(result.checked_at for result in report.results))
    if newest <= admission.now + admission.limits.clock_skew:
        return None
    return Refusal(
        reason=Reason.FROM_THE_FUTURE,
        detail=f"The report {report.id} is from {newest.isoformat()}; it is {admission.now.isoformat()} here.",
        hint="Set the clock of the machine that runs the checks; a time without an offset is taken as UTC.",
    )


def _times_are_in_order(report: Report, admission: Admission) -> Refusal | None:
    latest = max(result.checked_at for result in report.results)
    if report.started_at <= report.finished_at and latest <= report.finished_at + admission.limits.clock_skew:
        return None
    return Refusal(
        reason=Reason.INCONSISTENT_TIMES,
        detail=f"The times of the report {report.id} contradict each other: a run starts, judges, and then ends.",
    )


def _can_still_count(report: Report, admission: Admission) -> Refusal | None:
    oldest = min(report.started_at, *(result.checked_at for result in report.results))
    if oldest >= admission.now - admission.limits.oldest:
        return None
    return Refusal(
        reason=Reason.TOO_OLD,
        detail=f"The report {report.id} goes back to {oldest.isoformat()}, too old to count for anything.",
        hint="Run the check again.",
    )


def _exclusions_are_in_order(report: Report, admission: Admission) -> Refusal | None:
    scope = known_scope(admission.standards, str(report.scope))
    objection = exclusions.objection(report, _testcases(scope) if scope else frozenset())
    if not objection:
        return None
    return Refusal(
        reason=Reason.EXCLUSION,
        detail=f"The report {report.id} cannot be recorded with its exclusions: {objection}.",
        hint="Correct the file of exclusions, and run the check again.",
    )


def _testcases(scope: Scope) -> frozenset[str]:
    return frozenset(testcase for version in scope.versions for testcase in version.testcases())


def known_scope(standards: Standards, uuid: str) -> Scope | None:
    """Return the scope with this UUID; None when the catalogue has none."""
    return next((scope for scope in standards.scopes if scope.uuid == uuid), None)


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
