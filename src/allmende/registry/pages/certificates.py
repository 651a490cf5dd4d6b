"""The pages of certificates: the list, one of them with its badge and its code, and the badges of subjects."""

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.errors import UnknownNameError
from allmende.registry.model.assessment import Standing
from allmende.registry.pages.badges import badge_of, drawn
from allmende.registry.run import read
from allmende.registry.run.certify import record_of, records
from allmende.registry.run.registry import Registry
from allmende.web.render import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePages:
    """Certificates as pages; each method answers one address."""

    registry: Registry
    templates: Templates

    def routes(self) -> list[BaseRoute]:
        """Return the routes of certificates and badges."""
        return [
            Route("/certificates", self.certificates, name="certificates"),
            Route("/certificates/{certificate:uuid}", self.certificate, name="certificate"),
            Route("/certificates/{certificate:uuid}/badge.{form}", self.badge, name="badge"),
            Route("/subjects/{subject}/badge/{scope}.{form}", self.subject_badge, name="subject-badge"),
        ]

    def certificates(self, request: Request) -> Response:
        """Show the certificates, and what was revoked."""
        found = records(self.registry, self.templates.clock())
        values: Mapping[str, object] = {
            "standing": [each for each in found if each.standing in (Standing.ACTIVE, Standing.SUSPENDED)],
            "ended": [each for each in found if each.standing in (Standing.EXPIRED, Standing.REVOKED)],
        }
        return self.templates.respond(request, "registry/certificates.html", values)

    def certificate(self, request: Request) -> Response:
        """Show one certificate: what it is worth now, what it states, and how that is verified."""
        record = record_of(self.registry, request.path_params["certificate"], self.templates.clock())
        address = f"{str(request.base_url).rstrip('/')}/certificates/{record.certificate.id}"
        code = segno.make_qr(address).svg_inline(scale=3, border=2, light="#fff", svgclass=None, lineclass=None)
        values: Mapping[str, object] = {
            "record": record,
            "address": address,
            "code": code,
        }
        return self.templates.respond(request, "registry/certificate.html", values)

    def badge(self, request: Request) -> Response:
        """Draw what a certificate is worth now."""
        record = record_of(self.registry, request.path_params["certificate"], self.templates.clock())
        return drawn(self.templates, request.path_params["form"], badge_of(record))

    def subject_badge(self, request: Request) -> Response:
        """Draw what the newest certificate of a subject for a scope is worth now."""
        scope = read.scope_called(self.registry, request.path_params["scope"])
        now = self.templates.clock()
        subject = read.subject_record(self.registry, request.path_params["subject"], now).subject
        found = [each for each in records(self.registry, now, subject.id) if each.scope.id == scope.id]
        if not found:
            raise UnknownNameError(
                f"{subject.id} has no certificate for {scope.name}.", hint="All certificates: /certificates"
            )
        best = min(found, key=lambda each: tuple(Standing).index(each.standing))
        return drawn(self.templates, request.path_params["form"], badge_of(best))
