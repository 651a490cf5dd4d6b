"""The pages: the public ones of the record, and the desk of who is signed in. They judge nothing themselves."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute

from allmende.registry.fetch.openid import Provider
from allmende.registry.pages.assess import Assessment
from allmende.registry.pages.attestations import AttestationPages
from allmende.registry.pages.catalogue import CataloguePages
from allmende.registry.pages.certificates import CertificatePages
from allmende.registry.pages.desk import Access, Notifications, OwnSubjects, ReportDocuments
from allmende.registry.pages.feed import FeedPages
from allmende.registry.pages.integrators import IntegratorPages, Integrators
from allmende.registry.pages.log import LogPages
from allmende.registry.pages.office import Accounts, Subjects
from allmende.registry.pages.public_monitor import PublicMonitorViews
from allmende.registry.pages.record import RecordPages
from allmende.registry.pages.sign_in import SignInPages
from allmende.registry.pages.statements import MOST_FILE_BYTES, EvidenceFiles, Statements
from allmende.registry.pages.visit import DeskPage, Reception
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry
from allmende.standards.runbook import Runbook
from allmende.web.measured import Measurements
from allmende.web.render import Templates


def page_routes(
    registry: Registry,
    templates: Templates,
    runbooks: Mapping[str, Runbook],
    notary: Notary,
    provider: Provider | None,
    measured: Measurements,
    desk_pages: Sequence[DeskPage] = (),
) -> list[BaseRoute]:
    """Return the routes of all pages. `runbooks` are by testcase; who vouches for people is `provider`, if anybody.

    How clouds work, `measured` tells. `desk_pages` are pages of the desk that other parts of Allmende bring along.
    """
    reception = Reception(registry=registry, templates=templates)
    desk: tuple[DeskPage, ...] = (
        OwnSubjects(reception=reception),
        Access(reception=reception),
        Notifications(reception=reception),
        Assessment(reception=reception, notary=notary),
        Integrators(reception=reception, notary=notary),
        Subjects(reception=reception),
        Accounts(reception=reception),
        *desk_pages,
    )
    return [
        *SignInPages(reception=reception, provider=provider).routes(),
        *(reception.route(page) for page in desk),
        reception.route(Statements(reception=reception), MOST_FILE_BYTES),
        EvidenceFiles(reception=reception).route(),
        ReportDocuments(reception=reception).route(),
        *RecordPages(registry=registry, templates=templates, measured=measured).routes(),
        *FeedPages(registry=registry, clock=templates.clock).routes(),
        *AttestationPages(registry=registry, templates=templates).routes(),
        *CertificatePages(registry=registry, templates=templates).routes(),
        *IntegratorPages(registry=registry, templates=templates).routes(),
        *LogPages(registry=registry, templates=templates).routes(),
        *PublicMonitorViews(registry=registry, templates=templates).routes(),
        *CataloguePages(registry=registry, templates=templates, runbooks=runbooks).routes(),
    ]
