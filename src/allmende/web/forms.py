"""Reads what a browser sends from a form, and refuses what another site made it send."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from allmende.errors import UsageError

MOST_BYTES = 64 * 1024
MOST_FIELDS = 2000
MOST_FILES = 20
MEDIA_TYPE = "application/x-www-form-urlencoded"
WITH_FILES = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form by their names, which may be given several times, and the contents of its files."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[bytes, ...] = ()

    def one(self, name: str) -> str:
        """Return a field without the white space around it; empty when it was not given."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """Return a field as it was typed, as a password is; empty when it was not given."""
        return self.fields.get(name, ("",))[0]

    def id(self, name: str) -> UUID:
        """Return a field that the page itself filled in with an id; UsageError when it is none."""
        try:
            return UUID(self.one(name))
        except ValueError as error:
            hint = "Open the page again, and send it from there."
            raise UsageError(f"{self.one(name)!r} is no id.", hint=hint) from error

    def moment(self, name: str) -> datetime | None:
        """Return a moment, in UTC where no time zone is typed; None when not given. UsageError when it is none."""
        typed = self.one(name)
        if not typed:
            return None
        try:
            found = datetime.fromisoformat(typed)
        except ValueError as error:
            raise UsageError(f"{typed!r} is no moment.", hint="Like this, in UTC: 2026-12-01T22:00") from error
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return self.fields.get(name, ())


async def read_form(request: Request, most_file_bytes: int = 0) -> Form:
    """Return what was sent; HTTPException when another site sent it, or it is no form, or too large.

    Files are read only where all of them may have so many bytes together.
    """
    _refuse_other_sites(request)
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type == WITH_FILES and most_file_bytes:
        return await _with_files(request, most_file_bytes)
    if media_type != MEDIA_TYPE:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Only forms are read here: {MEDIA_TYPE}.")
    body = b"".join([chunk async for chunk in chunks(request, MOST_BYTES)])
    try:
        found = parse_qs(
            body.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be read.") from error
    return _form(found)


async def _with_files(request: Request, most_file_bytes: int) -> Form:
    parser = MultiPartParser(
        request.headers,
        chunks(request, most_file_bytes + MOST_BYTES),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_BYTES,
    )
    try:
        sent = await parser.parse()
    except (MultiPartException, ValueError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be read.") from error
    fields: dict[str, list[str]] = {}
    files = []
    try:
        for name, value in sent.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, []).append(value)
            elif value.size:  # a field for files in which none was chosen is one without a byte
                files.append(await value.read())
    finally:
        await sent.close()
    return replace(_form(fields), files=tuple(files))


async def chunks(request: Request, most: int) -> AsyncGenerator[bytes]:
    """Yield what was sent, part by part; HTTPException when it is more than this."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"This may have {most} bytes at most.")
        yield chunk


def _form(fields: Mapping[str, Sequence[str]]) -> Form:
    return Form({name: tuple(values) for name, values in fields.items() if "\0" not in "".join(values)})


def _refuse_other_sites(request: Request) -> None:
    """Believe what a browser says of where a form was, which no page can change."""
    said = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if said is not None:
        is_ours = said in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("Host", "")
    if not is_ours:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This was sent from a page of another site, so nothing was done.")
