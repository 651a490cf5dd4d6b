"""An ordinary member of a cloud who talks to its APIs directly, for tests that look at statuses and documents.

The door (`clouds.openstack`) turns answers into facts and errors; this one hides nothing.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from allmende.clouds.endpoints import address

PATIENCE_SECONDS = 240.0
_PAUSES_SECONDS = (0.02, 0.05, 0.1, 0.25)


class Member:
    """One user of one project, as a context manager that deletes at its end what was created, whatever happened."""

    def __init__(self, auth_url: str, identity: Mapping[str, Any], scope: Mapping[str, Any] | None) -> None:
        self._http = httpx.Client(timeout=120, trust_env=False)
        self._made: list[tuple[str, str]] = []
        self._auth_url = auth_url
        auth = {"identity": identity, **({"scope": scope} if scope else {})}
        answer = self._http.post(f"{auth_url}/auth/tokens", json={"auth": auth})
        answer.raise_for_status()
        self.token = answer.headers["X-Subject-Token"]
        self.about: dict[str, Any] = answer.json()["token"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.tidy_up()
        finally:
            self._http.close()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """Return the member whom an entry of clouds.yaml with user and password describes."""
        auth = entry["auth"]
        user = {"name": auth["username"], "password": auth["password"], "domain": {"name": auth["user_domain_name"]}}
        project = {"name": auth["project_name"], "domain": {"name": auth["project_domain_name"]}}
        return cls(auth["auth_url"], {"methods": ["password"], "password": {"user": user}}, {"project": project})

    def with_application_credential(self, credential: Mapping[str, Any]) -> "Member":
        """Return the same user with the roles of an application credential."""
        given = {"id": credential["id"], "secret": credential["secret"]}
        identity = {"methods": ["application_credential"], "application_credential": given}
        return Member(self._auth_url, identity, None)

    @property
    def user(self) -> str:
        """The id of the user."""
        return str(self.about["user"]["id"])

    @property
    def project(self) -> str:
        """The id of the project."""
        return str(self.about["project"]["id"])

    def url(self, service: str, path: str) -> str:
        """Return the address of a path of a service."""
        for entry in self.about["catalog"]:
            for endpoint in entry["endpoints"]:
                if entry["type"] == service and endpoint["interface"] == "public":
                    return address(service, endpoint["url"], path, self.project)
        raise LookupError(f"The catalog has no service {service}.")

    def call(self, service: str, method: str, path: str, document: object = None, **options: Any) -> httpx.Response:
        """Send a request and return its answer, whatever it is."""
        headers = {"X-Auth-Token": self.token, **options.pop("headers", {})}
        url = self.url(service, path)
        return self._http.request(method, url, json=document, headers=headers, **options)

    def create(self, service: str, path: str, document: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """Create something, remember to delete it, and return what the answer says of it."""
        answer = self.call(service, "POST", path, document, **options)
        assert answer.is_success, answer.text  # noqa: S101 -- a tool of tests
        made = answer.json()
        inner = next(iter(made.values())) if len(made) == 1 else made
        found: dict[str, Any] = inner if isinstance(inner, dict) else made
        identifier = found.get("id") or found.get("access") or found.get("name")
        if identifier is None:
            identifier = str(found["secret_ref"]).rpartition("/")[2]
        self.remember(service, f"{path}/{identifier}")
        return found

    def remember(self, service: str, path: str) -> None:
        """Delete this at the end."""
        self._made.append((service, path))

    def until(self, service: str, path: str, *wanted: str) -> dict[str, Any]:
        """Ask until a resource has one of these states; `gone` is the state of what is not there."""
        end, pauses, seen = time.monotonic() + PATIENCE_SECONDS, iter(_PAUSES_SECONDS), ""
        while time.monotonic() < end:
            answer = self.call(service, "GET", path)
            document: dict[str, Any] = {} if answer.status_code == httpx.codes.NOT_FOUND else answer.json()
            inner = next(iter(document.values())) if len(document) == 1 else document
            seen = str(inner.get("provisioning_status") or inner.get("status")) if document else "gone"
            if seen in wanted:
                return dict(inner)
            time.sleep(next(pauses, _PAUSES_SECONDS[-1]))
        raise TimeoutError(f"{path} is {seen}, not {' or '.join(wanted)}.")

    def delete(self, service: str, path: str) -> None:
        """Delete something and wait until it is gone; what something else still holds is tried again."""
        end, pauses, last = time.monotonic() + PATIENCE_SECONDS, iter(_PAUSES_SECONDS), ""
        while time.monotonic() < end:
            answer = self.call(service, "DELETE", path)
            if httpx.codes.NOT_FOUND in (answer.status_code, self.call(service, "GET", path).status_code):
                return
            time.sleep(next(pauses, _PAUSES_SECONDS[-1]))
            last = f"{answer.status_code} {answer.text}"
        raise TimeoutError(f"{path} cannot be deleted: {last}")

    def tidy_up(self) -> None:
        """Delete whatever was created, the last first."""
        while self._made:
            self.delete(*self._made.pop())

    def s3(self, method: str, path: str, key: Mapping[str, str], body: bytes = b"") -> httpx.Response:
        """Send a request to S3 at the root of the object store's host, signed with an EC2 credential."""
        parts = urlsplit(self.url("object-store", ""))
        now = datetime.now(UTC)  # noqa: TID251 -- a real S3 compares clocks
        headers = _signed(method, parts.netloc, path, key, body, now)
        return self._http.request(method, f"{parts.scheme}://{parts.netloc}{path}", content=body, headers=headers)


def _signed(method: str, host: str, path: str, key: Mapping[str, str], body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a request with a signature of version 4 in the region us-east-1."""
    day, moment, digest = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}", hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    signed = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    asked = f"{method}\n{quote(path)}\n\n{lines}\n{signed}\n{digest}"
    scope = f"{day}/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    secret = f"AWS4{key['secret']}".encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    words = f"AWS4-HMAC-SHA256 Credential={key['access']}/{scope}, SignedHeaders={signed}, Signature={signature}"
    return {**headers, "Authorization": words}
