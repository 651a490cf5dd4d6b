"""Certificates as W3C Verifiable Credentials (Data Model 2.0), signed as JSON Web Tokens (VC-JOSE, type `vc+jwt`).

The issuer is named by its key (`did:jwk`), so that a credential can be verified without asking anybody. Whether it was
suspended or revoked since is what the registry says.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from allmende.errors import SignatureError
from allmende.registry.model.integrators import Layer, Tier
from allmende.registry.model.record import Subject
from allmende.registry.rules.checkpoint import VerifierKey
from allmende.report.keys import PrivateKey
from allmende.standards.model import Scope

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2")
MEDIA_TYPE = "application/vc+jwt"
STANDARD = "scs-0007-v2"
_ALGORITHM = "Ed25519"  # as RFC 9864 names it
_DID = "did:jwk:"
_JWK: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


class CertifiedScope(BaseModel):
    """The scope and version that a subject conforms to."""

    model_config = ConfigDict(frozen=True)

    id: str
    uuid: UUID
    name: str
    version: str


class CertifiedSubject(BaseModel):
    """What is certified: a subject, by its id in the registry and its name."""

    model_config = ConfigDict(frozen=True)

    subject: str
    name: str
    operator: str
    scope: CertifiedScope

    @property
    def sentence(self) -> str:
        """What is certified, in words."""
        return f"{self.name} ({self.subject}) conforms to {self.scope.name} {self.scope.version}"


class CertifiedIntegrator(BaseModel):
    """Who is certified: an integrator, by its id in the registry and its name, as of a layer and a tier."""

    model_config = ConfigDict(frozen=True)

    integrator: str
    name: str
    layer: Layer
    tier: Tier
    standard: str = STANDARD

    @property
    def sentence(self) -> str:
        """What is certified, in words."""
        return f"{self.name} ({self.integrator}) is a Certified SCS {self.layer} Integrator ({self.tier})"


Certified = CertifiedSubject | CertifiedIntegrator


class Credential(BaseModel):
    """What a certificate states."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    context: tuple[str, ...] = Field(alias="@context", default=CONTEXTS)
    id: str
    type: tuple[str, ...]
    issuer: str
    valid_from: datetime = Field(alias="validFrom")
    valid_until: datetime = Field(alias="validUntil")
    credential_subject: Certified = Field(alias="credentialSubject")


def certified(subject: Subject, scope: Scope, version: str) -> CertifiedSubject:
    """Return what is certified of a subject."""
    return CertifiedSubject(
        subject=subject.id,
        name=subject.name,
        operator=subject.operator,
        scope=CertifiedScope(id=scope.id, uuid=UUID(scope.uuid), name=scope.name, version=version),
    )


def signed(id_: UUID, what: Certified, period: tuple[datetime, datetime], key: PrivateKey) -> str:
    """Return the credential as a signed token."""
    jwk = OKPKey.import_key(key.pem())
    issuer = _did(str(jwk.as_dict(private=False)["x"]))
    begin, end = (moment.astimezone(UTC).replace(microsecond=0) for moment in period)
    kind = "CloudCertificate" if isinstance(what, CertifiedSubject) else "IntegratorCertificate"
    said = {
        "id": f"urn:uuid:{id_}",
        "type": ("VerifiableCredential", kind),
        "issuer": issuer,
        "validFrom": begin,
        "validUntil": end,
        "credentialSubject": what,
    }
    payload = Credential.model_validate(said).model_dump_json(by_alias=True)
    header = {"alg": _ALGORITHM, "typ": "vc+jwt", "cty": "vc", "kid": f"{issuer}#0"}
    return jws.serialize_compact(header, payload.encode(), jwk, algorithms=[_ALGORITHM])


def read(token: str) -> tuple[Credential, bytes]:
    """Return what a credential states, and the public key (32 bytes) that signed it.

    SignatureError when it is damaged or the signature does not hold.
    """
    try:
        stated = Credential.model_validate_json(jws.extract_compact(token.encode()).payload)
        key = _key(stated.issuer)
        jws.deserialize_compact(token, OKPKey.import_key({**key}), algorithms=[_ALGORITHM])
        return stated, urlsafe_b64decode(_padded(key["x"]))
    except (JoseError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise SignatureError(
            "The credential is damaged, or its signature does not hold.",
            hint="Fetch it again from the registry that issued it.",
        ) from error


def is_by(public: bytes, keys: tuple[VerifierKey, ...]) -> bool:
    """Tell whether one of the registry's keys is this one."""
    return any(key.public == public for key in keys)


def _did(x: str) -> str:
    """Return the name of an Ed25519 key (DID method `jwk`), of which `x` is the public half in Base64."""
    document = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    return _DID + urlsafe_b64encode(document.encode()).decode().rstrip("=")


def _key(did: str) -> dict[str, str]:
    if not did.startswith(_DID):
        raise ValueError("The issuer is not named by its key.")
    return _JWK.validate_json(urlsafe_b64decode(_padded(did.removeprefix(_DID))))


def _padded(encoded: str) -> str:
    return encoded + "=" * (-len(encoded) % 4)
