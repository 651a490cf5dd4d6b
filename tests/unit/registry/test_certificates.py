"""What a certificate is worth, who may issue it, and what its credential says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.errors import SignatureError
from allmende.outcome import Outcome
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.assessment import Act, Certificate, CertificateAct, Standing
from allmende.registry.model.record import Subject
from allmende.registry.model.refusals import Reason
from allmende.registry.rules import credentials
from allmende.registry.rules.certificates import (
    RENEWAL,
    Application,
    expiry,
    is_shown,
    objection_to_act,
    objection_to_issue,
    standing,
)
from allmende.registry.rules.checkpoint import verifier_key
from allmende.report.keys import ed25519_key
from allmende.standards.load import load_standards
from allmende.standards.model import Validity

STANDARDS = load_standards()
IAAS = STANDARDS.scope("iaas")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ID = UUID("6a8e5e1c-0b5f-4d3c-9c55-1f2e3d4c5b6a")
KEY = ed25519_key(bytes(32))
SUBJECT = Subject(id="cloud", name="A cloud", operator="Operator AG")
ASSESSOR = Account(name="assessor", created_at=NOW, roles=frozenset({Role.ASSESSOR}))


def certificate(*acts: tuple[Act, datetime], issued_at: datetime = NOW) -> Certificate:
    done = ((Act.ISSUE, issued_at), *acts)
    return Certificate(
        id=ID,
        subject="cloud",
        scope=UUID(IAAS.uuid),
        version="v5.1",
        issued_at=issued_at,
        expires_at=expiry(issued_at),
        credential="",
        acts=tuple(CertificateAct(certificate=ID, at=at, account="assessor", act=act) for act, at in done),
    )


def application(outcome: Outcome = Outcome.PASS, validity: Validity = Validity.EFFECTIVE) -> Application:
    return Application(subject=SUBJECT, scope=IAAS, version="v5.1", outcome=outcome, validity=validity)


def refused(application_: Application, *existing: Certificate, account: Account = ASSESSOR) -> Reason | None:
    found = objection_to_issue(account, application_, existing, STANDARDS, NOW)
    return found.reason if found else None


@pytest.mark.parametrize(
    ("issued", "ends"),
    [
        (datetime(2026, 11, 26, 12, tzinfo=UTC), datetime(2027, 11, 26, 12, tzinfo=UTC)),
        (datetime(2028, 2, 29, 8, tzinfo=UTC), datetime(2029, 2, 28, 8, tzinfo=UTC)),
    ],
)
def test_a_certificate_is_for_a_year(issued: datetime, ends: datetime) -> None:
    assert expiry(issued) == ends


@given(
    acts=st.lists(st.tuples(st.sampled_from([Act.SUSPEND, Act.RESUME, Act.REVOKE]), st.integers(0, 500)), max_size=6),
    day=st.integers(0, 800),
)
def test_no_certificate_is_active_after_its_end_or_a_revocation(acts: list[tuple[Act, int]], day: int) -> None:
    done = [(act, NOW + timedelta(days=days)) for act, days in sorted(acts, key=lambda each: each[1])]
    found = certificate(*done)
    moment = NOW + timedelta(days=day)
    worth = standing(found, moment)
    if any(act is Act.REVOKE and at <= moment for act, at in done):
        assert worth is Standing.REVOKED
    elif moment >= found.expires_at:
        assert worth is Standing.EXPIRED
    else:
        past = [act for act, at in done if at <= moment]
        assert worth is (Standing.SUSPENDED if past and past[-1] is Act.SUSPEND else Standing.ACTIVE)


def test_only_what_surely_passes_an_effective_version_is_certified() -> None:
    assert refused(application()) is None
    assert refused(application(validity=Validity.WARN)) is None
    for outcome in (Outcome.FAIL, Outcome.MISS, Outcome.DNF):
        assert refused(application(outcome)) is Reason.NOT_CERTIFIABLE
    for validity in (Validity.DRAFT, Validity.DEPRECATED):
        assert refused(application(validity=validity)) is Reason.NOT_CERTIFIABLE


def test_nobody_certifies_who_is_no_assessor_or_reports_for_the_subject() -> None:
    assert refused(application(), account=replace(ASSESSOR, roles=frozenset())) is Reason.NOT_ASSESSOR
    assert refused(application(), account=replace(ASSESSOR, subjects=frozenset({"cloud"}))) is Reason.OWN_ATTESTATION


def test_the_next_certificate_comes_when_this_one_is_about_to_end() -> None:
    assert refused(application(), certificate()) is Reason.CERTIFIED_ALREADY
    assert refused(application(), certificate((Act.REVOKE, NOW))) is None
    old = certificate(issued_at=NOW - timedelta(days=365) + RENEWAL)
    assert refused(application(), old) is None


def test_level_open_needs_level_compatible() -> None:
    above = replace(IAAS, id="open-iaas", uuid=str(uuid4()), level="open")
    standards = replace(STANDARDS, scopes=(*STANDARDS.scopes, above))
    asked = replace(application(), scope=above)
    without = objection_to_issue(ASSESSOR, asked, (), standards, NOW)
    assert without is not None
    assert IAAS.name in without.detail
    assert objection_to_issue(ASSESSOR, asked, (certificate(),), standards, NOW) is None
    assert objection_to_issue(ASSESSOR, asked, (certificate((Act.SUSPEND, NOW)),), standards, NOW) is not None


@pytest.mark.parametrize(
    ("before", "act", "reason", "expected"),
    [
        ((), Act.SUSPEND, "It fails.", None),
        ((), Act.RESUME, "", Reason.STANDING),
        ((), Act.REVOKE, "", Reason.NO_REASON),
        ((), Act.ISSUE, "", Reason.STANDING),
        (((Act.SUSPEND, NOW),), Act.RESUME, "", None),
        (((Act.SUSPEND, NOW),), Act.SUSPEND, "Again.", Reason.STANDING),
        (((Act.REVOKE, NOW),), Act.RESUME, "", Reason.STANDING),
        (((Act.REVOKE, NOW),), Act.REVOKE, "Again.", Reason.STANDING),
    ],
)
def test_what_can_be_done_follows_from_what_was_done(
    before: tuple[tuple[Act, datetime], ...], act: Act, reason: str, expected: Reason | None
) -> None:
    asked = CertificateAct(certificate=ID, at=NOW, account="assessor", act=act, reason=reason)
    found = objection_to_act(ASSESSOR, certificate(*before), asked)
    assert (found.reason if found else None) is expected


def test_a_certificate_stays_in_the_lists_for_a_year_after_its_end() -> None:
    assert is_shown(certificate(), NOW + timedelta(days=365 + 364))
    assert not is_shown(certificate(), NOW + timedelta(days=365 + 366))


def test_a_credential_says_what_is_certified_and_by_whom() -> None:
    token = credentials.signed(ID, credentials.certified(SUBJECT, IAAS, "v5.1"), (NOW, expiry(NOW)), KEY)
    stated, public = credentials.read(token)
    assert stated.credential_subject == credentials.certified(SUBJECT, IAAS, "v5.1")
    assert stated.type == ("VerifiableCredential", "CloudCertificate")
    assert stated.valid_until == expiry(NOW)
    assert credentials.is_by(public, (verifier_key("log", KEY),))
    assert not credentials.is_by(public, (verifier_key("log", ed25519_key(b"x" * 32)),))


def test_a_credential_that_was_changed_does_not_hold() -> None:
    token = credentials.signed(ID, credentials.certified(SUBJECT, IAAS, "v5.1"), (NOW, expiry(NOW)), KEY)
    other = credentials.signed(ID, credentials.certified(SUBJECT, IAAS, "v4"), (NOW, expiry(NOW)), KEY)
    header, payload, signature = token.split(".")
    _, other_payload, _ = other.split(".")
    for changed in (f"{header}.{other_payload}.{signature}", f"{header}.{payload}.", token[:-8], "", "a.b.c", "x" * 99):
        with pytest.raises(SignatureError):
            credentials.read(changed)
