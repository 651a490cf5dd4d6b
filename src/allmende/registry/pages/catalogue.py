"""The pages of what is demanded: scopes, standards, testcases; and what this register is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.errors import UnknownNameError
from allmende.registry.pages.timeline import counts_since, timeline
from allmende.registry.run import read
from allmende.registry.run.registry import Registry
from allmende.standards.model import DocumentType, DocumentVersion, Status
from allmende.standards.runbook import Runbook
from allmende.standards.uses import uses
from allmende.web.render import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePages:
    """The standards as pages; each method answers one address."""

    registry: Registry
    templates: Templates
    runbooks: Mapping[str, Runbook]

    def routes(self) -> list[BaseRoute]:
        """Return the routes of scopes, standards and testcases, and of the page about the register."""
        return [
            Route("/scopes", self.scopes, name="scopes"),
            Route("/scopes/{scope}", self.scope, name="scope"),
            Route("/standards", self.standards, name="standards"),
            Route("/standards/{document}", self.standard, name="standard"),
            Route("/testcases/{testcase}", self.testcase, name="testcase"),
            Route("/about", self.about, name="about"),
        ]

    def scopes(self, request: Request) -> Response:
        """Show what can be certified, and by which version today."""
        values = {"scopes": self.registry.standards.scopes, "today": self._today()}
        return self.templates.respond(request, "registry/scopes.html", values)

    def scope(self, request: Request) -> Response:
        """Show one scope: its versions over time, what they demand, and who passes."""
        scope = read.scope_called(self.registry, request.path_params["scope"])
        rows = read.table(self.registry, self.templates.clock()).rows
        values = {
            "scope": scope,
            "today": self._today(),
            "timeline": timeline(scope, self._today()),
            "counts_since": counts_since,
            "cells": [
                (row, cell) for row in rows for cell in row.cells if cell.scope.id == scope.id and cell.checked_at
            ],
            "testcases": self.registry.standards.testcases,
        }
        return self.templates.respond(request, "registry/scope.html", values)

    def standards(self, request: Request) -> Response:
        """Show all documents by track."""
        documents = sorted(self._documents(), key=_by_track)
        tracks = [(track, tuple(group)) for track, group in groupby(documents, key=lambda document: document.track)]
        return self.templates.respond(request, "registry/standards.html", {"tracks": tracks, "today": self._today()})

    def standard(self, request: Request) -> Response:
        """Show one document: its versions, and the testcases that judge it."""
        wanted = request.path_params["document"]
        versions = [document for document in self._documents() if document.id == wanted]
        if not versions:
            raise UnknownNameError(f"There is no document {wanted}.", hint="The page of the standards lists them.")
        testcases = [t for t in self.registry.standards.testcases.values() if t.standard.startswith(f"{wanted}-")]
        today = self._today()
        values = {
            "document": next((v for v in reversed(versions) if v.type is not DocumentType.SUPPLEMENT), versions[-1]),
            "versions": versions,
            "stable": [version.version for version in versions if version.status(today) is Status.STABLE],
            "testcases": testcases,
            "today": today,
        }
        return self.templates.respond(request, "registry/standard.html", values)

    def testcase(self, request: Request) -> Response:
        """Show the runbook of a testcase: what is demanded, by which versions, how it is judged and satisfied."""
        wanted = request.path_params["testcase"]
        testcase = self.registry.standards.testcases.get(wanted)
        if testcase is None:
            raise UnknownNameError(f"There is no testcase {wanted}.", hint="The pages of the scopes list them.")
        values = {
            "testcase": testcase,
            "runbook": self.runbooks[wanted],
            "uses": uses(self.registry.standards, wanted, self._today()),
        }
        return self.templates.respond(request, "registry/testcase.html", values)

    def about(self, request: Request) -> Response:
        """Show what this register is, what its words mean, and how to take part."""
        return self.templates.respond(request, "registry/about.html", {})

    def _documents(self) -> list[DocumentVersion]:
        """Return the documents that are public, as they are called today."""
        today = self._today()
        return [document.as_of(today) for document in self.registry.standards.documents if document.is_public(today)]

    def _today(self) -> date:
        return self.templates.clock().astimezone(UTC).date()


def _by_track(document: DocumentVersion) -> tuple[str, str, str]:
    return document.track, document.id, document.version
