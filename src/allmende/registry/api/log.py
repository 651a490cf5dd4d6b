"""The transparency log as data: its signed state, its entries, and proofs about them. Everything here is public.

`allmende registry verify` is made of these; so can be any other verifier.
"""

from base64 import b64encode
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from allmende.errors import UnknownNameError
from allmende.registry.model.record import LogEntry
from allmende.registry.run import log, read
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry

MOST_ENTRIES = 1000


class LogEntryView(BaseModel):
    """An entry: SHA-256 over a zero byte and `content` (in UTF-8) is the hash of its leaf."""

    number: int
    content: str

    @classmethod
    def of(cls, entry: LogEntry) -> "LogEntryView":
        """Return the view of an entry."""
        return cls(number=entry.number, content=entry.content.decode())


class LogEntriesView(BaseModel):
    """Entries in their order; there may be more after them."""

    entries: list[LogEntryView]


class LogKeysView(BaseModel):
    """The verifier keys that ever signed the log, oldest first; the last one signs today."""

    keys: list[str]


class ProofView(BaseModel):
    """Hashes in Base64, in the order in which RFC 9162 (section 2.1) has them."""

    proof: list[str]

    @classmethod
    def of(cls, proof: tuple[bytes, ...]) -> "ProofView":
        """Return the view of a proof."""
        return cls(proof=[b64encode(hash_).decode() for hash_ in proof])


class ReportInLogView(ProofView):
    """Where the log has a report, and what proves that in the tree of the first `size` entries."""

    number: int
    size: int
    content: str


_Number = Annotated[int, Query(ge=0, le=2**53)]


def log_routes(registry: Registry, notary: Notary) -> APIRouter:
    """Return the routes of the log."""
    router = APIRouter(prefix="/api", tags=["log"])

    @router.get("/log/checkpoint", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def checkpoint() -> Response:
        """Return size and root of the log as a signed note (C2SP tlog-checkpoint)."""
        return Response(log.signed_checkpoint(registry, notary), media_type="text/plain; charset=utf-8")

    @router.get("/log/keys")
    def keys() -> LogKeysView:
        """Return the keys that verify checkpoints."""
        return LogKeysView(keys=[key.line for key in log.keys(registry)])

    @router.get("/log/entries")
    def entries(start: _Number = 0, count: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100) -> LogEntriesView:
        """Return entries from the number `start` on."""
        return LogEntriesView(entries=[LogEntryView.of(entry) for entry in log.entries(registry, start, count)])

    @router.get("/log/proofs/inclusion")
    def inclusion(number: _Number, size: _Number) -> ProofView:
        """Return what proves the entry `number` in the tree of the first `size` entries."""
        return ProofView.of(log.inclusion(registry, number, size))

    @router.get("/log/proofs/consistency")
    def consistency(first: _Number, second: _Number) -> ProofView:
        """Return what proves that the tree of `second` entries begins with that of `first`."""
        return ProofView.of(log.consistency(registry, first, second))

    @router.get("/reports/{report}/log")
    def report_in_log(report: UUID) -> ReportInLogView:
        """Return the entry of a report with its proof."""
        read.report_record(registry, report)
        number = log.number_of(registry, report)
        if number is None:
            raise UnknownNameError(f"The log does not have the report {report} yet.", hint="Try again in a minute.")
        size = log.checkpoint(registry).size
        proof = ProofView.of(log.inclusion(registry, number, size)).proof
        return ReportInLogView(
            number=number, size=size, content=log.entry(registry, number).content.decode(), proof=proof
        )

    return router
