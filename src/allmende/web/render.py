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
from allmende.web.languages import NAMES, all_translations, language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of all pages, with the clock that relative times are told by."""

    environments: Mapping[str, jinja2.Environment]
    """By the language they speak."""
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
            "language": language_of(request),
            "languages": NAMES,
            **values,
        }
        return self.environments[language_of(request)].get_template(template).render(shown).encode()

    def answer(self, request: Request, page: bytes, *, status: int = HTTPStatus.OK) -> Response:
        """Return a rendered page as a response, or 304 when the browser already has exactly this page."""
        headers = {
            "ETag": f'W/"{digest(page)[:32]}"',
            "Cache-Control": "no-cache",
            "Content-Language": language_of(request),
            "Vary": "Accept-Language, Cookie",
        }
        if status == HTTPStatus.OK and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(page, status_code=status, headers=headers)


def load_templates(assets: Mapping[str, Asset], clock: Callable[[], datetime], notice: str = "") -> Templates:
    """Return the templates of this package; a template that names an unknown value or asset fails when rendered."""
    addresses = {name: asset.address for name, asset in assets.items()}
    spoken = all_translations().items()
    environments = {name: template_environment(addresses, notice, messages, name) for name, messages in spoken}
    return Templates(environments=environments, clock=clock)
