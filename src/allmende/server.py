"""The ASGI application: API, pages and problems of one registry put together. Who serves it is `cli.serve`."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from allmende import __version__
from allmende.checks.runbooks import runbooks
from allmende.registry.api.exports import export_routes
from allmende.registry.api.problems import error_handlers
from allmende.registry.api.public_monitor import own_routes, public_monitor_routes
from allmende.registry.api.read import reading_routes
from allmende.registry.api.submit import submitting_routes
from allmende.registry.pages import page_routes
from allmende.registry.run.registry import Registry
from allmende.web.assets import asset_route, load_assets
from allmende.web.headers import ProtectiveHeaders
from allmende.web.nul import NoNul
from allmende.web.problem import problem_handlers
from allmende.web.render import load_templates

COMPRESSION = 4
"""Little less small than 9, which is the default, and several times as fast."""


def create_app(registry: Registry, clock: Callable[[], datetime]) -> FastAPI:
    """Return the application of a registry; `clock` returns the current moment with its time zone."""
    assets = load_assets()
    templates = load_templates(assets, clock)
    app = FastAPI(
        title="Allmende registry",
        version=__version__,
        summary="The public record of which clouds conform to which standards, and the signed reports it follows from.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the page would load its script from elsewhere
        redoc_url=None,
        exception_handlers={**problem_handlers(templates), **error_handlers(templates)},
    )
    app.add_middleware(NoNul)
    app.add_middleware(ProtectiveHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION)
    app.include_router(submitting_routes(registry, clock, templates))
    app.include_router(own_routes(registry, clock, templates))
    app.include_router(public_monitor_routes(registry, clock, templates))
    app.include_router(export_routes(registry, clock))
    app.include_router(reading_routes(registry, clock))
    app.router.routes.extend([*page_routes(registry, templates, runbooks(registry.standards)), asset_route(assets)])
    return app
