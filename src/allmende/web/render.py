"""Renders a template into a response: escaped, strict about missing values, with an ETag over what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from allmende import __version__
from allmende.canonical import digest
from allmende.web.assets import Asset
from allmende.web.prose import coded, paragraphs
from allmende.web.words import STATES, count, iso_day, iso_minute, relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of all pages, with the clock that relative times are told by."""

    environment: jinja2.Environment
    clock: Callable[[], datetime]

    def respond(
        self, request: Request, template: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK
    ) -> Response:
        """Return the page as a response, or 304 when the browser already has exactly this page."""
        shown = {
            "now": self.clock(),
            "here": request.url.path,
            "origin": str(request.base_url).rstrip("/"),
            **values,
        }
        body = self.environment.get_template(template).render(shown)
        headers = {"ETag": f'W/"{digest(body.encode())[:32]}"', "Cache-Control": "no-cache"}
        if status == HTTPStatus.OK and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(body, status_code=status, headers={**headers, "Content-Language": "en"})


def load_templates(assets: Mapping[str, Asset], clock: Callable[[], datetime]) -> Templates:
    """Return the templates of this package; a template that names an unknown value or asset fails when rendered."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("allmende.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        assets={name: asset.address for name, asset in assets.items()}, states=STATES, product_version=__version__
    )
    environment.filters.update(
        coded=coded, paragraphs=paragraphs, iso_day=iso_day, iso_minute=iso_minute, relative=relative, counted=count
    )
    return Templates(environment=environment, clock=clock)
