"""From a passing cloud to a certificate, its badge, its revocation, and the proof of all of it."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, delete, update

from allmende.errors import RegistryUnreachableError, UsageError
from allmende.outcome import Outcome
from allmende.registry.fetch.certificate import fetched_certificate
from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Receipt
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called, ensure_role
from allmende.registry.run.registry import Registry
from allmende.registry.store.tables import certificate_acts, certificates
from allmende.report.formats import Form
from allmende.server import create_app
from allmende.testing.registry import Operator, made_report, notary_of, registered

from .test_log import outcomes, said, verified

CERTIFICATES = "The certificates are those of the log"
PASSING = "scs-0115-default-rules"


@pytest.fixture
def assessor(registry: Registry, now: datetime) -> Operator:
    made = registered(registry, "assessor", now=now)
    ensure_role(registry, "assessor", Role.ASSESSOR)
    return made


def reported(registry: Registry, operator: Operator, now: datetime, outcome: Outcome = Outcome.PASS) -> None:
    account = account_called(registry, operator.account)
    report = made_report(registry.standards, "cloud", now, {PASSING: outcome})
    assert isinstance(accept(registry, account, Form.OWN, operator.body(report), now), Receipt)


async def certified(client: httpx.AsyncClient, who: Operator, version: str = "v5.1", **other: str) -> httpx.Response:
    wish = {"subject": "cloud", "scope": "iaas", "version": version, **other}
    return await client.post("/api/certificates", json=wish, auth=who.credentials)


@pytest.fixture
async def certificate(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> dict[str, Any]:
    """A certificate of a cloud that passes."""
    reported(registry, operator, now)
    answer = await certified(client, assessor)
    assert answer.status_code == 201, answer.text
    issued: dict[str, Any] = answer.json()
    return issued


async def done(client: httpx.AsyncClient, who: Operator, id_: str, what: str, reason: str = "") -> httpx.Response:
    return await client.post(f"/api/certificates/{id_}/{what}", json={"reason": reason}, auth=who.credentials)


async def badge(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "max-age=300" in answer.headers["Cache-Control"]
    return answer.text


async def test_what_passes_is_certified_for_a_year_and_says_so_everywhere(
    client: httpx.AsyncClient, registry: Registry, certificate: dict[str, Any], now: datetime
) -> None:
    assert certificate["standing"] == "active"
    assert certificate["expires_at"].startswith("2027-11-23")
    assert [each["act"] for each in certificate["acts"]] == ["issue"]
    page = (await client.get(certificate["page"])).text
    assert "is certified as <strong>SCS-compatible IaaS v5.1</strong> until 2027-11-23" in page
    assert "certified until 2027-11-23" in await badge(client, f"{certificate['page']}/badge.svg")
    for address in (f"{certificate['page']}/badge.png", "/subjects/cloud/badge/iaas.png"):
        bitmap = await client.get(address)
        assert bitmap.headers["Content-Type"] == "image/png"
        assert bitmap.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert bitmap.content.startswith(b"\x89PNG")
    assert (await client.get(f"{certificate['page']}/badge.gif")).status_code == 404
    assert "certified until 2027-11-23" in await badge(client, "/subjects/cloud/badge/iaas.svg")
    assert certificate["page"] in (await client.get("/subjects/cloud")).text
    assert "1 certificate is active" in (await client.get("/certificates")).text
    found = await verified(registry, now)
    assert outcomes(found)[CERTIFICATES] is Outcome.PASS
    assert found.outcome is Outcome.PASS


async def test_the_credential_holds_for_who_knows_nothing_of_us(
    client: httpx.AsyncClient, certificate: dict[str, Any]
) -> None:
    """Taken apart by hand, as VC-JOSE, DID method `jwk` and the data model say, and verified with another library."""
    answer = await client.get(certificate["credential"])
    assert answer.headers["Content-Type"] == "application/vc+jwt"
    header, payload, signature = answer.text.split(".")

    def decoded(part: str) -> bytes:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))

    head, stated = json.loads(decoded(header)), json.loads(decoded(payload))
    assert head["typ"] == "vc+jwt"
    assert stated["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert "VerifiableCredential" in stated["type"]
    assert head["kid"].startswith(stated["issuer"])
    assert stated["credentialSubject"]["scope"]["version"] == "v5.1"
    key = json.loads(decoded(stated["issuer"].removeprefix("did:jwk:")))
    public = Ed25519PublicKey.from_public_bytes(decoded(key["x"]))
    public.verify(decoded(signature), f"{header}.{payload}".encode())
    with pytest.raises(InvalidSignature):
        public.verify(decoded(signature), f"{header}.{payload}x".encode())


async def test_a_revocation_is_final_and_public(
    client: httpx.AsyncClient, registry: Registry, assessor: Operator, certificate: dict[str, Any], now: datetime
) -> None:
    id_ = certificate["id"]
    assert (await client.get("/api/certificates/revoked")).json() == []
    assert (await done(client, assessor, id_, "revoke")).status_code == 422
    assert (await done(client, assessor, id_, "revoke", "The operator gave up the cloud.")).status_code == 200
    (revoked,) = (await client.get("/api/certificates/revoked")).json()
    assert (revoked["id"], revoked["reason"]) == (id_, "The operator gave up the cloud.")
    assert "was <strong>revoked</strong>" in (await client.get(certificate["page"])).text
    assert "revoked" in await badge(client, f"{certificate['page']}/badge.svg")
    assert (await done(client, assessor, id_, "resume")).status_code == 409
    assert (await verified(registry, now)).outcome is Outcome.PASS
    assert (await certified(client, assessor)).status_code == 201, "a new one may be issued"
    assert "certified until" in await badge(client, "/subjects/cloud/badge/iaas.svg")


async def test_what_is_suspended_counts_for_nothing_until_it_is_resumed(
    client: httpx.AsyncClient, registry: Registry, assessor: Operator, certificate: dict[str, Any], now: datetime
) -> None:
    id_ = certificate["id"]
    assert (await done(client, assessor, id_, "suspend", "Images are old.")).json()["standing"] == "suspended"
    assert "suspended" in await badge(client, f"{certificate['page']}/badge.svg")
    assert "Images are old." in (await client.get(certificate["page"])).text
    assert (await verified(registry, now)).outcome is Outcome.PASS
    assert (await done(client, assessor, id_, "resume")).json()["standing"] == "active"
    assert (await verified(registry, now)).outcome is Outcome.PASS


async def test_a_cloud_that_fails_keeps_its_certificate_and_no_green_badge(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, certificate: dict[str, Any], now: datetime
) -> None:
    """scs-0004, regulation 8: it is not revoked at once. But green is reserved for what was surely measured."""
    reported(registry, operator, now, Outcome.FAIL)
    found = (await client.get(f"/api/certificates/{certificate['id']}")).json()
    assert (found["standing"], found["outcome"], found["due_for_review"]) == ("active", "FAIL", True)
    assert "does not surely pass it today" in (await client.get(certificate["page"])).text
    drawn = await badge(client, f"{certificate['page']}/badge.svg")
    assert "under review" in drawn
    assert "certified until" not in drawn


async def test_an_expired_certificate_says_so(registry: Registry, certificate: dict[str, Any], now: datetime) -> None:
    later = now + timedelta(days=366)
    app = create_app(registry, lambda: later, notary_of(registry, now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://registry") as client:
        assert "expired on 2027-11-23" in await badge(client, f"{certificate['page']}/badge.svg")
        assert "<strong>expired</strong> on 2027-11-23" in (await client.get(certificate["page"])).text


async def test_who_may_not_certify_is_told_why(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    assert (await certified(client, assessor)).status_code == 409, "nothing was reported"
    reported(registry, operator, now, Outcome.FAIL)
    answer = await certified(client, assessor)
    assert answer.status_code == 409
    assert "the verdict is FAIL" in answer.json()["detail"]
    reported(registry, operator, now + timedelta(minutes=1))
    assert (await certified(client, operator)).status_code == 403
    assert (await certified(client, assessor, version="next")).status_code == 409
    assert (await certified(client, assessor, version="v99")).status_code == 404
    assert (await certified(client, assessor, subject="nobody")).status_code == 404
    assert (await certified(client, assessor, scope="nothing")).status_code == 404
    ensure_role(registry, "operator", Role.ASSESSOR)
    assert (await certified(client, operator)).status_code == 403
    assert (await client.get("/api/certificates")).json() == []


Tampering = Callable[[Connection], object]


def taken_back(connection: Connection) -> None:
    connection.execute(delete(certificate_acts).where(certificate_acts.c.act == "revoke"))


def prolonged(connection: Connection) -> None:
    connection.execute(update(certificates).values(credential=certificates.c.credential + "x"))


@pytest.mark.parametrize(
    ("tampering", "words"),
    [(taken_back, "it is revoked by the log, and shown as active"), (prolonged, "its credential")],
)
async def test_a_certificate_that_is_not_what_the_log_says_is_noticed(
    client: httpx.AsyncClient,
    registry: Registry,
    assessor: Operator,
    certificate: dict[str, Any],
    now: datetime,
    tampering: Tampering,
    words: str,
) -> None:
    await done(client, assessor, certificate["id"], "revoke", "It is over.")
    with registry.database.writing() as connection:
        tampering(connection)
    found = await verified(registry, now)
    assert outcomes(found)[CERTIFICATES] is Outcome.FAIL
    assert words in said(found, CERTIFICATES)


def answering(bodies: dict[str, httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: bodies.get(request.url.path, httpx.Response(404)))


async def test_anybody_verifies_a_certificate_by_its_address(
    client: httpx.AsyncClient, registry: Registry, assessor: Operator, certificate: dict[str, Any]
) -> None:
    url = f"http://registry{certificate['page']}"

    async def copied() -> httpx.MockTransport:
        paths = (f"/api/certificates/{certificate['id']}", certificate["credential"], "/api/log/keys")
        return answering({path: httpx.Response(200, content=(await client.get(path)).content) for path in paths})

    found = fetched_certificate(url, await copied())
    assert found.is_good
    assert any("signed by a key of this registry's log" in sentence for sentence in found.sentences)
    await done(client, assessor, certificate["id"], "revoke", "It is over.")
    found = fetched_certificate(url, await copied())
    assert not found.is_good
    assert any("revoked since 2026-11-23: It is over." in sentence for sentence in found.sentences)


def test_an_address_that_is_no_certificates_is_said_to_be_none() -> None:
    with pytest.raises(UsageError, match="no address of a certificate"):
        fetched_certificate("http://registry/subjects/cloud")
    with pytest.raises(RegistryUnreachableError):
        fetched_certificate("http://registry/certificates/x", answering({}))
