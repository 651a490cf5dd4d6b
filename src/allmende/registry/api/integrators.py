"""The register of integrators as data. Assessors keep it in the browser, and on the registry's own machine."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from allmende.registry.api.certificates import ActView
from allmende.registry.model.assessment import Standing
from allmende.registry.model.integrators import (
    CertificateStanding,
    IntegratorRecord,
    Layer,
    ScoredReference,
    Tier,
    Work,
)
from allmende.registry.rules.credentials import MEDIA_TYPE
from allmende.registry.run import integrators as run
from allmende.registry.run.registry import Registry


class ReferenceView(BaseModel):
    """An environment that an integrator refers to, and what it is worth today."""

    id: UUID
    layer: Layer
    work: Work
    environment: str
    subject: str | None
    since: date
    until: date | None
    conforms: bool
    points: int

    @classmethod
    def of(cls, each: ScoredReference) -> "ReferenceView":
        """Return the view of a reference, without how it was shown that it conforms."""
        reference = each.reference
        return cls(
            id=reference.id,
            layer=reference.layer,
            work=reference.work,
            environment=reference.environment,
            subject=reference.subject,
            since=reference.since,
            until=reference.until,
            conforms=each.conforms,
            points=each.points,
        )


class IntegratorCertificateView(BaseModel):
    """A certificate of an integrator; `standing` is what it is worth now, `points` those of the day of its issue."""

    id: UUID
    integrator: str
    title: str
    layer: Layer
    tier: Tier
    points: int
    issued_at: datetime
    expires_at: datetime
    standing: Standing
    due_for_review: bool
    acts: list[ActView]
    page: str
    credential: str

    @classmethod
    def of(cls, shown: CertificateStanding) -> "IntegratorCertificateView":
        """Return the view of a certificate."""
        certificate = shown.certificate
        return cls(
            id=certificate.id,
            integrator=certificate.integrator,
            title=certificate.title,
            layer=certificate.layer,
            tier=certificate.tier,
            points=certificate.points,
            issued_at=certificate.issued_at,
            expires_at=certificate.expires_at,
            standing=shown.standing,
            due_for_review=shown.is_due_for_review,
            acts=[ActView(at=a.at, account=a.account, act=a.act, reason=a.reason) for a in certificate.acts],
            page=f"/integrators/{certificate.integrator}",
            credential=f"/api/integrators/certificates/{certificate.id}/credential",
        )


class IntegratorView(BaseModel):
    """An integrator, with the points by layer, what they come from, and its certificates."""

    id: str
    name: str
    url: str
    country: str
    points: dict[Layer, int]
    references: list[ReferenceView]
    certificates: list[IntegratorCertificateView]

    @classmethod
    def of(cls, record: IntegratorRecord) -> "IntegratorView":
        """Return the view of an integrator."""
        who = record.integrator
        return cls(
            id=who.id,
            name=who.name,
            url=who.url,
            country=who.country,
            points={layer: record.points(layer) for layer in Layer},
            references=[ReferenceView.of(each) for each in record.references],
            certificates=[IntegratorCertificateView.of(each) for each in record.certificates],
        )


def integrator_routes(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes of integrators."""
    router = APIRouter(prefix="/api/integrators", tags=["integrators"])

    @router.get("")
    def integrators() -> list[IntegratorView]:
        """Return all integrators, by name."""
        return [IntegratorView.of(record) for record in run.records(registry, clock())]

    @router.get("/certificates")
    def certificates() -> list[IntegratorCertificateView]:
        """Return all certificates of integrators, also those that ended within the last twelve months."""
        found = (each for record in run.records(registry, clock()) for each in record.certificates)
        return [IntegratorCertificateView.of(each) for each in found]

    @router.get("/certificates/{certificate}")
    def certificate(certificate: UUID) -> IntegratorCertificateView:
        """Return a certificate of an integrator."""
        return IntegratorCertificateView.of(run.certificate(registry, certificate, clock()))

    @router.get(
        "/certificates/{certificate}/credential",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {}}}},
    )
    def credential(certificate: UUID) -> Response:
        """Return the certificate as it was signed: a W3C Verifiable Credential."""
        found = run.certificate(registry, certificate, clock()).certificate
        return Response(found.credential, media_type=MEDIA_TYPE)

    @router.get("/{integrator}")
    def integrator(integrator: str) -> IntegratorView:
        """Return an integrator."""
        return IntegratorView.of(run.record_of(registry, integrator, clock()))

    return router
