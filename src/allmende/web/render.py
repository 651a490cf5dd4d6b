"""Renders a template into a response: escaped, strict about missing values, with an ETag over what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from allmende.canonical import digest
from allmende.web.assets import Asset
from allmende.web.environment import template_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of all pages, with the clock that relative times are told by."""

    environment: jinja2.Environment
    clock: Callable[[], datetime]

    def respond(
        self, request: Request, template: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK
    ) -> Response:
        """Return the page as a response, or 304 when the browser already has exactly this page."""
        return self.answer(request, self.render(request, template, values), status=status)

    def render(self, request: Request, template: str, values: Mapping[str, object]) -> bytes:
        """Return the page as bytes."""
        shown = {
            "now": self.clock(),
            "here": request.url.path,
            "origin": str(request.base_url).rstrip("/"),
            **values,
        }
        return self.environment.get_template(template).render(shown).encode()

    def answer(self, request: Request, page: bytes, *, status: int = HTTPStatus.OK) -> Response:
        """Return a rendered page as a response, or 304 when the browser already has exactly this page."""
        headers = {"ETag": f'W/"{digest(page)[:32]}"', "Cache-Control": "no-cache"}
        if status == HTTPStatus.OK and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(page, status_code=status, headers={**headers, "Content-Language": "en"})


def load_templates(assets: Mapping[str, Asset], clock: Callable[[], datetime], notice: str = "") -> Templates:
    """Return the templates of this package; a template that names an unknown value or asset fails when rendered."""
    addresses = {name: asset.address for name, asset in assets.items()}
    return Templates(environment=template_environment(addresses, notice), clock=clock)
