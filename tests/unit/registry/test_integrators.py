"""What references are worth, which tier they reach, and who may certify it (scs-0007-v2)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.assessment import Act, CertificateAct
from allmende.registry.model.integrators import IntegratorCertificate, Layer, Reference, Tier, Work
from allmende.registry.model.refusals import Reason
from allmende.registry.rules import credentials
from allmende.registry.rules.certificates import expiry
from allmende.registry.rules.integrators import (
    fault_of_reference,
    months_before,
    objection_to_certify,
    points,
    scored,
    shown,
    tier,
)
from allmende.report.keys import ed25519_key

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ASSESSOR = Account(name="assessor", created_at=NOW, roles=frozenset({Role.ASSESSOR}))
MANAGED = Reference(
    id=UUID(int=1),
    integrator="partner",
    layer=Layer.IAAS,
    work=Work.MANAGED,
    environment="Cloud of X",
    since=date(2025, 1, 1),
    shown="a report of the test suite",
    account="assessor",
    recorded_at=NOW,
)


@pytest.mark.parametrize(
    ("work", "since", "until", "expected"),
    [
        (Work.BUILT, date(2026, 11, 27), None, 2),
        (Work.BUILT, date(2025, 11, 28), None, 2),
        (Work.BUILT, date(2025, 11, 27), None, 0),
        (Work.BUILT, date(2026, 11, 28), None, 0),
        (Work.MANAGED, date(2025, 11, 27), None, 2),
        (Work.MANAGED, date(2025, 11, 28), None, 1),
        (Work.MANAGED, date(2026, 5, 27), None, 1),
        (Work.MANAGED, date(2026, 5, 28), None, 0),
        (Work.MANAGED, date(2020, 1, 1), date(2026, 11, 26), 0),
        (Work.MANAGED, date(2020, 1, 1), date(2026, 11, 27), 2),
        (Work.OPERATED, date(2025, 1, 1), None, 2),
        (Work.OPERATED, date(2026, 1, 1), None, 1),
    ],
)
def test_work_is_worth_what_the_standard_says(work: Work, since: date, until: date | None, expected: int) -> None:
    assert points(replace(MANAGED, work=work, since=since, until=until), TODAY) == expected


@pytest.mark.parametrize(
    ("subject", "shown_", "verdict", "expected"),
    [
        (None, "a report", None, (2, True)),
        ("cloud", "", Outcome.PASS, (2, True)),
        ("cloud", "it was shown once", Outcome.FAIL, (0, False)),
        ("cloud", "", Outcome.MISS, (0, False)),
        ("cloud", "", Outcome.DNF, (0, False)),
    ],
)
def test_what_does_not_conform_today_is_worth_nothing(
    subject: str | None, shown_: str, verdict: Outcome | None, expected: tuple[int, bool]
) -> None:
    found = scored(replace(MANAGED, subject=subject, shown=shown_), verdict, TODAY)
    assert (found.points, found.conforms) == expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, None), (1, None), (2, Tier.BRONZE), (3, Tier.BRONZE), (4, Tier.SILVER), (9, Tier.SILVER)],
)
def test_four_points_are_silver_and_two_bronze(score: int, expected: Tier | None) -> None:
    assert tier(score) is expected


@given(st.dates(date(1900, 1, 1)), st.integers(0, 600))
def test_months_go_back_month_by_month(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before.day < day.day and before.day >= 28)


def certificate(
    layer: Layer = Layer.IAAS, tier_: Tier = Tier.BRONZE, issued_at: datetime = NOW
) -> IntegratorCertificate:
    id_ = UUID(int=7)
    return IntegratorCertificate(
        id=id_,
        integrator="partner",
        layer=layer,
        tier=tier_,
        points=2,
        issued_at=issued_at,
        expires_at=expiry(issued_at),
        credential="",
        acts=(CertificateAct(certificate=id_, at=issued_at, account="assessor", act=Act.ISSUE),),
    )


@pytest.mark.parametrize(
    ("account", "layer", "existing", "expected"),
    [
        (ASSESSOR, Layer.IAAS, (), None),
        (ASSESSOR, Layer.KAAS, (), Reason.NOT_CERTIFIABLE),
        (ASSESSOR, Layer.IAAS, (certificate(),), Reason.CERTIFIED_ALREADY),
        (ASSESSOR, Layer.IAAS, (certificate(tier_=Tier.SILVER),), Reason.CERTIFIED_ALREADY),
        (ASSESSOR, Layer.IAAS, (certificate(Layer.KAAS),), None),
        (ASSESSOR, Layer.IAAS, (certificate(issued_at=datetime(2025, 12, 24, tzinfo=UTC)),), None),
        (replace(ASSESSOR, roles=frozenset()), Layer.IAAS, (), Reason.NOT_ASSESSOR),
        (replace(ASSESSOR, subjects=frozenset({"cloud"})), Layer.IAAS, (), Reason.OWN_ATTESTATION),
    ],
)
def test_who_may_certify_what(
    account: Account, layer: Layer, existing: tuple[IntegratorCertificate, ...], expected: Reason | None
) -> None:
    references = [scored(replace(MANAGED, subject="cloud"), Outcome.PASS, TODAY)]
    found = objection_to_certify(account, layer, references, existing, NOW)
    assert (found.reason if found else None) is expected


def test_a_bronze_certificate_does_not_keep_from_a_silver_one() -> None:
    references = [scored(MANAGED, None, TODAY), scored(replace(MANAGED, work=Work.BUILT, since=TODAY), None, TODAY)]
    assert objection_to_certify(ASSESSOR, Layer.IAAS, references, [certificate()], NOW) is None


def test_a_certificate_is_looked_at_again_when_its_points_are_gone() -> None:
    assert not shown(certificate(), [scored(MANAGED, None, TODAY)], NOW).is_due_for_review
    assert shown(certificate(), [], NOW).is_due_for_review


@pytest.mark.parametrize(
    "changed",
    [
        replace(MANAGED, environment=" "),
        replace(MANAGED, until=date(2024, 1, 1)),
        replace(MANAGED, shown=""),
    ],
)
def test_a_reference_that_says_too_little_is_at_fault(changed: Reference) -> None:
    assert fault_of_reference(MANAGED) == ""
    assert fault_of_reference(changed)


def test_a_credential_says_which_tier_of_which_layer() -> None:
    stated = credentials.CertifiedIntegrator(integrator="partner", name="Partner", layer=Layer.KAAS, tier=Tier.SILVER)
    token = credentials.signed(UUID(int=7), stated, (NOW, expiry(NOW)), ed25519_key(bytes(32)))
    read, _ = credentials.read(token)
    assert read.credential_subject == stated
    assert read.type[-1] == "IntegratorCertificate"
    assert stated.sentence == "Partner (partner) is a Certified SCS KaaS Integrator (Silver)"
