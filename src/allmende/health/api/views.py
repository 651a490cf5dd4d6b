"""The documents of the monitor's API: what was measured, as JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from allmende.health.model.samples import Ending, State
from allmende.health.model.standing import Standing
from allmende.health.rules.statistics import Figures
from allmende.health.run.view import CloudLine, CloudView, Line


class FiguresView(BaseModel):
    """How often something was tried, failed, or was not seen, and how many seconds what worked took at most."""

    tried: int
    failed: int
    blind: int
    working: float | None
    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, figures: Figures) -> "FiguresView":
        """Return the document."""
        return cls(
            tried=figures.tried,
            failed=figures.failed,
            blind=figures.blind,
            working=figures.working,
            p50=figures.p50,
            p95=figures.p95,
            p99=figures.p99,
        )


class StandingView(BaseModel):
    """The newest iteration of a scenario from a vantage point."""

    scenario: str
    vantage: str
    state: State
    at: datetime
    since: datetime

    @classmethod
    def of(cls, standing: Standing) -> "StandingView":
        """Return the document."""
        return cls(
            scenario=standing.scenario,
            vantage=standing.vantage,
            state=standing.state,
            at=standing.at,
            since=standing.since,
        )


class CloudLineView(BaseModel):
    """A cloud in few words. Without a state, nothing was seen lately."""

    name: str
    state: State | None
    measured_at: datetime
    last_24_hours: FiguresView
    requests_last_24_hours: FiguresView
    usual_p95: float | None
    last_90_days: FiguresView

    @classmethod
    def of(cls, line: CloudLine) -> "CloudLineView":
        """Return the document."""
        return cls(
            name=line.name,
            state=line.state,
            measured_at=line.newest.at,
            last_24_hours=FiguresView.of(line.today),
            requests_last_24_hours=FiguresView.of(line.requests),
            usual_p95=line.usual_p95,
            last_90_days=FiguresView.of(line.quarter),
        )


class LineView(BaseModel):
    """A scenario, a service, all requests to one, or a step, in the period."""

    service: str
    what: str
    figures: FiguresView
    usual_p95: float | None
    budget: float | None

    @classmethod
    def of(cls, line: Line) -> "LineView":
        """Return the document."""
        return cls(
            service=line.service,
            what=line.what,
            figures=FiguresView.of(line.figures),
            usual_p95=line.usual_p95,
            budget=line.budget,
        )


class FailureView(BaseModel):
    """A step that did not work, with its evidence."""

    iteration: UUID
    vantage: str
    scenario: str
    at: datetime
    service: str
    step: str
    ending: Ending
    status: int | None
    request_id: str
    said: str
    seconds: float


class CloudHealthView(BaseModel):
    """A cloud in a period: from `since` on."""

    name: str
    state: State | None
    period: str
    since: datetime
    until: datetime
    newest: list[StandingView]
    scenarios: list[LineView]
    services: list[LineView]
    apis: list[LineView]
    steps: list[LineView]
    failures: list[FailureView]

    @classmethod
    def of(cls, view: CloudView) -> "CloudHealthView":
        """Return the document."""
        return cls(
            name=view.name,
            state=view.state,
            period=view.period.name,
            since=view.period.since,
            until=view.period.until,
            newest=[StandingView.of(standing) for standing in view.standings],
            scenarios=[LineView.of(line) for line in view.scenarios],
            services=[LineView.of(line) for line in view.services],
            apis=[LineView.of(line) for line in view.apis],
            steps=[LineView.of(line) for line in view.steps],
            failures=[
                FailureView(
                    iteration=iteration.id,
                    vantage=iteration.vantage,
                    scenario=iteration.scenario,
                    at=step.at,
                    service=step.service,
                    step=step.what,
                    ending=step.ending,
                    status=step.status,
                    request_id=step.request_id,
                    said=step.said,
                    seconds=step.seconds,
                )
                for iteration in view.failed
                for step in iteration.samples
            ],
        )
