"""The page of attestations: what operators state of themselves, and what assessors decided on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.registry.run.attest import attested
from allmende.registry.run.registry import Registry
from allmende.web.render import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationPages:
    """Attestations as a page."""

    registry: Registry
    templates: Templates

    def routes(self) -> list[BaseRoute]:
        """Return the route of the page."""
        return [Route("/attestations", self.attestations, name="attestations")]

    def attestations(self, request: Request) -> Response:
        """Show what waits for a decision, and what was decided."""
        found = attested(self.registry)
        values: Mapping[str, object] = {
            "waiting": [each for each in found if each.is_open],
            "decided": [each for each in found if not each.is_open],
            "testcases": self.registry.standards.testcases,
        }
        return self.templates.respond(request, "registry/attestations.html", values)
