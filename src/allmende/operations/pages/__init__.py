"""The status pages: of all clouds, of one, and an incident. They judge nothing themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.operations.model.status import Day, Impact, Incident
from allmende.operations.pages.pictures import measured_bars, stated_bars
from allmende.operations.rules import stated
from allmende.operations.rules.stated import MAINTENANCE, Verdict
from allmende.operations.run import incidents, view
from allmende.operations.run.pages import all_pages
from allmende.storage.database import Database
from allmende.web.answers import Answers
from allmende.web.feed import FEED_FORMS, Entry, Feed
from allmende.web.languages import language_of
from allmende.web.measured import Measurements
from allmende.web.render import Templates
from allmende.web.words import State

ADDRESS = "/status-pages"
VERDICTS: Mapping[Verdict, str] = {
    Verdict.HUSHED: "failures were measured, and nothing was said",
    Verdict.UNSEEN: "something was said, and no failure was measured",
    Verdict.MAINTENANCE: "failures were measured during maintenance, which counts neither way",
}
"""The words for days on which what was said is not what was measured."""
NO_INCIDENT = "no incident"
KINDS = ("incident", "maintenance", "announced maintenance")
_MOST_ENTRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsPages:
    """What providers say of their clouds as pages; each method answers one address.

    `measured_days` returns what was measured of a cloud's services, `measured` what is measured of clouds now.
    """

    database: Database
    templates: Templates
    measured_days: view.Measured
    measured: Measurements
    answers: Answers = field(default_factory=Answers)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the list, of the page of a cloud, of its incidents, and of its feed."""
        return [
            Route(ADDRESS, self.all, name="status-pages"),
            Route(ADDRESS + "/{cloud}", self.cloud, name="status-page"),
            Route(ADDRESS + "/{cloud}/incidents/{incident:uuid}", self.incident, name="status-incident"),
            *(Route(f"{ADDRESS}/{{cloud}}/changes.{form}", self.feed, name=f"status-{form}") for form in FEED_FORMS),
        ]

    def all(self, request: Request) -> Response:
        """List the clouds that have a status page."""
        now = self.templates.clock()
        shown = [view.status_view(self.database, page.cloud, _nothing, now) for page in all_pages(self.database)]
        return self.templates.answer(request, self._rendered(request, "overview", {"views": shown}))

    def cloud(self, request: Request) -> Response:
        """Show what is said of a cloud, beside what was measured."""
        name, words = request.path_params["cloud"], request.query_params.get("q", "").strip()

        def page(now: datetime) -> bytes:
            shown = view.status_view(self.database, name, self.measured_days, now)
            past = view.matching((*shown.open, *shown.past), words) if words else shown.past
            return self._rendered(request, "cloud", {"view": shown, "past": past, "words": words})

        return self._remembered(request, name, page)

    def incident(self, request: Request) -> Response:
        """Show an incident: what was said, in order, and what was learnt."""
        name, id_ = request.path_params["cloud"], UUID(str(request.path_params["incident"]))

        def page(now: datetime) -> bytes:
            found = incidents.one(self.database, name, id_, drafts=False)
            shown = view.status_view(self.database, name, _nothing, now)
            values = {"view": shown, "incident": found, "first_word": stated.first_word(found)}
            return self._rendered(request, "incident", values)

        return self._remembered(request, name, page)

    def feed(self, request: Request) -> Response:
        """Tell what was said lately of a cloud."""
        name, now = request.path_params["cloud"], self.templates.clock()
        media_type, write = FEED_FORMS[request.url.path.rpartition(".")[2]]
        origin = str(request.base_url).rstrip("/")
        told = incidents.between(self.database, name, None, None, drafts=False)
        home = f"{origin}{address_of(name)}"
        entries = sorted((each for one in told for each in _entries(one, home)), key=lambda each: each.at, reverse=True)
        made = Feed(
            title=f"{name}: what its provider says",
            author=name,
            home=home,
            page=home,
            entries=entries[:_MOST_ENTRIES],
            now=now,
        )
        return Response(write(made), media_type=media_type)

    def _remembered(self, request: Request, cloud: str, make: Callable[[datetime], bytes]) -> Response:
        now = self.templates.clock()
        address = (str(request.base_url), request.url.path, request.url.query, language_of(request))
        held = self.answers.of_this_minute(address, view.state(self.database, cloud), now, partial(make, now))
        return self.templates.answer(request, held)

    def _rendered(self, request: Request, template: str, values: Mapping[str, object]) -> bytes:
        usual = {
            "address_of": address_of,
            "kind_of": view.kind_of,
            "state_of": state_of,
            "stated_bars": stated_bars,
            "measured_bars": measured_bars,
            "verdicts": VERDICTS,
            "measured": self.measured(),
            "maintenance": MAINTENANCE,
            "shown_days": view.SHOWN_DAYS,
        }
        return self.templates.render(request, f"status/{template}.html", {**usual, **values})


def page_of(database: Database, cloud: str) -> str:
    """Return where the status page of a cloud is; empty when it has none."""
    return address_of(cloud) if cloud in {page.cloud for page in all_pages(database)} else ""


def address_of(cloud: str, incident: Incident | None = None) -> str:
    """Return where the status page of a cloud is, or one of its incidents."""
    page = f"{ADDRESS}/{quote(cloud, safe='')}"
    return page if incident is None else f"{page}/incidents/{incident.id}"


def state_of(impact: Impact | None) -> State:
    """Return how an impact is shown: by a symbol, and the name of its severity as the provider said it."""
    if impact is None:
        return State(symbol="✓", word=NO_INCIDENT, name="pass")
    if impact.severity <= MAINTENANCE:
        return State(symbol="◷", word=impact.word, name="soon")
    return State(symbol="✕", word=impact.word, name="fail")


def _entries(incident: Incident, home: str) -> list[Entry]:
    address = f"{home}/incidents/{incident.id}"
    said = [
        Entry(
            id=f"{address}#update-{update.order}",
            at=max(update.said_at, incident.published_at or update.said_at),
            said=f"{incident.name}: {update.name}" if update.name else incident.name,
            kind="update",
            address=address,
            text=update.description,
        )
        for update in incident.updates
    ]
    if incident.published_at is None:
        return said
    began = Entry(
        id=address,
        at=incident.published_at,
        said=incident.name,
        kind="incident",
        address=address,
        text=incident.description,
    )
    return [*said, began]


def _nothing(cloud: str, since: datetime) -> Mapping[str, Mapping[date, Day]]:  # noqa: ARG001 -- as what measures
    return {}
