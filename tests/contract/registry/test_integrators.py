"""What every database must do with integrators, what they refer to, their certificates, and files of evidence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from allmende.registry.model.assessment import Act, CertificateAct, EvidenceFile
from allmende.registry.model.integrators import Integrator, IntegratorCertificate, Layer, Reference, Tier, Work
from allmende.registry.model.record import Subject, Submission
from allmende.registry.rules.admission import content_digest
from allmende.registry.store import accounts, evidence, reports, subjects
from allmende.registry.store import integrators as store
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.storage.database import Database
from allmende.testing.registry import made_report

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
PARTNER = Integrator(id="partner", name="Partner AG", url="https://partner.example.org", country="CH")
REFERENCE = Reference(
    id=UUID(int=1),
    integrator="partner",
    layer=Layer.KAAS,
    work=Work.MANAGED,
    environment="Clusters",
    since=date(2025, 1, 1),
    shown="by a report",
    account="assessor",
    recorded_at=NOON,
)
CERTIFICATE = IntegratorCertificate(
    id=UUID(int=2),
    integrator="partner",
    layer=Layer.KAAS,
    tier=Tier.BRONZE,
    points=2,
    issued_at=NOON,
    expires_at=NOON + timedelta(days=365),
    credential="signed",
    acts=(CertificateAct(certificate=UUID(int=2), at=NOON, account="assessor", act=Act.ISSUE),),
)


@pytest.fixture
def database(database: Database) -> Database:
    with database.writing() as connection:
        accounts.add(connection, "assessor", NOON)
        store.put(connection, replace(PARTNER, name="Before"))
        store.put(connection, PARTNER)
        store.put(connection, Integrator(id="another", name="Zweite"))
    return database


def test_integrators_are_found_by_id_and_listed_by_name(database: Database) -> None:
    with database.reading() as connection:
        assert store.find(connection, "partner") == PARTNER
        assert store.find(connection, "nobody") is None
        assert [each.id for each in store.everyone(connection)] == ["partner", "another"]


def test_a_reference_is_kept_and_may_end(database: Database) -> None:
    newer = replace(REFERENCE, id=UUID(int=3), since=date(2026, 1, 1), subject="cloud")
    with database.writing() as connection:
        subjects.put(connection, Subject(id="cloud", name="Cloud"))
        store.add_reference(connection, REFERENCE)
        store.add_reference(connection, newer)
    with database.reading() as connection:
        assert store.references(connection, "partner") == (newer, REFERENCE)
        assert store.references(connection, "another") == ()
    with database.writing() as connection:
        assert store.end_reference(connection, REFERENCE.id, date(2026, 6, 30))
        assert not store.end_reference(connection, UUID(int=9), date(2026, 6, 30))
    with database.reading() as connection:
        assert store.reference(connection, REFERENCE.id) == replace(REFERENCE, until=date(2026, 6, 30))


def test_a_certificate_is_kept_with_what_is_done_with_it(database: Database) -> None:
    revoked = CertificateAct(
        certificate=CERTIFICATE.id, at=NOON + timedelta(days=1), account="assessor", act=Act.REVOKE, reason="Why."
    )
    with database.writing() as connection:
        store.lock(connection, "partner")
        store.add_certificate(connection, CERTIFICATE)
        store.add_act(connection, revoked)
    expected = replace(CERTIFICATE, acts=(*CERTIFICATE.acts, revoked))
    with database.reading() as connection:
        assert store.certificate(connection, CERTIFICATE.id) == expected
        assert store.certificates(connection, "partner") == (expected,)
        assert store.certificates(connection, "another") == ()
        assert store.certificate(connection, UUID(int=9)) is None


def test_files_of_evidence_are_kept_byte_by_byte(database: Database) -> None:
    report = made_report(load_standards(), "cloud", NOON)
    content = bytes(range(256))
    file = EvidenceFile(
        report=report.id, sha256="ab", name="concept.pdf", size=256, account="assessor", received_at=NOON
    )
    sent = Submission(
        account="assessor",
        media_type=Form.OWN,
        signature=b"signature",
        content=b"content",
        fingerprint="SHA256:x",
        received_at=NOON,
    )
    with database.writing() as connection:
        subjects.put(connection, Subject(id="cloud", name="Cloud"))
        reports.add(connection, reports.add_submission(connection, sent), report, content_digest(report))
        evidence.add(connection, file, content)
    with database.reading() as connection:
        assert evidence.of_reports(connection, {report.id}) == (file,)
        assert evidence.of_reports(connection, set()) == ()
        assert evidence.content_of(connection, report.id, "ab") == content
        assert evidence.content_of(connection, report.id, "cd") is None
        assert evidence.bytes_of_subject(connection, "cloud") == 256
        assert evidence.bytes_of_subject(connection, "other") == 0
