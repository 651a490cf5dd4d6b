"""Decide what counts at once, what people have to accept first, and who may do that (scs-0004-v1, «Regulations»).

A result of a testcase that people judge (`automated: false`) is what the operator says of itself: an attestation. It is
kept, signed and shown, and counts when an assessor has accepted it.
"""

from collections.abc import Iterable
from uuid import UUID

from allmende.printable import printable
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.assessment import Attestation, Decision
from allmende.registry.model.refusals import Reason, Refusal
from allmende.report.document import Result
from allmende.standards.model import Standards

MOST_REASON = 2000


def counting_at_once(results: Iterable[Result], standards: Standards) -> tuple[Result, ...]:
    """Return the results that need nobody's consent: those that a program judged."""
    return tuple(result for result in results if is_automated(standards, result.testcase))


def is_automated(standards: Standards, testcase: str) -> bool:
    """Tell whether a program judges this testcase; one that is no longer known was judged by one."""
    known = standards.testcases.get(testcase)
    return known is None or known.automated


def manual(standards: Standards) -> frozenset[str]:
    """Return the testcases that people judge."""
    return frozenset(testcase.id for testcase in standards.testcases.values() if not testcase.automated)


def newest_of_each(newest_first: Iterable[Attestation]) -> tuple[Attestation, ...]:
    """Return of each subject and testcase what was stated last: what was stated before needs no decision any more."""
    found: dict[tuple[str, UUID, str], Attestation] = {}
    for each in newest_first:
        found.setdefault((each.report.subject, each.report.scope, each.result.testcase), each)
    return tuple(found.values())


def objection(account: Account, attestation: Attestation, decision: Decision, reason: str) -> Refusal | None:
    """Return why this account may not decide so; None when it may."""
    if Role.ASSESSOR not in account.roles:
        return Refusal(
            reason=Reason.NOT_ASSESSOR,
            detail=f"The account {account.name} is no assessor's.",
            hint="Who runs the registry makes one: allmende registry account add NAME --role assessor",
        )
    report = attestation.report
    if account.name == report.account or report.subject in account.subjects:
        return Refusal(
            reason=Reason.OWN_ATTESTATION,
            detail=f"The account {account.name} reports for {report.subject} itself, so it does not decide on it.",
            hint="Somebody else has to decide.",
        )
    if not attestation.is_open:
        return Refusal(
            reason=Reason.DECIDED_ALREADY,
            detail=f"This attestation was decided already: {attestation.decision}.",
            hint="A decision stands. The operator hands in a new attestation when something has changed.",
        )
    return fault_of_reason(reason, is_needed=decision is not Decision.ACCEPT)


def fault_of_reason(reason: str, *, is_needed: bool) -> Refusal | None:
    """Return what is wrong with the reason of a decision; None when it can be published."""
    if is_needed and not reason.strip():
        detail = "Such a decision needs a reason."
    elif len(reason) > MOST_REASON or printable(reason) != reason:
        detail = f"A reason has {MOST_REASON} printable characters at most."
    else:
        return None
    return Refusal(reason=Reason.NO_REASON, detail=detail, hint="Send a `reason` that the operator can act on.")
