"""The ASGI application: API, pages and problems of one registry put together. Who serves it is `cli.serve`."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.security import HTTPBasicCredentials
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from allmende import __version__
from allmende.checks.runbooks import runbooks
from allmende.health.api.read import monitor_routes
from allmende.health.api.report import reporting_routes
from allmende.health.model.alarm import Message, Trouble
from allmende.health.pages import ADDRESS as HEALTH
from allmende.health.pages import HealthPages
from allmende.health.rules.alarms import evidence, sentence
from allmende.health.rules.runbooks import runbook_of
from allmende.health.run import alarms
from allmende.health.run.view import services_by_day
from allmende.operations.api.status import status_routes
from allmende.operations.model.status import Day, Noticed
from allmende.operations.pages import ADDRESS as STATUS_PAGES
from allmende.operations.pages import OperationsPages, page_of
from allmende.operations.pages.desk import OwnStatusPages
from allmende.operations.rules.notices import Notice
from allmende.operations.run import incidents
from allmende.operations.run.automatic import noticed
from allmende.registry.api.attestations import attestation_routes
from allmende.registry.api.certificates import certificate_routes
from allmende.registry.api.credentials import account_of
from allmende.registry.api.evidence import evidence_routes
from allmende.registry.api.exports import export_routes
from allmende.registry.api.integrators import integrator_routes
from allmende.registry.api.log import log_routes
from allmende.registry.api.problems import RefusedError, error_handlers
from allmende.registry.api.public_monitor import own_routes, public_monitor_routes
from allmende.registry.api.read import reading_routes
from allmende.registry.api.subjects import subject_routes
from allmende.registry.api.submit import submitting_routes
from allmende.registry.fetch.openid import Provider
from allmende.registry.model.accounts import TokenScope
from allmende.registry.model.events import AlarmNote, Event, EventKind
from allmende.registry.model.refusals import Refusal
from allmende.registry.pages import page_routes
from allmende.registry.run import log, notify, read
from allmende.registry.run.log import Notary
from allmende.registry.run.notify import Doors
from allmende.registry.run.registry import Registry
from allmende.storage.background import Chore, background
from allmende.web.assets import asset_route, load_assets
from allmende.web.gate import Gate
from allmende.web.headers import ProtectiveHeaders
from allmende.web.languages import language_route
from allmende.web.nul import NoNul
from allmende.web.problem import problem_handlers
from allmende.web.rate import RateLimit
from allmende.web.render import Templates, load_templates

SWEEP_SECONDS = 3600
PUMP_SECONDS = 5
LOOK_SECONDS = 300
TELL_SECONDS = 60
MEASURED = timedelta(days=90)
"""What was measured of a cloud within so long is offered as a component of its status page."""
COMPRESSION = 4
"""Little less small than 9, which is the default, and several times as fast."""


def create_app(
    registry: Registry,
    clock: Callable[[], datetime],
    notary: Notary,
    doors: Doors | None = None,
    *,
    provider: Provider | None = None,
    notice: str = "",
    requests_per_minute: int = 0,
) -> FastAPI:
    """Return the application of a registry; `clock` returns the current moment with its time zone.

    Messages leave through `doors`; without any, they wait. People may sign in at `provider`.
    `notice` is said at the top of every page.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """While the application runs, look what time alone has changed, and deliver messages."""
        async with background(registry.database, _chores(registry, doors, clock)):
            yield

    assets = load_assets()
    templates = load_templates(assets, clock, notice)
    app = FastAPI(
        title="Allmende registry",
        version=__version__,
        summary="The public record of which clouds conform to which standards, and the signed reports it follows from.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the page would load its script from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        exception_handlers={**problem_handlers(templates), **error_handlers(templates)},
    )
    if requests_per_minute:
        app.add_middleware(RateLimit, per_minute=requests_per_minute, templates=templates)
    app.add_middleware(NoNul)
    app.add_middleware(ProtectiveHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION)
    app.include_router(submitting_routes(registry, clock, templates))
    app.include_router(own_routes(registry, clock, templates))
    app.include_router(public_monitor_routes(registry, clock, templates))
    app.include_router(export_routes(registry, clock))
    app.include_router(reading_routes(registry, clock))
    app.include_router(subject_routes(registry, clock, templates))
    app.include_router(log_routes(registry, notary))
    app.include_router(certificate_routes(registry, clock, templates, notary))
    app.include_router(integrator_routes(registry, clock))
    app.include_router(attestation_routes(registry, clock, templates))
    app.include_router(evidence_routes(registry, clock, templates))
    app.include_router(monitor_routes(registry.database, clock))
    app.include_router(reporting_routes(registry.database, clock, _gate(registry, clock, TokenScope.MONITOR)))
    app.include_router(status_routes(registry.database, clock, _gate(registry, clock, TokenScope.STATUS)))
    pages = _pages(registry, templates, notary, provider)
    app.router.routes.extend([*pages, language_route(), asset_route(assets)])
    return app


def _pages(registry: Registry, templates: Templates, notary: Notary, provider: Provider | None) -> list[BaseRoute]:
    """Return the routes of every page; what one part of Allmende says of a cloud, the pages of others link to."""
    monitored = HealthPages(
        database=registry.database,
        templates=templates,
        subject_page=partial(_page_of, registry),
        status_page=partial(page_of, registry.database),
    )
    told = OperationsPages(
        database=registry.database,
        templates=templates,
        measured_days=partial(_measured_days, registry),
        measured=monitored.measured,
    )
    speaking = OwnStatusPages(
        database=registry.database,
        clock=templates.clock,
        services=lambda cloud: services_by_day(registry.database, cloud, templates.clock() - MEASURED),
    )
    own = page_routes(
        registry, templates, runbooks(registry.standards), notary, provider, monitored.measured, [speaking]
    )
    return [*own, *monitored.routes(), *told.routes()]


def _gate(registry: Registry, clock: Callable[[], datetime], scope: TokenScope) -> Gate:
    """Return what lets somebody tell of clouds: an account's token that was made for this, for its subjects."""

    def gate(credentials: HTTPBasicCredentials | None) -> frozenset[str]:
        account = account_of(registry, credentials, scope, clock())
        if isinstance(account, Refusal):
            raise RefusedError(account)
        return account.subjects

    return gate


def _page_of(registry: Registry, subject: str) -> str:
    """Return where the page of a subject is; empty when there is none of this id."""
    return f"/subjects/{quote(subject)}" if read.state_of(registry, subject) is not None else ""


def _measured_days(registry: Registry, cloud: str, since: datetime) -> Mapping[str, Mapping[date, Day]]:
    """Return what was measured of the services of a cloud, as a status page compares it."""
    found = services_by_day(registry.database, cloud, since)
    return {
        service: {at.date(): Day(tried=tally.tried, failed=tally.failed) for at, tally in days.items()}
        for service, days in found.items()
    }


def _chores(registry: Registry, doors: Doors | None, clock: Callable[[], datetime]) -> list[Chore]:
    """Return what is done beside the requests; messages only where there is a way out for them."""

    def sweep() -> None:
        log.sweep(registry, clock())
        notify.look_ahead(registry, clock())

    chores = [Chore(name="sweep", seconds=SWEEP_SECONDS, do=sweep)]

    def look() -> None:
        alarms.look(registry.database, clock())
        noticed(registry.database, _noticed(registry, clock()), clock())

    chores.append(Chore(name="look", seconds=LOOK_SECONDS, do=look))
    if doors is not None:

        def deliver() -> None:
            alarms.pass_on(registry.database, lambda message: notify.happened(registry, _event(message)))
            notify.pump(registry, doors, clock)

        def tell() -> None:
            for cloud, notice in list(incidents.to_tell(registry.database, clock())):
                notify.happened(registry, _status_event(cloud, notice))

        chores.append(Chore(name="tell", seconds=TELL_SECONDS, do=tell))
        chores.append(Chore(name="deliver", seconds=PUMP_SECONDS, do=deliver))
    return chores


def _noticed(registry: Registry, now: datetime) -> Iterator[Noticed]:
    """Yield the alarms of which a status page may tell: that a service fails, or misses its objective."""
    for alarm in alarms.lately(registry.database, now):
        if alarm.cause.trouble in (Trouble.FAILS, Trouble.BUDGET):
            yield Noticed(
                alarm=alarm.id,
                cloud=alarm.cause.cloud,
                service=alarm.cause.what,
                began_at=alarm.began_at,
                ended_at=alarm.ended_at,
                said=alarm.newest.said,
                evidence=tuple(evidence(alarm)),
            )


def _status_event(cloud: str, notice: Notice) -> Event:
    """Return what subscribers are told of a status page."""
    return Event(
        at=notice.at,
        kind=EventKind.STATUS,
        subject=cloud,
        said=f"{cloud}: {notice.said}",
        page=f"{STATUS_PAGES}/{quote(cloud)}/incidents/{notice.incident}",
        key=notice.key,
    )


def _event(message: Message) -> Event:
    """Return what subscribers are told of an alarm."""
    alarm = message.alarm
    return Event(
        at=message.at,
        kind=EventKind.HEALTH,
        subject=alarm.cause.cloud,
        said=sentence(alarm, message.word),
        page=f"{HEALTH}/{quote(alarm.cause.cloud)}#failures",
        key=f"alarm message {message.id}",
        alarm=AlarmNote(
            id=alarm.id,
            about=alarm.newest.said,
            trouble=alarm.cause.trouble,
            service=alarm.cause.what,
            began_at=alarm.began_at,
            ended_at=alarm.ended_at,
            times=alarm.times,
            seen=evidence(alarm),
            runbook=runbook_of(alarm.cause),
        ),
    )
