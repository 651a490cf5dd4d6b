"""Talk to a registry elsewhere: submit a signed report over HTTP and read its receipt.

Decides how an answer becomes a receipt or an error a person can act on. Signing is the caller's.
"""

from http import HTTPStatus
from uuid import UUID

import httpx
from pydantic import TypeAdapter, ValidationError

from allmende.errors import DocumentError, RegistryRefusedError
from allmende.registry.fetch.address import checked
from allmende.registry.fetch.asking import asked, json_of, no_registry
from allmende.registry.model.record import Receipt
from allmende.report.formats import Form

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
    headers = {"Content-Type": form.value}
    answer = asked(registry, url, lambda client: client.post(url, content=body, headers=headers, auth=(account, token)))
    return _receipt(answer, registry)


def hand_in(registry: str, account: str, token: str, report: UUID, content: bytes) -> None:
    """Hand in a file of evidence that a report names, which was submitted before; errors as of `submit`."""
    url = f"{checked(registry)}/api/reports/{report}/evidence"
    headers = {"Content-Type": "application/octet-stream"}
    answer = asked(
        registry, url, lambda client: client.post(url, content=content, headers=headers, auth=(account, token))
    )
    said = json_of(answer)
    if answer.is_success and said is not None:
        return
    if said is None or "detail" not in said:
        raise no_registry(registry, answer)
    raise RegistryRefusedError(f"The registry said no: {said['detail']}", hint=str(said.get("next", "")))


def tell(registry: str, account: str, token: str, iteration: bytes) -> None:
    """Tell a registry of an iteration of the health monitor; DocumentError when it will never take this one."""
    url = f"{checked(registry)}/api/monitor/iterations"
    headers = {"Content-Type": "application/json"}
    answer = asked(
        registry, url, lambda client: client.post(url, content=iteration, headers=headers, auth=(account, token))
    )
    said = json_of(answer)
    if answer.is_success and said is not None:
        return
    if said is None or "detail" not in said:
        raise no_registry(registry, answer)
    is_for_ever = answer.status_code in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = DocumentError if is_for_ever else RegistryRefusedError
    raise kind(f"The registry said no: {said['detail']}", hint=str(said.get("next", "")))


def _receipt(answer: httpx.Response, registry: str) -> Receipt | None:
    if answer.status_code == HTTPStatus.OK and answer.content == _TAKEN:
        return None
    content = json_of(answer)
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
    raise no_registry(registry, answer)
