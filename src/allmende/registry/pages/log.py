"""The pages of the transparency log: its state, its entries, and how anybody verifies them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.outcome import Outcome
from allmende.registry.model.record import LogEntry
from allmende.registry.rules import leaves, merkle
from allmende.registry.rules.admission import known_scope
from allmende.registry.rules.leaves import CertificateLeaf, DecisionLeaf, KeyLeaf, ReportLeaf, VerdictLeaf
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.standards.model import Standards
from allmende.web.render import Templates
from allmende.web.words import STATES

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry as a line: `what` it says, of the subject `subject` (empty for none), with the page it leads to."""

    number: int
    at: datetime
    what: str
    subject: str = ""
    address: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPages:
    """The log as pages; each method answers one address."""

    registry: Registry
    templates: Templates

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the log."""
        return [Route("/log", self.log, name="log"), Route("/log/{number:int}", self.entry, name="log-entry")]

    def log(self, request: Request) -> Response:
        """Show the state of the log, and its newest entries or those before a number."""
        state = log.checkpoint(self.registry)
        end = min(_number(request.query_params.get("before", ""), state.size), state.size)
        start = max(0, end - SHOWN)
        found = log.entries(self.registry, start, end - start) if end else ()
        lines = [self._line(entry) for entry in reversed(found)]
        values: Mapping[str, object] = {
            "state": state,
            "root": b64encode(state.root).decode(),
            "keys": log.keys(self.registry),
            "lines": lines,
            "start": start,
            "end": end,
        }
        return self.templates.respond(request, "registry/log.html", values)

    def entry(self, request: Request) -> Response:
        """Show one entry, and what proves that it is in the log."""
        found = log.entry(self.registry, request.path_params["number"])
        state = log.checkpoint(self.registry)
        values: Mapping[str, object] = {
            "line": self._line(found),
            "content": found.content.decode(),
            "leaf": merkle.leaf_hash(found.content).hex(),
            "state": state,
            "root": state.root.hex(),
            "proof": [hash_.hex() for hash_ in log.inclusion(self.registry, found.number, state.size)],
        }
        return self.templates.respond(request, "registry/log_entry.html", values)

    def _line(self, entry: LogEntry) -> EntryView:
        return _view(entry, self.registry.standards)


def _view(entry: LogEntry, standards: Standards) -> EntryView:
    leaf = leaves.read(entry.content)
    match leaf:
        case ReportLeaf():
            what = f"{leaf.account} reported on {_scope(standards, str(leaf.scope))}"
            address = f"/reports/{leaf.report}"
            return EntryView(number=entry.number, at=leaf.at, what=what, subject=leaf.subject, address=address)
        case VerdictLeaf():
            before = f", before: {STATES[leaf.before].word}" if leaf.before else ""
            what = f"{_scope(standards, str(leaf.scope))} {leaf.version}{before}"
            address = f"/subjects/{leaf.subject}"
            return EntryView(
                number=entry.number,
                at=leaf.at,
                what=what,
                subject=leaf.subject,
                address=address,
                outcome=leaf.outcome,
            )
        case DecisionLeaf():
            what = f"{leaf.account} decided on {leaf.testcase}: {leaf.decision}"
            return EntryView(
                number=entry.number, at=leaf.at, what=what, address=f"/reports/{leaf.report}#{leaf.testcase}"
            )
        case CertificateLeaf():
            what = f"{leaf.account}, certificate for {_scope(standards, str(leaf.scope))} {leaf.version}: {leaf.act}"
            address = f"/certificates/{leaf.certificate}"
            return EntryView(number=entry.number, at=leaf.at, what=what, subject=leaf.subject, address=address)
        case KeyLeaf():
            return EntryView(number=entry.number, at=leaf.at, what=f"From here on, this key signs: {leaf.key}")
        case _:
            return EntryView(number=entry.number, at=leaf.at, what=f"An entry of the kind {leaf.kind}")


def _scope(standards: Standards, uuid: str) -> str:
    scope = known_scope(standards, uuid)
    return scope.name if scope else f"the scope {uuid}"


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else default
