"""Certificates as data. Reading them is public, also the revocation list; issuing takes an assessor's token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from allmende.outcome import Outcome
from allmende.registry.api.credentials import account_of
from allmende.registry.api.problems import refused
from allmende.registry.api.views import ScopeReference, SubjectView
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.assessment import Act, Certificate, CertificateRecord, Standing
from allmende.registry.model.refusals import Refusal
from allmende.registry.rules.credentials import MEDIA_TYPE
from allmende.registry.run.certify import Wish, act, issue, record_of, records
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry
from allmende.web.gate import Credentials
from allmende.web.render import Templates

_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "No assessor's account, or one that reports for this subject itself",
        404: "There is no such subject, scope, version or certificate",
        409: "It does not pass today, or what is asked does not fit what the certificate is worth",
        422: "The request cannot be read, or the reason is missing",
    }.items()
}


class ActView(BaseModel):
    """Something that was done with a certificate."""

    at: datetime
    account: str
    act: Act
    reason: str


class CertificateView(BaseModel):
    """A certificate; `standing` is what it is worth now, `outcome` the verdict on its version today."""

    id: UUID
    subject: SubjectView
    scope: ScopeReference
    version: str
    issued_at: datetime
    expires_at: datetime
    standing: Standing
    outcome: Outcome
    due_for_review: bool
    acts: list[ActView]
    page: str
    credential: str

    @classmethod
    def of(cls, record: CertificateRecord) -> "CertificateView":
        """Return the view of a certificate."""
        certificate = record.certificate
        return cls(
            id=certificate.id,
            subject=SubjectView.of(record.subject),
            scope=ScopeReference.of(record.scope),
            version=certificate.version,
            issued_at=certificate.issued_at,
            expires_at=certificate.expires_at,
            standing=record.standing,
            outcome=record.outcome,
            due_for_review=record.is_due_for_review,
            acts=[ActView(at=a.at, account=a.account, act=a.act, reason=a.reason) for a in certificate.acts],
            page=f"/certificates/{certificate.id}",
            credential=f"/api/certificates/{certificate.id}/credential",
        )


class RevokedView(BaseModel):
    """A certificate that was revoked."""

    id: UUID
    at: datetime
    reason: str


class WishBody(BaseModel):
    """What is to be certified."""

    model_config = ConfigDict(extra="forbid")

    subject: str
    scope: str
    version: str


class ReasonBody(BaseModel):
    """Why; it is public. Suspending and revoking need a reason."""

    model_config = ConfigDict(extra="forbid")

    reason: str = ""


def certificate_routes(
    registry: Registry, clock: Callable[[], datetime], templates: Templates, notary: Notary
) -> APIRouter:
    """Return the routes of certificates."""
    router = APIRouter(prefix="/api/certificates", tags=["certificates"])
    _add_reading(router, registry, clock)
    _add_deciding(router, registry, clock, templates, notary)
    return router


def _add_reading(router: APIRouter, registry: Registry, clock: Callable[[], datetime]) -> None:
    @router.get("")
    def certificates(subject: Annotated[str | None, Query()] = None) -> list[CertificateView]:
        """Return the certificates, also those that ended within the last twelve months."""
        return [CertificateView.of(record) for record in records(registry, clock(), subject)]

    @router.get("/revoked")
    def revoked() -> list[RevokedView]:
        """Return the revocation list (scs-0004-v1, «Regulations» 7)."""
        found = [record.certificate for record in records(registry, clock()) if record.standing is Standing.REVOKED]
        return [RevokedView(id=each.id, at=each.last.at, reason=each.last.reason) for each in found]

    @router.get("/{certificate}")
    def certificate(certificate: UUID) -> CertificateView:
        """Return a certificate."""
        return CertificateView.of(record_of(registry, certificate, clock()))

    @router.get("/{certificate}/credential", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
    def credential(certificate: UUID) -> Response:
        """Return the certificate as it was signed: a W3C Verifiable Credential. What it is worth now, it cannot say."""
        return Response(record_of(registry, certificate, clock()).certificate.credential, media_type=MEDIA_TYPE)


def _add_deciding(
    router: APIRouter, registry: Registry, clock: Callable[[], datetime], templates: Templates, notary: Notary
) -> None:
    def answered(request: Request, answer: Certificate | Refusal, status: int) -> Response:
        if isinstance(answer, Refusal):
            return refused(answer, request, templates)
        view = CertificateView.of(record_of(registry, answer.id, clock()))
        return JSONResponse(view.model_dump(mode="json"), status_code=status)

    @router.post("", response_model=CertificateView, responses=_REFUSALS, status_code=201)
    def certify(request: Request, body: WishBody, credentials: Credentials) -> Response:
        """Issue a certificate for a year."""
        account = account_of(registry, credentials, TokenScope.DECIDE, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        wish = Wish(id=uuid4(), subject=body.subject, scope=body.scope, version=body.version)
        return answered(request, issue(registry, notary, account, wish, clock()), 201)

    @router.post("/{certificate}/{what}", response_model=CertificateView, responses=_REFUSALS)
    def do(
        request: Request,
        certificate: UUID,
        what: Literal[Act.SUSPEND, Act.RESUME, Act.REVOKE],
        body: ReasonBody,
        credentials: Credentials,
    ) -> Response:
        """Suspend, resume or revoke a certificate."""
        account = account_of(registry, credentials, TokenScope.DECIDE, clock())
        if isinstance(account, Refusal):
            return refused(account, request, templates)
        return answered(request, act(registry, account, certificate, what, body.reason, clock()), 200)
