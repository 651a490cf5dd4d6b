"""Reads what a browser sends from a form, and refuses what another site made it send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from allmende.errors import UsageError

MOST_BYTES = 64 * 1024
MOST_FIELDS = 2000
MEDIA_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form by their names; a field may be given several times."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return self.fields.get(name, ())


async def read_form(request: Request) -> Form:
    """Return what was sent; HTTPException when another site sent it, or it is no form, or too large."""
    _refuse_other_sites(request)
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Only forms are read here: {MEDIA_TYPE}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A form has {MOST_BYTES} bytes at most.")
    try:
        found = parse_qs(
            body.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be read.") from error
    return Form({name: tuple(values) for name, values in found.items() if "\0" not in "".join(values)})


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
