"""The views of the SCS compliance monitor's addresses: Markdown and HTML to embed elsewhere, and a page around it.

What stands on our own pages is said there better; these are for links and embeddings
that exist, and each links to the page of ours that says more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.outcome import Outcome
from allmende.registry.model.record import ReportRecord, Subject
from allmende.registry.model.scores import TableRow
from allmende.registry.pages.credentials import account_of
from allmende.registry.pages.remembered import remembered
from allmende.registry.rules.public_monitor import GROUP_PREFIX, MARKS, ScopeStanding, Standings, worst_standing
from allmende.registry.run import public_monitor, read
from allmende.registry.run.registry import Registry
from allmende.standards.model import Scope, Target, Validity
from allmende.standards.verdict import PRECEDENCE
from allmende.web.embedded import Block, Grid, Heading, Link, Paragraph, Points, Printed, Words, html, markdown
from allmende.web.render import Templates
from allmende.web.words import STATES, iso_day, iso_minute

MARKS_EXPLAINED = "Versions: * draft, † soon deprecated, †† deprecated."


class View(StrEnum):
    """How a view is answered."""

    MARKDOWN = "markdown"
    FRAGMENT = "fragment"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicMonitorViews:
    """The views; each method answers one kind of address in all three forms."""

    registry: Registry
    templates: Templates

    def routes(self) -> list[BaseRoute]:
        """Return the routes of every view."""
        return [
            Route(f"/{view}{address}", answer)
            for view in View
            for address, answer in (
                ("/table", self.table),
                ("/table_full", self.table),
                ("/detail/{subject}/{scope}", self.detail),
                ("/detail_full/{subject}/{scope}", self.detail),
                ("/scope/{scope}", self.scope),
                ("/report/{report:uuid}", self.report),
                ("/report_full/{report:uuid}", self.report_in_full),
            )
        ]

    def table(self, request: Request) -> Response:
        """Show every subject and group by the scopes of which a version counts; `table_full` also with drafts."""
        now = self.templates.clock()
        return self._remembered(request, read.state(self.registry), now, lambda: self._table(request, now))

    def detail(self, request: Request) -> Response:
        """Show the testcases of a subject, or of each member of a group, for one scope."""
        now = self.templates.clock()
        state = read.state_of(self.registry, request.path_params["subject"])
        if state is None:  # a group is as new as the record
            state = read.state(self.registry)
        return self._remembered(request, state, now, lambda: self._detail(request, now))

    def _table(self, request: Request, now: datetime) -> bytes:
        with_drafts = "table_full" in request.url.path
        shown = read.table(self.registry, now)
        scopes = [scope for scope in shown.scopes if with_drafts or scope.effective(now.date())]
        standings = public_monitor.standings(self.registry, now, with_drafts=with_drafts)
        detail = f"{_origin(request)}/page/detail{'_full' if with_drafts else ''}"
        rows = [_row(row, scopes, standings, detail) for row in shown.rows]
        headings = ["Name", "Description", "Operator", *(scope.name for scope in scopes), "Health monitor"]
        blocks: list[Block] = [
            Grid(headings=headings, rows=rows),
            Paragraph(words=[MARKS_EXPLAINED, Link(text="The record itself", address=_origin(request))]),
        ]
        return self._rendered(request, f"SCS compliance overview{' with drafts' if with_drafts else ''}", blocks)

    def _detail(self, request: Request, now: datetime) -> bytes:
        scope = read.scope_called(self.registry, request.path_params["scope"])
        name = request.path_params["subject"]
        with_drafts = "/detail_full/" in request.url.path
        found = public_monitor.detail(self.registry, name, scope, now, with_drafts=with_drafts)
        blocks = [block for subject, standing in found for block in self._standing(subject, standing, _origin(request))]
        title = f"{scope.name}: {name.removeprefix(GROUP_PREFIX) if len(found) > 1 else found[0][0].name}"
        return self._rendered(request, title, blocks)

    def scope(self, request: Request) -> Response:
        """Show the modules of the versions of a scope that the timeline names today."""
        scope = read.scope_called(self.registry, request.path_params["scope"])
        return self._answer(request, scope.name, _scope(scope, scope.named(self.templates.clock().date())))

    def report(self, request: Request) -> Response:
        """Show the results of one report."""
        record = read.report_record(self.registry, request.path_params["report"])
        return self._answer(request, f"Report {record.report.id}", _report(record, _origin(request)))

    async def report_in_full(self, request: Request) -> Response:
        """Show one report with what its programs printed, to those who report for its subject."""
        account = await account_of(self.registry, request, self.templates.clock())
        report: UUID = request.path_params["report"]
        document = await run_in_threadpool(public_monitor.own_document, self.registry, account, report)
        if document is None:
            raise HTTPException(403, f"The account {account.name} does not report for the subject of this report.")
        record = await run_in_threadpool(read.report_record, self.registry, report)
        blocks = [*_report(record, _origin(request)), Heading(text="Logs"), Printed(lines=_logs(document))]
        return self._answer(request, f"Report {report} with logs", blocks)

    def _standing(self, subject: Subject, standing: ScopeStanding, origin: str) -> Sequence[Block]:
        heading = Heading(text=subject.name)
        if not standing.results:
            return [heading, Paragraph(words=["No result counts now."])]
        main = [set(version.version.testcases(Target.MAIN)) for version in standing.relevant]
        rows: list[list[Words]] = []
        for outcome, testcases in standing.buckets().items():
            for id_ in testcases:
                testcase = self.registry.standards.testcases[id_]
                seen: list[str | Link] = [_state(outcome)]
                if result := standing.results.get(id_):
                    address = f"{origin}/page/report/{result.report}"
                    seen.append(Link(text=iso_day(result.checked_at), address=address))
                demanded = [["X"] if id_ in ids else [] for ids in main]
                rows.append([[Link(text=id_, address=testcase.url)], seen, *demanded, [testcase.title]])
        names = [f"{version.version.name}{MARKS[version.validity]}" for version in standing.relevant]
        more = Link(text="Evidence and how to fix it", address=f"{origin}/subjects/{quote(subject.id)}")
        return [
            heading,
            Paragraph(words=[f"{_summary(standing)}.", more]),
            Grid(headings=["Testcase", "Result", *names, "Demand"], rows=rows),
        ]

    def _remembered(self, request: Request, state: int, now: datetime, make: Callable[[], bytes]) -> Response:
        return self._answered(request, remembered(self.registry, request, state, now, make))

    def _answer(self, request: Request, title: str, blocks: Iterable[Block]) -> Response:
        return self._answered(request, self._rendered(request, title, blocks))

    def _rendered(self, request: Request, title: str, blocks: Iterable[Block]) -> bytes:
        match _view(request):
            case View.MARKDOWN:
                return markdown(blocks).encode()
            case View.FRAGMENT:
                return html(blocks).encode()
            case View.PAGE:
                values: Mapping[str, object] = {"title": title, "fragment": html(blocks)}
                return self.templates.render(request, "registry/view.html", values)

    def _answered(self, request: Request, content: bytes) -> Response:
        view = _view(request)
        if view is View.PAGE:
            return self.templates.answer(request, content)
        return Response(content, media_type=f"text/{'markdown' if view is View.MARKDOWN else 'html'}; charset=utf-8")


def _view(request: Request) -> View:
    return View(request.url.path.split("/")[1])


def _origin(request: Request) -> str:
    """Return what an address begins with where the view is embedded in pages of others."""
    return str(request.base_url).rstrip("/")


def _row(row: TableRow, scopes: Iterable[Scope], standings: Standings, detail: str) -> Sequence[Words]:
    first = row.subjects[0]
    name = first.id if len(row.subjects) == 1 else f"{GROUP_PREFIX}{row.name}"
    health = next((subject.health_url for subject in row.subjects if subject.health_url), "")
    cells = []
    for scope in scopes:
        worst = worst_standing([standings.get(subject.id, {}).get(scope.id) for subject in row.subjects])
        cells.append([Link(text=_summary(worst), address=f"{detail}/{quote(name)}/{scope.id}")])
    return [
        [Link(text=row.name, address=first.url)],
        [row.description],
        [row.operator],
        *cells,
        [Link(text="health monitor", address=health)] if health else [],
    ]


def _summary(standing: ScopeStanding | None) -> str:
    """Return the outcome with the versions that do not fail: `✓ pass v5.1`."""
    if standing is None or not standing.results:
        return _state(Outcome.MISS)
    return f"{_state(standing.outcome)} {standing.passed_words}".rstrip()


def _state(outcome: Outcome) -> str:
    return f"{STATES[outcome].symbol} {STATES[outcome].word}"


def _scope(scope: Scope, validities: Mapping[str, Validity]) -> Sequence[Block]:
    versions = [version for version in scope.versions if version.name in validities]
    modules = {module.id: module for version in versions for module in version.modules}
    rows: list[Sequence[Words]] = [
        [["State"], *([validities[version.name].capitalize()] for version in versions)],
        [["Stable since"], *([str(version.stabilized)] if version.stabilized else [] for version in versions)],
    ]
    for id_, module in sorted(modules.items()):
        listed = [["X"] if any(each.id == id_ for each in version.modules) else [] for version in versions]
        rows.append([[Link(text=f"{id_}: {module.name}", address=module.url)], *listed])
    return [Grid(headings=["Version", *(version.name for version in versions)], rows=rows)]


def _report(record: ReportRecord, origin: str) -> Sequence[Block]:
    report = record.report
    scope = record.scope.name if record.scope else report.scope_name
    facts: list[Words] = [
        ["report:", Link(text=str(report.id), address=f"{origin}/reports/{report.id}")],
        ["subject:", Link(text=record.subject.name, address=f"{origin}/subjects/{quote(report.subject)}")],
        ["scope:", Link(text=scope, address=f"{origin}/page/scope/{report.scope}")],
        ["checked:", iso_minute(report.finished_at)],
        ["signed by:", report.fingerprint],
    ]
    ordered = sorted(record.results, key=lambda result: (PRECEDENCE.index(result.outcome), result.testcase))
    rows = [[[result.testcase], [_state(result.outcome)], [result.summary]] for result in ordered]
    return [Points(points=facts), Grid(headings=["Testcase", "Result", "Seen"], rows=rows)]


def _logs(document: Mapping[str, Any]) -> Sequence[str]:
    invocations = document["run"]["invocations"].values()
    return [
        str(line) for each in invocations for name in ("stdout", "stderr") for line in [f"{name}:", *each.get(name, ())]
    ]
