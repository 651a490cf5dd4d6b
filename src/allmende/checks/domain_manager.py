"""scs-0302: a domain manager manages the own domain, and nothing else.

Judged from what became of trying it as the manager that the run was given.
"""

from collections.abc import Sequence

from allmende.checks.catalog import check
from allmende.checks.evidence import counted
from allmende.facts.domain_manager import DomainManager
from allmende.facts.trials import Trial
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

ROLE = "manager"


@check("scs-0302-manages-own-domain")
def managers_manage_their_domain(manager: DomainManager) -> Finding:
    """Everything that a manager should do in the own domain was done: created, listed, changed, granted, deleted."""
    return _unfit(manager) or _all(manager, manager.within, refused=False)


@check("scs-0302-keeps-to-own-domain")
def managers_keep_to_their_domain(manager: DomainManager) -> Finding:
    """Lists held nothing of another domain, and what was asked of another domain was refused."""
    return _unfit(manager) or _all(manager, manager.beyond, refused=True)


@check("scs-0302-grants-no-admin")
def managers_grant_no_power_beyond_their_domain(manager: DomainManager) -> Finding:
    """Granting admin, in a project and in the domain, and making a role, was refused."""
    return _unfit(manager) or _all(manager, manager.powers, refused=True)


def _unfit(manager: DomainManager) -> Finding | None:
    """Say why this account shows nothing about managers, if so."""
    if "admin" in manager.roles:
        return undetermined(
            f"The account {manager.user} has the role admin, which may do everything: name a manager's."
        )
    if ROLE not in manager.roles:
        return undetermined(f"The account {manager.user} does not have the role {ROLE} in the domain {manager.domain}.")
    return None


def _all(manager: DomainManager, trials: Sequence[Trial], *, refused: bool) -> Finding:
    if not trials:
        return undetermined("Nothing could be tried as the manager.")
    demanded = "refused" if refused else "done"
    evidence = [
        Evidence(subject=trial.what, seen=trial.answer, demanded=demanded, ok=trial.succeeded is not refused)
        for trial in trials
    ]
    wrong = [item for item in evidence if not item.ok]
    who = f"The manager of {manager.domain}"
    total = counted(len(trials), "thing")
    if wrong:
        verb = "could" if refused else "could not"
        return failed(f"{who} {verb} {wrong[0].subject}, and {len(wrong)} of {total} in all.", wrong)
    return passed(f"{who} was refused all of {total}." if refused else f"{who} could do all of {total}.", evidence)
