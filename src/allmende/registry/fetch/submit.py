"""Talk to a registry elsewhere: submit a signed report over HTTP and read its receipt.

Decides how an answer becomes a receipt or an error a person can act on. Signing is the caller's.
"""

from http import HTTPStatus
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError

from allmende import __version__
from allmende.errors import RegistryRefusedError, RegistryUnreachableError
from allmende.registry.fetch.address import checked, is_loopback
from allmende.registry.model import Receipt
from allmende.report.formats import Form

TIMEOUT_S = 30.0

_TAKEN = b"null"
_RECEIPT = TypeAdapter(Receipt)


class FormNotTakenError(RegistryRefusedError):
    """The registry does not take reports of this form; the SCS compliance monitor takes those of its suite only."""


def submit(registry: str, account: str, token: str, form: Form, body: bytes) -> Receipt | None:
    """Send a body (signature, ampersand, documents) to the registry at this URL and return its receipt.

    None when it was taken without a receipt, as the SCS compliance monitor does. RegistryRefusedError with the
    registry's own words when it says no, RegistryUnreachableError when there is no registry to answer.
    """
    url = f"{checked(registry)}/reports"
    headers = {"Content-Type": form.value, "Accept": "application/json", "User-Agent": f"allmende/{__version__}"}
    try:
        # A proxy of the environment is not asked for what is on this machine.
        with httpx.Client(timeout=TIMEOUT_S, trust_env=not is_loopback(url)) as client:
            answer = client.post(url, content=body, headers=headers, auth=(account, token))
    except httpx.TimeoutException as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} did not answer within {TIMEOUT_S:.0f} s.", hint="Try again in a minute."
        ) from error
    except httpx.HTTPError as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} cannot be reached: {error}.", hint="Check the address and the network."
        ) from error
    return _receipt(answer, registry)


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
    raise RegistryUnreachableError(
        f"What answered at {registry} is no registry (HTTP status {answer.status_code}).",
        hint="Check the address; perhaps a proxy answered in its place.",
    )


def _json(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
