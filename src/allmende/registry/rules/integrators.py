"""Decide what references are worth, which tier a score reaches, and who may certify it (scs-0007-v2, «Regulations»)."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import CertificateAct, Standing
from allmende.registry.model.integrators import (
    CertificateStanding,
    IntegratorCertificate,
    IntegratorRecord,
    Layer,
    Reference,
    ScoredReference,
    Tier,
    Work,
)
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.certificates import RENEWAL, fault_of_act, no_assessor, standing_after

NEEDED = {Tier.SILVER: 4, Tier.BRONZE: 2}
"""The points that a tier needs («Scoring system»)."""
FULL, HALF = 2, 1

_YEAR, _HALF_YEAR = 12, 6


def points(reference: Reference, today: date) -> int:
    """Return what a conforming environment is worth on that day.

    What was brought into production counts for twelve months; what is managed or operated counts half after six months,
    fully after twelve, and no longer once it has ended.
    """
    if reference.since > today:
        return 0
    if reference.work is Work.BUILT:
        return FULL if reference.since > months_before(today, _YEAR) else 0
    if reference.until is not None and reference.until < today:
        return 0
    if reference.since <= months_before(today, _YEAR):
        return FULL
    return HALF if reference.since <= months_before(today, _HALF_YEAR) else 0


def scored(reference: Reference, verdict: Outcome | None, today: date) -> ScoredReference:
    """Return a reference with its points; `verdict` is that on its subject, None where it has none here."""
    conforms = bool(reference.shown) if reference.subject is None else verdict is Outcome.PASS
    return ScoredReference(reference=reference, points=points(reference, today) if conforms else 0, conforms=conforms)


def tier(score: int) -> Tier | None:
    """Return the highest tier that so many points reach; None for none."""
    return next((each for each, needed in NEEDED.items() if score >= needed), None)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months ago, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fault_of_reference(reference: Reference) -> str:
    """Return what is wrong with a reference, as a sentence; an empty text when it is in order."""
    if not reference.environment.strip():
        return "A reference names its environment."
    if reference.until is not None and reference.until < reference.since:
        return "A reference cannot end before it began."
    if reference.subject is None and not reference.shown.strip():
        return "A reference is a subject of this registry, or says how it was shown that the environment conforms."
    return ""


def objection_to_certify(
    account: Account,
    layer: Layer,
    references: Sequence[ScoredReference],
    existing: Iterable[IntegratorCertificate],
    now: datetime,
) -> Refusal | None:
    """Return why this account may not certify the integrator of these references now; None when it may."""
    refused = no_assessor(account) or _not_impartial(account, references)
    if refused is not None:
        return refused
    score = sum(each.points for each in references if each.reference.layer is layer)
    reached = tier(score)
    if reached is None:
        return Refusal(
            reason=Reason.NOT_CERTIFIABLE,
            detail=f"The references for {layer} are worth {score} points; Bronze needs {NEEDED[Tier.BRONZE]}.",
            hint="Record the environments that count: see the scoring system of scs-0007.",
        )
    for each in existing:
        is_enough = each.layer is layer and NEEDED[each.tier] >= NEEDED[reached]
        if is_enough and standing(each, now) is Standing.ACTIVE and each.expires_at - now > RENEWAL:
            return Refusal(
                reason=Reason.CERTIFIED_ALREADY,
                detail=f"There is a certificate until {each.expires_at.date()}: {each.title}.",
                hint=f"The next one can be issued from {(each.expires_at - RENEWAL).date()} on.",
            )
    return None


def is_certifiable(account: Account, layer: Layer, record: IntegratorRecord, now: datetime) -> bool:
    """Tell whether this account may certify the integrator for a layer now."""
    existing = (each.certificate for each in record.certificates)
    return objection_to_certify(account, layer, record.references, existing, now) is None


def objection_to_act(
    account: Account,
    certificate: IntegratorCertificate,
    references: Sequence[ScoredReference],
    asked: CertificateAct,
) -> Refusal | None:
    """Return why this account may not do that with the certificate; None when it may."""
    refused = no_assessor(account) or _not_impartial(account, references)
    if refused is not None:
        return refused
    return fault_of_act(asked, standing(certificate, asked.at))


def standing(certificate: IntegratorCertificate, now: datetime) -> Standing:
    """Return what a certificate is worth at that moment."""
    return standing_after(certificate.acts, certificate.expires_at, now)


def shown(
    certificate: IntegratorCertificate, references: Iterable[ScoredReference], now: datetime
) -> CertificateStanding:
    """Return a certificate with what it is worth; the experience has to last as long as it does («Expectations»)."""
    score = sum(each.points for each in references if each.reference.layer is certificate.layer)
    worth = standing(certificate, now)
    return CertificateStanding(
        certificate=certificate,
        standing=worth,
        is_due_for_review=worth is Standing.ACTIVE and score < NEEDED[certificate.tier],
    )


def today(now: datetime) -> date:
    """Return the day (UTC) on which points are counted."""
    return now.astimezone(UTC).date()


def _not_impartial(account: Account, references: Iterable[ScoredReference]) -> Refusal | None:
    own = next((each.reference for each in references if each.reference.subject in account.subjects), None)
    if own is None:
        return None
    return Refusal(
        reason=Reason.OWN_ATTESTATION,
        detail=f"The account {account.name} reports for {own.subject} itself, which is one of the references.",
        hint="Somebody else has to decide.",
    )
