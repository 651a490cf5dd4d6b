"""Read a certificate from a registry elsewhere, and verify it against the keys of that registry's log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from allmende.errors import RegistryUnreachableError, UsageError
from allmende.registry.fetch.address import checked, is_loopback
from allmende.registry.model.assessment import Standing
from allmende.registry.rules.checkpoint import parse_verifier_key
from allmende.registry.rules.credentials import Credential, is_by, read

TIMEOUT_S = 30.0
_PLACE = "/certificates/"
_OF_INTEGRATORS = "/integrators"


class _Act(BaseModel):
    at: AwareDatetime
    act: str
    reason: str


class _Said(BaseModel):
    id: UUID
    standing: Standing
    due_for_review: bool
    acts: list[_Act]


class _Keys(BaseModel):
    keys: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedCertificate:
    """What a credential states, whether a key of the log signed it, and what the registry says it is worth."""

    credential: Credential
    is_signed_by_log: bool
    standing: Standing
    due_for_review: bool
    reason: str
    since: datetime

    @property
    def is_good(self) -> bool:
        """Whether it is genuine and active."""
        return self.is_signed_by_log and self.standing is Standing.ACTIVE

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in words."""
        what = self.credential.credential_subject
        by = "a key of this registry's log" if self.is_signed_by_log else "a key that is NOT one of this registry's log"
        period = f"{self.credential.valid_from.date()} to {self.credential.valid_until.date()}"
        said = [
            f"{what.sentence}: {period}.",
            f"The statement is signed by {by}.",
            f"It is {self.standing} since {self.since.date()}{f': {self.reason}' if self.reason else '.'}",
        ]
        if self.due_for_review:
            said.append("Its version does not surely pass today; the certificate is due for review.")
        return tuple(said)

    @property
    def plain(self) -> Mapping[str, object]:
        """The same for machines."""
        return {
            "credential": self.credential.model_dump(mode="json", by_alias=True),
            "signed_by_log": self.is_signed_by_log,
            "standing": self.standing,
            "due_for_review": self.due_for_review,
            "reason": self.reason,
        }


def fetched_certificate(url: str, transport: httpx.BaseTransport | None = None) -> FetchedCertificate:
    """Return the certificate whose page this is.

    UsageError for an address that is no certificate's, RegistryUnreachableError when it cannot be read, SignatureError
    when the credential does not hold.
    """
    before, place, id_ = checked(url).rpartition(_PLACE)
    if not place:
        raise UsageError(f"{url} is no address of a certificate.", hint="It ends with /certificates/ID.")
    registry = before.removesuffix(_OF_INTEGRATORS)
    document = f"/api{before.removeprefix(registry)}{_PLACE}{id_}"
    with httpx.Client(
        base_url=registry, timeout=TIMEOUT_S, trust_env=not is_loopback(url), transport=transport
    ) as client:
        try:
            said = _Said.model_validate_json(_got(client, document))
            token = _got(client, f"{document}/credential").decode("ascii", "replace")
            keys = _Keys.model_validate_json(_got(client, "/api/log/keys")).keys
        except (httpx.HTTPError, ValidationError) as error:
            raise RegistryUnreachableError(
                f"What is at {url} is no certificate of a registry, or cannot be reached.", hint="Check the address."
            ) from error
    credential, public = read(token)
    by_log = is_by(public, tuple(parse_verifier_key(key) for key in keys))
    last = said.acts[-1]
    return FetchedCertificate(
        credential=credential,
        is_signed_by_log=by_log and credential.id == f"urn:uuid:{said.id}",
        standing=said.standing,
        due_for_review=said.due_for_review,
        reason=last.reason,
        since=last.at,
    )


def _got(client: httpx.Client, path: str) -> bytes:
    return client.get(path, headers={"Accept": "application/json"}).raise_for_status().content
