"""The reading half of the monitor's API: clouds, one cloud, its figures by stretches of time, and metrics."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from allmende.health.api.metrics import metrics
from allmende.health.api.views import CloudHealthView, CloudLineView
from allmende.health.model.tally import Of
from allmende.health.rules.statistics import Figures
from allmende.health.run import view
from allmende.storage.database import Database

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Period = Annotated[str, Query(pattern=f"^({'|'.join(view.PERIODS)})$", description="How far back from now.")]


def monitor_routes(database: Database, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes that read what was measured. All of it is public."""
    router = APIRouter(prefix="/api/monitor", tags=["monitor"])

    @router.get("/clouds")
    def clouds() -> list[CloudLineView]:
        """Return every cloud of which something was measured."""
        return [CloudLineView.of(line) for line in view.overview(database, clock())]

    @router.get("/clouds/{cloud}")
    def cloud(cloud: str, period: Period = view.USUAL_PERIOD) -> CloudHealthView:
        """Return what was seen of a cloud in a period."""
        return CloudHealthView.of(view.cloud_view(database, cloud, view.period_called(period, clock())))

    @router.get("/clouds/{cloud}/figures.csv", response_class=Response)
    def table(cloud: str, period: Period = view.USUAL_PERIOD) -> Response:
        """Return the figures of everything that was tried on a cloud, by stretches of time."""
        rows = view.table(database, cloud, view.period_called(period, clock()))
        written = io.StringIO()
        csv.writer(written).writerows(_rows(rows))
        return Response(written.getvalue(), media_type="text/csv; charset=utf-8")

    @router.get("/metrics", response_class=Response)
    def openmetrics() -> Response:
        """Return counters and histograms of all time, and how each cloud stands now, for Prometheus."""
        return Response(metrics(*view.totals(database)), media_type=OPENMETRICS)

    return router


def _rows(rows: Iterable[tuple[datetime, Of, str, str, Figures]]) -> Iterator[tuple[object, ...]]:
    yield ("from", "of", "service", "what", "tried", "failed", "not_seen", "p50_s", "p95_s", "p99_s")
    for at, of, service, what, found in rows:
        lasted = ("" if value is None else round(value, 4) for value in (found.p50, found.p95, found.p99))
        yield (at.isoformat(), of, service, what, found.tried, found.failed, found.blind, *lasted)
