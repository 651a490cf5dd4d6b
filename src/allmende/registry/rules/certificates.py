"""Decide who may certify what, for how long, and what a certificate is worth (scs-0004-v1, «Regulations»)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.assessment import Act, Certificate, CertificateAct, Standing
from allmende.registry.model.record import Subject
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.attestations import fault_of_reason
from allmende.registry.rules.leaves import CertificateLeaf, IntegratorLeaf
from allmende.standards.model import Scope, Standards, Validity

RENEWAL = timedelta(days=60)
"""How long before it ends a certificate may be followed by the next one."""

SHOWN_AFTER = timedelta(days=365)
"""How long after its end a certificate stays in the record (scs-0004-v1, «Regulations» 4: twelve months)."""

_LEVELS = ("compatible", "open", "sovereign")
_ALLOWED = {
    Act.SUSPEND: (Standing.ACTIVE,),
    Act.RESUME: (Standing.SUSPENDED,),
    Act.REVOKE: (Standing.ACTIVE, Standing.SUSPENDED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What is to be certified: a subject for a version of a scope, with its verdict today."""

    subject: Subject
    scope: Scope
    version: str
    outcome: Outcome
    validity: Validity


def expiry(issued_at: datetime) -> datetime:
    """Return when a certificate ends that is issued then: after one year («Regulations» 1)."""
    begin = issued_at.astimezone(UTC)
    try:
        return begin.replace(year=begin.year + 1)
    except ValueError:  # the 29th of February
        return begin.replace(year=begin.year + 1, day=28)


def standing(certificate: Certificate, now: datetime) -> Standing:
    """Return what a certificate is worth at that moment. A revocation stands; so does the end of the year."""
    return standing_after(certificate.acts, certificate.expires_at, now)


def standing_after(done: Iterable[CertificateAct], expires_at: datetime, now: datetime) -> Standing:
    """Return what is worth at that moment what ends then, and with which this was done."""
    acts = [act for act in done if act.at <= now]
    if any(act.act is Act.REVOKE for act in acts):
        return Standing.REVOKED
    if now >= expires_at:
        return Standing.EXPIRED
    last = acts[-1].act if acts else Act.ISSUE
    return Standing.SUSPENDED if last is Act.SUSPEND else Standing.ACTIVE


def objection_to_issue(
    account: Account, application: Application, existing: Iterable[Certificate], standards: Standards, now: datetime
) -> Refusal | None:
    """Return why this account may not issue this certificate now; None when it may.

    `existing` are the certificates of the subject.
    """
    subject, scope, version = application.subject, application.scope, application.version
    refused = _not_impartial(account, subject.id)
    if refused is not None:
        return refused
    named = f"{scope.name} {version}"
    if application.validity not in (Validity.EFFECTIVE, Validity.WARN):
        return Refusal(
            reason=Reason.NOT_CERTIFIABLE,
            detail=f"{named} is {application.validity} today, so nothing is certified for it.",
            hint="Name a version that is effective.",
        )
    if application.outcome is not Outcome.PASS:
        return Refusal(
            reason=Reason.NOT_CERTIFIABLE,
            detail=f"{subject.id} does not surely pass {named} today: the verdict is {application.outcome}.",
            hint="Only what passes is certified: see the subject's page for what fails, is missing, or was not judged.",
        )
    kept = tuple(existing)
    lower = _lower_level(scope, standards)
    if lower is not None and not any(_certifies(each, lower.uuid, now) for each in kept):
        return Refusal(
            reason=Reason.NOT_CERTIFIABLE,
            detail=f"{named} needs a certificate that is active for {lower.name}, and {subject.id} has none.",
            hint=f"Issue the one for {lower.name} first.",
        )
    for each in kept:
        if each.version == version and _certifies(each, scope.uuid, now) and each.expires_at - now > RENEWAL:
            return Refusal(
                reason=Reason.CERTIFIED_ALREADY,
                detail=f"{subject.id} has a certificate for {named} until {each.expires_at.date()}: {each.id}.",
                hint=f"The next one can be issued from {(each.expires_at - RENEWAL).date()} on.",
            )
    return None


def objection_to_act(account: Account, certificate: Certificate, asked: CertificateAct) -> Refusal | None:
    """Return why this account may not do that with the certificate; None when it may."""
    refused = _not_impartial(account, certificate.subject)
    if refused is not None:
        return refused
    return fault_of_act(asked, standing(certificate, asked.at))


def fault_of_act(asked: CertificateAct, now: Standing) -> Refusal | None:
    """Return why that cannot be done with a certificate that is worth this now; None when it can."""
    if now not in _ALLOWED.get(asked.act, ()):
        return Refusal(
            reason=Reason.STANDING,
            detail=f"The certificate {asked.certificate} is {now}, so nobody can {asked.act} it.",
            hint="What is revoked or expired stays so: issue a new certificate.",
        )
    return fault_of_reason(asked.reason, is_needed=asked.act is not Act.RESUME)


def standing_in_log(entries: Sequence[CertificateLeaf | IntegratorLeaf], now: datetime) -> Standing:
    """Return what a certificate is worth at that moment, by its entries of the log."""
    acts = tuple(
        CertificateAct(certificate=entry.certificate, at=entry.at, account=entry.account, act=entry.act)
        for entry in entries
    )
    return standing_after(acts, entries[0].expires_at, now)


def is_shown(certificate: Certificate, now: datetime) -> bool:
    """Tell whether the certificate still belongs into the lists."""
    return not is_over(certificate.expires_at, now)


def is_over(expires_at: datetime, now: datetime) -> bool:
    """Tell whether what ended then no longer belongs into the lists."""
    return now >= expires_at + SHOWN_AFTER


def no_assessor(account: Account) -> Refusal | None:
    """Return that this account is no assessor's; None when it is."""
    if Role.ASSESSOR in account.roles:
        return None
    return Refusal(
        reason=Reason.NOT_ASSESSOR,
        detail=f"The account {account.name} is no assessor's.",
        hint="Who runs the registry makes one: allmende registry account add NAME --role assessor",
    )


def _not_impartial(account: Account, subject: str) -> Refusal | None:
    refused = no_assessor(account)
    if refused is not None:
        return refused
    if subject in account.subjects:
        return Refusal(
            reason=Reason.OWN_ATTESTATION,
            detail=f"The account {account.name} reports for {subject} itself, so it does not certify it.",
            hint="Somebody else has to decide.",
        )
    return None


def _lower_level(scope: Scope, standards: Standards) -> Scope | None:
    """Return the scope of the same layer on the level below; None for the lowest, or where there is none."""
    place = _LEVELS.index(scope.level) if scope.level in _LEVELS else 0
    below = _LEVELS[place - 1] if place else None
    return next((each for each in standards.scopes if (each.level, each.layer) == (below, scope.layer)), None)


def _certifies(certificate: Certificate, scope: str, now: datetime) -> bool:
    return str(certificate.scope) == scope and standing(certificate, now) is Standing.ACTIVE
