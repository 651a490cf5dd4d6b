"""What an answer of a cloud's API means: failure, retrying, the reason given. No connection here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allmende.errors import (
    CloudAuthError,
    CloudError,
    CloudFailedError,
    CloudNotFoundError,
    CloudProtocolError,
    CloudRefusedError,
)

_QUOTE_LENGTH = 300
_REQUEST_ID_HEADERS = ("x-openstack-request-id", "x-compute-request-id", "x-trans-id", "x-amz-request-id")
_BUSY = frozenset({429, 502, 503, 504})
_HONEST_PAGES = frozenset({400, 403, 404, 409, 413})
_LONGEST_HONEST_PAGE = 1000
_TAG = re.compile(r"<title>.*?</title>|<[^>]*>", re.DOTALL)
_S3_ERROR = re.compile(
    r"<Error>.*?<Code>(?P<code>[A-Za-z0-9.]+)</Code>(?:.*?<Message>(?P<words>[^<]*)</Message>)?", re.DOTALL
)
_ROUTE = "HTML instead of JSON: a proxy, a login page or a web server answered, not the API."
_ON_THE_WAY = "Check the endpoint in the catalog, and proxies (`HTTPS_PROXY`, `NO_PROXY`) on the way to it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint answered: status, headers (names in lower case) and body.

    `call` says who was asked what («image: GET http://…/v2/images») and starts every complaint about the answer.
    """

    call: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def request_id(self) -> str:
        """The id under which the cloud's administrator finds this request in the logs, or an empty text."""
        return next((self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers), "")

    def json(self) -> Any:
        """Return the parsed body; raise CloudProtocolError when it is HTML, truncated or otherwise no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise self._nonsense() from None

    def object(self) -> dict[str, Any]:
        """Return the parsed body, which must be a JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise CloudProtocolError(
                f"{self.call}: the answer is JSON, but no object ({type(value).__name__}).",
                hint="Compare the endpoint in the catalog with the documentation of the cloud.",
                request_id=self.request_id,
            )
        return value

    @property
    def is_html(self) -> bool:
        """Whether a page for people came instead of an answer for programs."""
        return "html" in self.headers.get("content-type", "") or self.content.lstrip()[:1] == b"<"

    @property
    def is_busy(self) -> bool:
        """Whether the same request may well succeed in a moment."""
        return self.status in _BUSY

    @property
    def retry_after_seconds(self) -> float | None:
        """The pause that the cloud asks for in seconds, if it gives one as a number."""
        value = self.headers.get("retry-after", "").strip()
        return float(value) if value.isdecimal() else None

    def _nonsense(self) -> CloudProtocolError:
        if self.is_html:
            return CloudProtocolError(
                f"{self.call} answered {self.status} with {_ROUTE}",
                hint=_ON_THE_WAY,
                request_id=self.request_id,
            )
        return CloudProtocolError(
            f"{self.call} answered {self.status} with {len(self.content)} bytes that are no complete JSON.",
            hint="Try again; if it stays, ask the cloud's administrator about load balancers that cut answers.",
            request_id=self.request_id,
        )


def complaint(answer: Answer) -> CloudError | None:
    """Return the error that an answer's status means, or None where it succeeded (below 400)."""
    if answer.status < 400:
        return None
    trace = f" [{answer.request_id}]" if answer.request_id else ""
    message = f"{answer.call} answered {answer.status}: {_own_words(answer)}{trace}"
    kind, hint = (CloudProtocolError, _ON_THE_WAY) if _is_forbidden_by_a_proxy(answer) else _meaning(answer.status)
    return kind(message, hint=hint, request_id=answer.request_id, status=answer.status)


def _is_forbidden_by_a_proxy(answer: Answer) -> bool:
    """Tell whether it was not the service that forbids: of the APIs, only the Image API does so with a page."""
    return answer.status == 403 and answer.is_html and not answer.call.startswith("image:") and not _s3_words(answer)


def _meaning(status: int) -> tuple[type[CloudError], str]:
    match status:
        case 401:
            return CloudAuthError, "Check the credential in clouds.yaml; it may have expired or been revoked."
        case 403:
            return CloudAuthError, "Ask the cloud's administrator which role of this project is needed."
        case 404:
            return CloudNotFoundError, "Compare the endpoint in the catalog with where the service really is."
        case 429:
            return CloudRefusedError, "The cloud limits the rate of requests; try again later."
        case _ if status < 500:
            return CloudRefusedError, "Read the cloud's own words above; quotas and policies are its administrator's."
        case _:
            return CloudFailedError, "Try again; if it stays, give the request id to the cloud's administrator."


def _own_words(answer: Answer) -> str:
    """Return what the cloud says about the failure, short and on one line."""
    if words := _s3_words(answer):
        return words
    if _is_forbidden_by_a_proxy(answer):
        return _ROUTE
    if answer.is_html and (answer.status not in _HONEST_PAGES or len(answer.content) > _LONGEST_HONEST_PAGE):
        return _ROUTE
    if answer.is_html:  # the Image API refuses with a small page
        return " ".join(_TAG.sub(" ", answer.content.decode("utf-8", "replace")).split()) or _ROUTE
    try:
        found = _message(json.loads(answer.content))
    except (ValueError, RecursionError):
        found = answer.content.decode("utf-8", "replace")
    return _short(found or "") or "(no reason given)"


def _s3_words(answer: Answer) -> str:
    found = _S3_ERROR.search(answer.content[:_LONGEST_HONEST_PAGE].decode("utf-8", "replace"))
    return _short(": ".join(filter(None, (found["code"], found["words"])))) if found else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words[:_QUOTE_LENGTH] + "…" if len(words) > _QUOTE_LENGTH else words


def _message(document: Any) -> str | None:
    """Find the message in the error documents of the OpenStack services, which differ."""
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return next(filter(None, map(_message, document)), None)
    if not isinstance(document, dict):
        return None
    for key in ("message", "detail", "description", "faultstring"):
        if isinstance(document.get(key), str):
            return str(document[key])
    return next(filter(None, map(_message, document.values())), None)
