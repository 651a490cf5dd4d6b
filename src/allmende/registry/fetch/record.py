"""Read the public record of a registry elsewhere: its log, its reports, its table.

Nothing here is believed: what the answers are worth is for `run.verify` to find out. Answers that are not a registry's
end as RegistryUnreachableError.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Literal, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from allmende import __version__
from allmende.errors import RegistryUnreachableError
from allmende.outcome import Outcome
from allmende.registry.fetch.address import checked, is_loopback
from allmende.registry.model.assessment import Standing
from allmende.registry.model.record import Subject
from allmende.report.document import Report, Result, Tool

TIMEOUT_S = 30.0
ENTRIES_AT_ONCE = 1000

_Body = TypeVar("_Body", bound=BaseModel)
_NOT_PUBLIC = (401, 403)


class _Entry(BaseModel):
    number: int
    content: str


class _Entries(BaseModel):
    entries: list[_Entry]


class _Keys(BaseModel):
    keys: list[str]


class VerdictSaid(BaseModel):
    """What a cell of the table says of one version."""

    version: str
    outcome: Outcome
    counts: Mapping[Outcome, int]


class CellSaid(BaseModel):
    """A cell of the table, by the id of its scope."""

    scope: str
    verdicts: list[VerdictSaid]


class SubjectSaid(BaseModel):
    """A subject as the table names it."""

    id: str
    name: str
    operator: str
    description: str
    group: str

    @property
    def subject(self) -> Subject:
        """The subject."""
        return Subject(**self.model_dump())


class RowSaid(BaseModel):
    """A row of the table."""

    name: str
    subjects: list[SubjectSaid]
    cells: list[CellSaid]


class TableSaid(BaseModel):
    """The table as the registry shows it."""

    as_of: AwareDatetime
    rows: list[RowSaid]


class _ResultSaid(BaseModel):
    testcase: str
    outcome: Literal[Outcome.PASS, Outcome.FAIL, Outcome.DNF]
    checked_at: AwareDatetime
    summary: str


class _ReportSaid(BaseModel):
    id: UUID
    subject: str
    scope: UUID
    scope_name: str
    started_at: AwareDatetime
    finished_at: AwareDatetime
    requests: int


class _RecordSaid(BaseModel):
    report: _ReportSaid
    results: list[_ResultSaid]


class VersionSaid(BaseModel):
    """A version of a scope, with its validity today and its testcases by target."""

    name: str
    validity: str
    testcases: Mapping[str, list[str]]


class ScopeSaid(BaseModel):
    """A scope as the registry judges by it."""

    uuid: UUID
    name: str
    versions: list[VersionSaid]


class StandardsSaid(BaseModel):
    """What the registry judges by."""

    scopes: list[ScopeSaid]


class CertificateSaid(BaseModel):
    """A certificate, as the registry lists it."""

    id: UUID
    standing: Standing
    credential: str


_CERTIFICATES = TypeAdapter(list[CertificateSaid])


class PublicRecord:
    """The public record of one registry; to be used as an async context manager."""

    def __init__(self, registry: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.address = checked(registry)
        self._client = httpx.AsyncClient(
            base_url=self.address,
            timeout=TIMEOUT_S,
            trust_env=not is_loopback(self.address),
            headers={"User-Agent": f"allmende/{__version__}", "Accept": "application/json, text/plain;q=0.9"},
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def checkpoint(self) -> str:
        """Return the signed state of the log."""
        return (await self._get("/api/log/checkpoint")).text

    async def keys(self) -> tuple[str, ...]:
        """Return the verifier keys that the registry names."""
        return tuple((await self._document("/api/log/keys", _Keys)).keys)

    async def entries(self, start: int, count: int) -> list[bytes]:
        """Return the contents of at most `count` entries from `start` on; an entry out of place ends the list."""
        wanted = f"/api/log/entries?start={start}&count={min(count, ENTRIES_AT_ONCE)}"
        found = (await self._document(wanted, _Entries)).entries
        return [entry.content.encode() for place, entry in enumerate(found, start) if entry.number == place]

    async def table(self) -> TableSaid:
        """Return the table."""
        return await self._document("/api/table", TableSaid)

    async def standards(self) -> StandardsSaid:
        """Return what is judged by."""
        return await self._document("/api/standards", StandardsSaid)

    async def certificates(self, place: str) -> tuple[CertificateSaid, ...]:
        """Return the certificates that the registry lists there: of subjects, or of integrators."""
        answer = await self._get(place)
        try:
            return tuple(_CERTIFICATES.validate_json(answer.content))
        except ValidationError as error:
            raise self._no_registry(place, "answers something else") from error

    async def credential(self, certificate: CertificateSaid) -> bytes:
        """Return a certificate as it was signed."""
        return (await self._get(certificate.credential)).content

    async def signed_bytes(self, report: UUID) -> tuple[bytes, bytes] | None:
        """Return the bytes of a report and their signature; None when they are not public, or not there."""
        content = await self._answer(f"/api/reports/{report}/document")
        signature = await self._answer(f"/api/reports/{report}/signature")
        return (content.content, signature.content) if content.is_success and signature.is_success else None

    async def is_withheld(self, report: UUID) -> bool:
        """Tell whether the registry has the bytes of this report, but gives them to some people only."""
        return (await self._answer(f"/api/reports/{report}/document")).status_code in _NOT_PUBLIC

    async def said_of(self, report: UUID) -> Report:
        """Return a report as the registry tells of it, without a signature that would prove it."""
        said = await self._document(f"/api/reports/{report}", _RecordSaid)
        results = (
            Result(testcase=one.testcase, outcome=one.outcome, checked_at=one.checked_at, summary=one.summary)
            for one in said.results
        )
        return Report(**said.report.model_dump(), tool=Tool(name="unknown", version="0"), results=tuple(results))

    async def _document(self, path: str, kind: type[_Body]) -> _Body:
        answer = await self._get(path)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as error:
            raise self._no_registry(path, "answers something else") from error

    async def _get(self, path: str) -> httpx.Response:
        answer = await self._answer(path)
        if not answer.is_success:
            raise self._no_registry(path, f"answers with the HTTP status {answer.status_code}")
        return answer

    async def _answer(self, path: str) -> httpx.Response:
        try:
            return await self._client.get(path)
        except httpx.TimeoutException as error:
            raise RegistryUnreachableError(
                f"The registry at {self.address} did not answer within {TIMEOUT_S:.0f} s.",
                hint="Try again in a minute.",
            ) from error
        except httpx.HTTPError as error:
            raise RegistryUnreachableError(
                f"The registry at {self.address} cannot be reached: {error}.", hint="Check the address and the network."
            ) from error

    def _no_registry(self, path: str, what: str) -> RegistryUnreachableError:
        return RegistryUnreachableError(
            f"{self.address}{path.partition('?')[0]} {what}: what can be verified has a log there.",
            hint="Check the address; a registry of an older Allmende has no log.",
        )
