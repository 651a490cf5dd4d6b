"""Talk to a registry elsewhere: submit a signed report over HTTP and read its receipt, or ask what is due.

Decides how an answer becomes a receipt or an error a person can act on. Signing is the caller's.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from allmende import __version__
from allmende.errors import RegistryRefusedError, RegistryUnreachableError, UsageError
from allmende.registry.model import Receipt
from allmende.registry.rules.due import Why
from allmende.report.formats import Form
from allmende.standards.model import Target

TIMEOUT_S = 30.0

_TAKEN = b"null"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTestcase:
    """A testcase that must run again before `by`; people judge what is not `automated`."""

    scope: str
    testcase: str
    automated: bool
    target: Target
    why: Why
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """What is due of a subject, the most urgent first."""

    subject: str
    as_of: datetime
    due: tuple[DueTestcase, ...]


_RECEIPT = TypeAdapter(Receipt)
_DUE = TypeAdapter(DueList)


class FormNotTakenError(RegistryRefusedError):
    """The registry does not take reports of this form; the SCS compliance monitor takes those of its suite only."""


def submit(registry: str, account: str, token: str, form: Form, body: bytes) -> Receipt | None:
    """Send a body (signature, ampersand, documents) to the registry at this URL and return its receipt.

    None when it was taken without a receipt, as the SCS compliance monitor does. RegistryRefusedError with the
    registry's own words when it says no, RegistryUnreachableError when there is no registry to answer.
    """
    url = f"{_checked(registry)}/reports"
    headers = {"Content-Type": form.value}
    answer = _asked(
        registry, url, lambda client: client.post(url, content=body, headers=headers, auth=(account, token))
    )
    return _receipt(answer, registry)


def _asked(registry: str, url: str, ask: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
    headers = {"Accept": "application/json", "User-Agent": f"allmende/{__version__}"}
    try:
        # A proxy of the environment is not asked for what is on this machine.
        with httpx.Client(timeout=TIMEOUT_S, trust_env=not _is_loopback(url), headers=headers) as client:
            return ask(client)
    except httpx.TimeoutException as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} did not answer within {TIMEOUT_S:.0f} s.", hint="Try again in a minute."
        ) from error
    except httpx.HTTPError as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} cannot be reached: {error}.", hint="Check the address and the network."
        ) from error


def due(registry: str, subject: str, days: int) -> DueList:
    """Return which testcases of a subject must run again now or within so many days, as the registry says.

    The same errors as for a submission.
    """
    url = f"{_checked(registry)}/api/subjects/{quote(subject, safe='')}/due"
    answer = _asked(registry, url, lambda client: client.get(url, params={"days": days}))
    content = _json(answer)
    if answer.is_success and content is not None:
        with suppress(ValidationError):
            return _DUE.validate_python(content)
    elif content is not None and "detail" in content:
        raise RegistryRefusedError(f"The registry said no: {content['detail']}", hint=str(content.get("next", "")))
    raise _no_registry(registry, answer)


def as_json(found: DueList) -> str:
    """Return what is due as JSON."""
    return _DUE.dump_json(found, indent=2).decode()


def _receipt(answer: httpx.Response, registry: str) -> Receipt | None:
    if answer.status_code == HTTPStatus.OK and answer.content == _TAKEN:
        return None
    content = _json(answer)
    if answer.is_success and content is not None:
        try:
            return _RECEIPT.validate_python({**content, "lines": content.get("reports")})
        except ValidationError:
            pass
    elif content is not None and "detail" in content:
        said = f"{content['detail']}"
        not_taken = answer.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        kind = FormNotTakenError if not_taken else RegistryRefusedError
        raise kind(f"The registry said no: {said}", hint=str(content.get("next", "")))
    raise _no_registry(registry, answer)


def _no_registry(registry: str, answer: httpx.Response) -> RegistryUnreachableError:
    return RegistryUnreachableError(
        f"What answered at {registry} is no registry (HTTP status {answer.status_code}).",
        hint="Check the address; perhaps a proxy answered in its place.",
    )


def _json(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _checked(registry: str) -> str:
    parts = urlsplit(registry)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{registry!r} is no address of a registry.", hint="It begins with https:// or http://.")
    return registry.rstrip("/")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
