"""What an OpenID provider says counts only when it was said now, to us, for this attempt, and signed by its own key.

The provider is simulated at its HTTP interface; `tests/live/test_0_registry.py` has one in a process of its own.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from allmende.errors import SettingsError
from allmende.registry.fetch.openid import Attempt, NotVouchedForError, Provider
from allmende.registry.model.sign_in import Identity

ISSUER, BACK = "https://id.example", "https://registry.example/sign-in/openid/return"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEY = ECKey.generate_key("P-256", {"kid": "1"}, private=True, auto_kid=False)
OTHER = ECKey.generate_key("P-256", {"kid": "1"}, private=True, auto_kid=False)
RSA = RSAKey.generate_key(2048, {"kid": "2"}, private=True, auto_kid=False)


@dataclass(kw_only=True)
class Simulated:
    """A provider that answers as told; it keeps what it was sent."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    algorithm: str = "ES256"
    key: Any = field(default_factory=lambda: KEY)
    discovery: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    received: dict[str, list[str]] = field(default_factory=dict)
    nonce: str = ""

    def answer(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                found = {
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/keys",
                }
                return httpx.Response(self.status, json={**found, **self.discovery})
            case "/keys":
                return httpx.Response(200, json=KeySet([KEY, RSA]).as_dict(private=False))
            case "/token":
                self.received = parse_qs(request.content.decode())
                self.received["authorization"] = [request.headers["Authorization"]]
                moment = int(NOW.timestamp())
                claims = {
                    "iss": ISSUER,
                    "aud": "registry",
                    "sub": "u-1",
                    "exp": moment + 300,
                    "iat": moment,
                    "nonce": self.nonce,
                    **self.claims,
                }
                claims = {name: value for name, value in claims.items() if value is not None}
                header = {"alg": self.algorithm, "kid": self.key.kid or "1"}
                text = (
                    f"{_part(header)}.{_part(claims)}."
                    if self.algorithm == "none"
                    else jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
                )
                return httpx.Response(200, json={"id_token": text, "access_token": "a", "token_type": "Bearer"})
            case _:
                return httpx.Response(404)

    def provider(self) -> Provider:
        transport = httpx.MockTransport(self.answer)
        return Provider(issuer=ISSUER, client="registry", secret="s:1", transport=transport)


def _part(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed_in(
    simulated: Simulated, query: Callable[[Attempt], str] = lambda attempt: f"code=c&state={attempt.state}"
) -> Identity:
    provider = simulated.provider()
    counter = iter(range(1, 99))
    _, attempt = provider.begin(BACK, lambda size: bytes([next(counter)]) * size)
    simulated.nonce = attempt.nonce
    return provider.finish(BACK, query(attempt), attempt, NOW)


@pytest.mark.parametrize(("algorithm", "key"), [("ES256", KEY), ("RS256", RSA), ("PS256", RSA)])
def test_who_the_provider_vouches_for_is_known_by_issuer_and_sub(algorithm: str, key: Any) -> None:
    simulated = Simulated(algorithm=algorithm, key=key)
    assert signed_in(simulated) == Identity(issuer=ISSUER, sub="u-1")
    assert simulated.received["grant_type"] == ["authorization_code"]
    assert simulated.received["redirect_uri"] == [BACK]
    assert simulated.received["code_verifier"] == ["03" * 32]
    assert simulated.received["authorization"] == ["Basic cmVnaXN0cnk6cyUzQTE="]


def test_the_browser_is_led_to_the_provider_with_a_challenge_and_keeps_what_it_needs() -> None:
    counter = iter(range(1, 99))
    address, attempt = Simulated().provider().begin(BACK, lambda size: bytes([next(counter)]) * size)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{ISSUER}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256"
    assert attempt.verifier not in address
    assert Attempt.of(attempt.text("/desk/access")) == (attempt, "/desk/access")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "somebody else"},
        {"aud": None},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
        {"exp": None},
        {"iat": int((NOW + timedelta(hours=1)).timestamp())},
        {"sub": None},
        {"azp": "somebody else"},
    ],
)
def test_what_was_said_to_somebody_else_or_at_another_time_does_not_count(claims: Mapping[str, Any]) -> None:
    with pytest.raises(NotVouchedForError) as raised:
        signed_in(Simulated(claims=claims))
    assert raised.value.hint


@pytest.mark.parametrize(
    ("algorithm", "key"), [("ES256", OTHER), ("HS256", OctKey.import_key("s:1" * 20)), ("none", KEY)]
)
def test_what_another_key_or_none_signed_does_not_count(algorithm: str, key: Any) -> None:
    with pytest.raises(NotVouchedForError):
        signed_in(Simulated(algorithm=algorithm, key=key))


@pytest.mark.parametrize(
    "query",
    [
        lambda attempt: "code=c&state=of-another-browser",
        lambda attempt: "code=c",
        lambda attempt: f"state={attempt.state}",
        lambda attempt: f"error=access_denied&state={attempt.state}",
        lambda attempt: "",
        lambda attempt: "%00=%ff&;",
    ],
)
def test_who_comes_back_without_having_left_is_not_let_in(query: Callable[[Attempt], str]) -> None:
    with pytest.raises(NotVouchedForError):
        signed_in(Simulated(), query)


@pytest.mark.parametrize("text", ["", "x", "%7B%7D", "null", "%5B%5D", json.dumps({"state": "a"})])
def test_a_cookie_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(NotVouchedForError, match="did not begin to sign in here"):
        Attempt.of(text)


@pytest.mark.parametrize(
    "simulated",
    [
        Simulated(status=503),
        Simulated(discovery={"issuer": "https://other.example"}),
        Simulated(discovery={"token_endpoint": None}),
        Simulated(discovery={"authorization_endpoint": 7}),
        Simulated(discovery={"authorization_endpoint": "http://id.example/authorize"}),
        Simulated(discovery={"jwks_uri": "file:///etc/passwd"}),
    ],
)
def test_a_provider_that_is_down_or_another_is_said_to_be(simulated: Simulated) -> None:
    with pytest.raises(NotVouchedForError) as raised:
        signed_in(simulated)
    assert "id.example" in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize("issuer", ["http://id.example", "id.example", "ftp://id.example", ""])
def test_a_provider_is_asked_over_tls_only(issuer: str) -> None:
    with pytest.raises(SettingsError, match="no https:// address"):
        Provider(issuer=issuer, client="registry", secret="s")
