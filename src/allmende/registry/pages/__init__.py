"""The public pages of the record. They show what `run.read` and the standards say and judge nothing themselves."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from allmende.registry.pages.attestations import AttestationPages
from allmende.registry.pages.catalogue import CataloguePages
from allmende.registry.pages.certificates import CertificatePages
from allmende.registry.pages.log import LogPages
from allmende.registry.pages.public_monitor import PublicMonitorViews
from allmende.registry.pages.record import RecordPages
from allmende.registry.run.registry import Registry
from allmende.standards.runbook import Runbook
from allmende.web.render import Templates


def page_routes(registry: Registry, templates: Templates, runbooks: Mapping[str, Runbook]) -> list[BaseRoute]:
    """Return the routes of all pages; they answer GET and HEAD with HTML. `runbooks` are by testcase."""
    return [
        *RecordPages(registry=registry, templates=templates).routes(),
        *AttestationPages(registry=registry, templates=templates).routes(),
        *CertificatePages(registry=registry, templates=templates).routes(),
        *LogPages(registry=registry, templates=templates).routes(),
        *PublicMonitorViews(registry=registry, templates=templates).routes(),
        *CataloguePages(registry=registry, templates=templates, runbooks=runbooks).routes(),
    ]
