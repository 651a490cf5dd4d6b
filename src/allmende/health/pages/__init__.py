"""The pages of the health monitor: all clouds, one of them, and one thing of it. They judge nothing themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import floor
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.health.model.samples import Ending
from allmende.health.model.samples import State as Health
from allmende.health.model.tally import Of, Thing
from allmende.health.pages.pictures import HEIGHT, WIDTH, chart, marks, strip
from allmende.health.rules.runbooks import ADDRESS as RUNBOOKS_ADDRESS
from allmende.health.rules.runbooks import RUNBOOKS
from allmende.health.rules.statistics import figures
from allmende.health.rules.tallies import SPANS
from allmende.health.run import view
from allmende.health.run.scenarios import SCENARIOS
from allmende.storage.database import Database
from allmende.web.answers import Answers
from allmende.web.languages import language_of
from allmende.web.measured import Measured
from allmende.web.render import Templates
from allmende.web.words import State

SHOWN: Mapping[Health | None, State] = {
    Health.WORKS: State(symbol="✓", word="works", name="pass"),
    Health.FAILS: State(symbol="✕", word="fails", name="fail"),
    Health.BLIND: State(symbol="?", word="not seen", name="dnf"),
    None: State(symbol="–", word="no news", name="miss"),  # noqa: RUF001 -- a dash is meant
}
"""How the state of a cloud is shown; None when nothing was seen lately."""
ENDINGS: Mapping[Ending, str] = {
    Ending.ERROR: "error",
    Ending.REFUSED: "refused",
    Ending.TIMEOUT: "no answer in time",
    Ending.UNREACHABLE: "not reachable",
}
"""The words for the endings of what failed."""
ADDRESS = "/health"
COMPARISON = "/comparison"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPages:
    """What was measured as pages; each method answers one address.

    `subject_page` and `status_page` return the addresses of what else is known of a cloud with this name, and of what
    its provider says; empty when there is nothing.
    """

    database: Database
    templates: Templates
    subject_page: Callable[[str], str]
    status_page: Callable[[str], str]
    answers: Answers = field(default_factory=Answers)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the overview, of clouds, and of their steps and requests."""
        return [
            Route(RUNBOOKS_ADDRESS, self.runbooks, name="alarms"),
            Route(COMPARISON, self.comparison, name="health-comparison"),
            Route(ADDRESS, self.overview, name="health"),
            Route(ADDRESS + "/{cloud}", self.cloud, name="health-cloud"),
            Route(ADDRESS + "/{cloud}/steps/{service}/{what:path}", partial(self.thing, Of.STEP), name="health-step"),
            Route(
                ADDRESS + "/{cloud}/requests/{service}/{what:path}", partial(self.thing, Of.CALL), name="health-call"
            ),
        ]

    def measured(self) -> Mapping[str, Measured]:
        """Return what other pages say of each cloud."""
        found = view.in_brief(self.database, self.templates.clock())
        return {
            cloud: Measured(state=SHOWN[state], share=percent(today.working), address=f"{ADDRESS}/{quote(cloud)}")
            for cloud, (state, today) in found.items()
        }

    def overview(self, request: Request) -> Response:
        """Show all clouds."""
        now = self.templates.clock()

        def page() -> bytes:
            clouds = view.overview(self.database, now)
            return self._rendered(request, "overview", {"clouds": clouds, "days": view.SHOWN_DAYS, "day": _DAY})

        return self._remembered(request, None, page)

    def cloud(self, request: Request) -> Response:
        """Show one cloud in a period."""
        name, now = request.path_params["cloud"], self.templates.clock()

        def page() -> bytes:
            period = view.period_called(request.query_params.get("period", ""), now)
            shown = view.cloud_view(self.database, name, period)
            values = {
                "cloud": shown,
                "period": period,
                "periods": view.PERIODS,
                "span": SPANS[period.grain],
                "subject_page": self.subject_page(name),
                "status_page": self.status_page(name),
            }
            return self._rendered(request, "cloud", values)

        return self._remembered(request, name, page)

    def thing(self, of: Of, request: Request) -> Response:
        """Show one step or kind of request of a cloud in a period."""
        name, now = request.path_params["cloud"], self.templates.clock()

        def page() -> bytes:
            thing = Thing(of=of, service=request.path_params["service"], what=request.path_params["what"])
            period = view.point_period(request.query_params.get("period", ""), now)
            shown = view.thing_view(self.database, name, thing, period)
            span = SPANS[period.grain]
            values = {
                "view": shown,
                "period": period,
                "periods": view.PERIODS,
                "span": span,
                "chart": chart(shown.line.stretches, span),
                "plane": (WIDTH, HEIGHT),
            }
            return self._rendered(request, "thing", values)

        return self._remembered(request, name, page)

    def comparison(self, request: Request) -> Response:
        """Show all clouds on the same scenario."""
        scenario, now = request.query_params.get("scenario", "instance"), self.templates.clock()

        def page() -> bytes:
            period = view.comparison_period(request.query_params.get("period", "7d"), now)
            shown = view.comparison(self.database, scenario, period)
            values = {
                "comparison": shown,
                "scenarios": tuple(SCENARIOS),
                "period": period,
                "periods": view.PERIODS,
            }
            return self._rendered(request, "comparison", values)

        return self._remembered(request, None, page)

    def runbooks(self, request: Request) -> Response:
        """Show what to do when an alarm comes."""
        return self.templates.answer(request, self._rendered(request, "alarms", {"runbooks": RUNBOOKS}))

    def _remembered(self, request: Request, cloud: str | None, make: Callable[[], bytes]) -> Response:
        address = (str(request.base_url), request.url.path, request.url.query, language_of(request))
        state = view.state(self.database, cloud)
        held = self.answers.of_this_minute(address, state, self.templates.clock(), make)
        return self.templates.answer(request, held)

    def _rendered(self, request: Request, template: str, values: Mapping[str, object]) -> bytes:
        usual = {
            "healths": SHOWN,
            "endings": ENDINGS,
            "strip": strip,
            "marks": marks,
            "percent": percent,
            "figures": figures,
        }
        return self.templates.render(request, f"health/{template}.html", {**usual, **values})


def percent(share: float | None) -> str:
    """Return a part of a whole in percents; rounded down, so that it says 100 only of all."""
    return "–" if share is None else f"{floor(share * 10000) / 100:g} %"  # noqa: RUF001 -- a dash is meant
