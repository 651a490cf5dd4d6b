"""Sign-in by a provider that speaks OpenID Connect: the authorization code flow with PKCE.

oauthlib builds and reads the messages of OAuth 2.0 (RFC 6749, RFC 7636), joserfc verifies the ID token
(OpenID Connect Core 1.0, section 3.1.3.7); this module carries them, and decides what an answer must prove.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from allmende.errors import AllmendeError, SettingsError
from allmende.registry.model.sign_in import Identity

SIGNED_WITH = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures by the provider's own key; one with the shared secret of the client proves less."""

TIMEOUT_S = 10.0
LEEWAY_S = 60
_RANDOM = 32
_SECURE = "https://registry.invalid/"
"""oauthlib insists on TLS, which may end at a proxy here, or is not needed on one machine; it sees only the query."""


class NotVouchedForError(AllmendeError):
    """The provider did not say who somebody is, or what it said does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a browser keeps between leaving for the provider and coming back; only who left can come back."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def text(self, place: str) -> str:
        """Return it as the value of a cookie, with where the browser goes afterwards."""
        return quote_plus(json.dumps({**asdict(self), "place": place}))

    @classmethod
    def of(cls, text: str) -> "tuple[Attempt, str]":
        """Return what `text` made of it; NotVouchedForError when it is not that."""
        try:
            found = json.loads(unquote_plus(text))
            state, nonce, verifier = (str(found[name]) for name in ("state", "nonce", "verifier"))
            return cls(state=state, nonce=nonce, verifier=verifier), str(found["place"])
        except (ValueError, KeyError, TypeError) as error:
            raise NotVouchedForError(
                "This browser did not begin to sign in here, or too long ago.", hint="Begin again."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider, and as whom the registry is known there. `transport` is for tests."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.issuer)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            raise SettingsError(
                f"The OpenID issuer {self.issuer!r} is no https:// address.", hint="Set ALLMENDE_OIDC_ISSUER to one."
            )

    @property
    def name(self) -> str:
        """The provider's host, by which people know it."""
        return urlsplit(self.issuer).hostname or self.issuer

    def begin(self, back: str, random_bytes: Callable[[int], bytes]) -> tuple[str, Attempt]:
        """Return where to lead a browser, and what it has to keep; `back` is where the provider leads it afterwards."""
        state, nonce, verifier = (random_bytes(_RANDOM).hex() for _ in range(3))
        with self._opened() as opened:
            endpoint = self._found(opened)["authorization_endpoint"]
        client = WebApplicationClient(self.client)
        asked = client.prepare_request_uri(
            _SECURE,
            redirect_uri=back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
        address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlsplit(asked).query}"
        return address, Attempt(state=state, nonce=nonce, verifier=verifier)

    def finish(self, back: str, query: str, attempt: Attempt, now: datetime) -> Identity:
        """Return who came back with this query; NotVouchedForError when that is not proven."""
        client = WebApplicationClient(self.client)
        try:
            came = client.parse_request_uri_response(f"{_SECURE}?{query}", state=attempt.state)
        except OAuth2Error as error:
            raise NotVouchedForError(f"{self.name} did not sign you in: {error.error}.", hint="Begin again.") from error
        with self._opened() as opened:
            found = self._found(opened)
            body = client.prepare_request_body(code=came["code"], redirect_uri=back, code_verifier=attempt.verifier)
            answer = self._asked(
                opened,
                "POST",
                found["token_endpoint"],
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                auth=(quote_plus(self.client), quote_plus(self.secret)),
            )
            keys = self._asked(opened, "GET", found["jwks_uri"])
        return self._identity(answer, keys, attempt, now)

    def _identity(self, answer: Any, keys: Any, attempt: Attempt, now: datetime) -> Identity:
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        try:
            token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=SIGNED_WITH)
            rules.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotVouchedForError(
                f"What {self.name} said of who you are does not hold: {error}.", hint="Begin again."
            ) from error
        if "azp" in token.claims and token.claims["azp"] != self.client:
            raise NotVouchedForError(f"{self.name} vouched for you to somebody else.", hint="Begin again.")
        return Identity(issuer=self.issuer, sub=str(token.claims["sub"]))

    def _opened(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT_S, transport=self.transport, headers={"Accept": "application/json"})

    def _found(self, opened: httpx.Client) -> Any:
        """Return what the provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
        found = self._asked(opened, "GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in needed):
            raise NotVouchedForError(f"{self.name} does not say where to sign in.", hint="Check ALLMENDE_OIDC_ISSUER.")
        if any(urlsplit(found[name]).scheme != urlsplit(self.issuer).scheme for name in needed):
            raise NotVouchedForError(f"{self.name} wants to be asked without TLS.", hint="Tell who runs it.")
        if found.get("issuer") != self.issuer:
            raise NotVouchedForError(
                f"{self.name} calls itself {str(found.get('issuer'))!r}, not {self.issuer!r}.",
                hint="Set ALLMENDE_OIDC_ISSUER to exactly that.",
            )
        return found

    def _asked(self, opened: httpx.Client, method: str, address: str, **more: Any) -> Any:
        try:
            response = opened.request(method, address, **more)
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotVouchedForError(
                f"{self.name} cannot be asked now: {error}.", hint="Try again in a minute, or sign in with a password."
            ) from error
