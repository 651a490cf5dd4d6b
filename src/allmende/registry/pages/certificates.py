"""The pages of certificates: the list, one of them with its badge and its code, and the badges of subjects."""

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.errors import UnknownNameError
from allmende.registry.model.assessment import Standing
from allmende.registry.pages.badges import Badge, badge_of, png
from allmende.registry.run import read
from allmende.registry.run.certify import record_of, records
from allmende.registry.run.registry import Registry
from allmende.web.languages import ENGLISH
from allmende.web.render import Templates

BADGE_SECONDS = 300
"""How long others may show a badge without asking again."""


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
        return self._drawn(request, badge_of(record))

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
        return self._drawn(request, badge_of(best))

    def _drawn(self, request: Request, badge: Badge) -> Response:
        headers = {"Cache-Control": f"public, max-age={BADGE_SECONDS}", "Cross-Origin-Resource-Policy": "cross-origin"}
        match request.path_params["form"]:
            case "svg":
                template = self.templates.environments[ENGLISH].get_template("registry/badge.svg")
                return Response(template.render(badge=badge), media_type="image/svg+xml", headers=headers)
            case "png":
                return Response(png(badge), media_type="image/png", headers=headers)
            case other:
                raise UnknownNameError(f"A badge is no {other}.", hint="It is drawn as badge.svg and badge.png.")
