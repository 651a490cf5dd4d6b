"""The public pages of the record. They show what `run.read` and the standards say and judge nothing themselves."""

from starlette.routing import BaseRoute

from allmende.registry.pages.catalogue import CataloguePages
from allmende.registry.pages.record import RecordPages
from allmende.registry.run.registry import Registry
from allmende.web.render import Templates


def page_routes(registry: Registry, templates: Templates) -> list[BaseRoute]:
    """Return the routes of all pages; they answer GET and HEAD with HTML."""
    return [
        *RecordPages(registry=registry, templates=templates).routes(),
        *CataloguePages(registry=registry, templates=templates).routes(),
    ]
