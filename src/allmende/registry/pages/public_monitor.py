"""The views of the SCS compliance monitor's addresses: Markdown and HTML to embed elsewhere, and a page around it.

Each view is Markdown first. What stands on our own pages is said there better; these are for links and embeddings
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
from allmende.registry.model import ReportRecord, Subject, TableRow
from allmende.registry.pages.credentials import account_of
from allmende.registry.pages.remembered import remembered
from allmende.registry.rules.public_monitor import GROUP_PREFIX, MARKS, ScopeStanding, Standings, worst_standing
from allmende.registry.run import public_monitor, read
from allmende.registry.run.registry import Registry
from allmende.standards.model import Scope, Target, Validity
from allmende.standards.verdict import PRECEDENCE
from allmende.web.markdown import escaped, html, link, table
from allmende.web.render import Templates
from allmende.web.words import STATES, iso_day, iso_minute

MARKS_EXPLAINED = "\\* draft, † soon deprecated, †† deprecated."


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
        headings = ["Name", "Description", "Operator", *(escaped(scope.name) for scope in scopes), "Health monitor"]
        record = link(_origin(request), _origin(request))
        markdown = f"{table(headings, rows)}\nVersions: {MARKS_EXPLAINED} The record itself is at {record}.\n"
        return self._rendered(request, f"SCS compliance overview{' with drafts' if with_drafts else ''}", markdown)

    def _detail(self, request: Request, now: datetime) -> bytes:
        scope = read.scope_called(self.registry, request.path_params["scope"])
        name = request.path_params["subject"]
        with_drafts = "/detail_full/" in request.url.path
        found = public_monitor.detail(self.registry, name, scope, now, with_drafts=with_drafts)
        parts = [self._standing(subject, standing, _origin(request)) for subject, standing in found]
        title = f"{scope.name}: {name.removeprefix(GROUP_PREFIX) if len(found) > 1 else found[0][0].name}"
        return self._rendered(request, title, "\n".join(parts))

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
        return self._answer(request, f"Report {report} with logs", _report(record, _origin(request)) + _logs(document))

    def _standing(self, subject: Subject, standing: ScopeStanding, origin: str) -> str:
        versions = [version.version for version in standing.relevant]
        rows = []
        for outcome, testcases in standing.buckets().items():
            for id_ in testcases:
                testcase = self.registry.standards.testcases[id_]
                result = standing.results.get(id_)
                when = f" {link(iso_day(result.checked_at), f'{origin}/page/report/{result.report}')}" if result else ""
                demanded = ["X" if id_ in version.testcases(Target.MAIN) else "" for version in versions]
                rows.append([link(id_, testcase.url), _state(outcome) + when, *demanded, escaped(testcase.title)])
        heading = f"## {escaped(subject.name)}\n\n"
        more = (
            f"{_summary(standing)}. {link('Evidence and how to fix it', f'{origin}/subjects/{quote(subject.id)}')}\n\n"
        )
        if not standing.results:
            return f"{heading}No result counts now.\n"
        names = [f"{version.version.name}{escaped(MARKS[version.validity])}" for version in standing.relevant]
        return heading + more + table(["Testcase", "Result", *names, "Demand"], rows)

    def _remembered(self, request: Request, state: int, now: datetime, make: Callable[[], bytes]) -> Response:
        return self._answered(request, remembered(self.registry, request, state, iso_minute(now), make))

    def _answer(self, request: Request, title: str, markdown: str) -> Response:
        return self._answered(request, self._rendered(request, title, markdown))

    def _rendered(self, request: Request, title: str, markdown: str) -> bytes:
        match _view(request):
            case View.MARKDOWN:
                return markdown.encode()
            case View.FRAGMENT:
                return html(markdown).encode()
            case View.PAGE:
                values: Mapping[str, object] = {"title": title, "fragment": html(markdown)}
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


def _row(row: TableRow, scopes: Iterable[Scope], standings: Standings, detail: str) -> Sequence[str]:
    first = row.subjects[0]
    name = first.id if len(row.subjects) == 1 else f"{GROUP_PREFIX}{row.name}"
    health = next((subject.health_url for subject in row.subjects if subject.health_url), "")
    cells = []
    for scope in scopes:
        worst = worst_standing([standings.get(subject.id, {}).get(scope.id) for subject in row.subjects])
        cells.append(link(_summary(worst), f"{detail}/{quote(name)}/{scope.id}"))
    return [
        link(row.name, first.url) if first.url else escaped(row.name),
        escaped(row.description),
        escaped(row.operator),
        *cells,
        link("health monitor", health) if health else "–",  # noqa: RUF001 -- a dash is meant
    ]


def _summary(standing: ScopeStanding | None) -> str:
    """Return the outcome with the versions that do not fail: `✓ pass v5.1`."""
    if standing is None or not standing.results:
        return _state(Outcome.MISS)
    return f"{_state(standing.outcome)} {standing.passed_words}".rstrip()


def _state(outcome: Outcome) -> str:
    return f"{STATES[outcome].symbol} {STATES[outcome].word}"


def _scope(scope: Scope, validities: Mapping[str, Validity]) -> str:
    versions = [version for version in scope.versions if version.name in validities]
    modules = {module.id: module for version in versions for module in version.modules}
    rows: list[Sequence[str]] = [
        ["State", *(validities[version.name].capitalize() for version in versions)],
        ["Stable since", *(str(version.stabilized or "") for version in versions)],
    ]
    for id_, module in sorted(modules.items()):
        listed = ["X" if any(each.id == id_ for each in version.modules) else "" for version in versions]
        rows.append([link(f"{id_}: {module.name}", module.url) if module.url else escaped(module.name), *listed])
    return table(["Version", *(version.name for version in versions)], rows)


def _report(record: ReportRecord, origin: str) -> str:
    report = record.report
    scope = record.scope.name if record.scope else report.scope_name
    facts = [
        f"- report: {link(str(report.id), f'{origin}/reports/{report.id}')}",
        f"- subject: {link(record.subject.name, f'{origin}/subjects/{quote(report.subject)}')}",
        f"- scope: {link(scope, f'{origin}/page/scope/{report.scope}')}",
        f"- checked: {iso_minute(report.finished_at)}",
        f"- signed by: {escaped(report.fingerprint)}",
    ]
    ordered = sorted(record.results, key=lambda result: (PRECEDENCE.index(result.outcome), result.testcase))
    rows = [[escaped(r.testcase), _state(r.outcome), escaped(r.summary)] for r in ordered]
    return "\n".join(facts) + "\n\n" + table(["Testcase", "Result", "Seen"], rows)


def _logs(document: Mapping[str, Any]) -> str:
    invocations = document["run"]["invocations"].values()
    lines = (
        line for each in invocations for name in ("stdout", "stderr") for line in [f"{name}:", *each.get(name, ())]
    )
    return "\n## Logs\n\n" + "".join(f"    {str(line).rstrip()}\n" for line in lines)
