"""The pages of what was reported: the table, a subject, a report.

Names that the record does not know end as UnknownNameError, which the application answers as a problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.registry.pages import history, table
from allmende.registry.pages.credentials import account_of
from allmende.registry.pages.remembered import remembered
from allmende.registry.pages.testcases import expires_soon, score_view
from allmende.registry.run import certify, log, public_monitor, read
from allmende.registry.run.attest import attested_in
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form
from allmende.web.measured import Measurements
from allmende.web.render import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPages:
    """The record as pages; each method answers one address."""

    registry: Registry
    templates: Templates
    measured: Measurements

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the table, of subjects and of reports."""
        return [
            Route("/", self.table, name="table"),
            Route("/subjects/{subject}", self.subject, name="subject"),
            Route("/subjects/{subject}/history/{scope}", self.history, name="history"),
            Route("/reports/{report:uuid}", self.report, name="report"),
        ]

    def table(self, request: Request) -> Response:
        """Show all subjects and what follows from their results, per scope."""

        def page() -> bytes:
            shown = table.deciding(read.table(self.registry, now))
            view = table.view(shown, table.asked(request.query_params, shown))
            values = {"table": shown, "view": view, "checked_at": table.checked_at, "measured": self.measured()}
            return self.templates.render(request, "registry/table.html", values)

        now = self.templates.clock()
        held = remembered(self.registry, request, read.state(self.registry), now, page)
        return self.templates.answer(request, held)

    def subject(self, request: Request) -> Response:
        """Show one subject, testcase by testcase."""

        def page() -> bytes:
            record = read.subject_record(self.registry, subject, now)
            only_open = request.query_params.get("show") == "open"
            version = request.query_params.get("version", "")
            views = tuple(score_view(score, version, only_open=only_open) for score in record.scores)
            values = {
                "record": record,
                "certificates": certify.records(self.registry, record.as_of, record.subject.id),
                "views": views,
                "only_open": only_open,
                "expires_soon": expires_soon,
                "measured": self.measured().get(record.subject.id),
            }
            return self.templates.render(request, "registry/subject.html", values)

        subject, now = request.path_params["subject"], self.templates.clock()
        held = remembered(self.registry, request, read.state_of(self.registry, subject), now, page)
        return self.templates.answer(request, held)

    def history(self, request: Request) -> Response:
        """Show what counted for one subject and scope over the last 18 months."""
        now = self.templates.clock()
        record = read.subject_record(self.registry, request.path_params["subject"], now)
        scope = read.scope_called(self.registry, request.path_params["scope"])
        shown = history.period(now)
        days = read.history(self.registry, record.subject.id, UUID(scope.uuid), now - history.SHOWN)
        testcases = self.registry.standards.testcases
        listed = dict.fromkeys(id_ for version in scope.versions for id_ in version.testcases() if id_ in days)
        strips = [history.strip(testcases[id_], days[id_], shown) for id_ in listed]
        values: Mapping[str, object] = {"record": record, "scope": scope, "shown": shown, "strips": strips}
        return self.templates.respond(request, "registry/history.html", values)

    async def report(self, request: Request) -> Response:
        """Show one report; a program that says who it is gets the report itself, as from the SCS compliance monitor."""
        asks_as_program = "Authorization" in request.headers and "text/html" not in request.headers.get("Accept", "")
        if not asks_as_program:
            return await run_in_threadpool(self._report, request)
        account = await account_of(self.registry, request, self.templates.clock())
        report = request.path_params["report"]
        document = await run_in_threadpool(public_monitor.own_document, self.registry, account, report)
        if document is None:
            raise HTTPException(403, f"The account {account.name} does not report for the subject of this report.")
        return Response(to_json(document, fallback=str, indent=2), media_type="application/json")

    def _report(self, request: Request) -> Response:
        record = read.report_record(self.registry, request.path_params["report"])
        values: Mapping[str, object] = {
            "record": record,
            "attestations": {each.result.testcase: each for each in attested_in(self.registry, record.report.id)},
            "entry": log.number_of(self.registry, record.report.id),
            "bytes_are_public": record.report.media_type == Form.OWN,
            "testcases": self.registry.standards.testcases,
            "exclusions": {exclusion.testcase: exclusion for exclusion in record.exclusions},
        }
        return self.templates.respond(request, "registry/report.html", values)
