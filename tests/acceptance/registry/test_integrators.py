"""From what an integrator refers to, to a certificate, its badge, its revocation, and the proof of all of it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update

from allmende.errors import UnknownNameError, UsageError
from allmende.outcome import Outcome
from allmende.registry.fetch.certificate import fetched_certificate
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.assessment import Act
from allmende.registry.model.integrators import Integrator, IntegratorCertificate, Layer, Reference, Work
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.run import administer, integrators
from allmende.registry.run.registry import Registry
from allmende.registry.store.tables import integrator_certificates
from allmende.testing.registry import Operator, made_report, notary_of
from allmende.testing.visitor import HTML, Visitor, choose_password

from .test_attesting import handed_in
from .test_certifying import CERTIFICATES, answering
from .test_log import outcomes, said, verified

ID = "partner"


@pytest.fixture
def assessor(registry: Registry, now: datetime) -> Account:
    administer.ensure_account(registry, "assessor", now)
    administer.ensure_role(registry, "assessor", Role.ASSESSOR)
    return administer.account_called(registry, "assessor")


def reference(now: datetime, **changed: object) -> Reference:
    values: dict[str, object] = {
        "id": uuid4(),
        "integrator": ID,
        "layer": Layer.IAAS,
        "work": Work.MANAGED,
        "environment": "A cloud of somebody else",
        "since": date(2025, 1, 1),
        "subject": "cloud",
        "account": "assessor",
        "recorded_at": now,
        **changed,
    }
    return Reference(**values)  # type: ignore[arg-type]  # the tests give what belongs there


@pytest.fixture
def known(registry: Registry, operator: Operator, assessor: Account, now: datetime) -> Reference:
    """An integrator that manages a cloud which passes."""
    handed_in(registry, operator, made_report(registry.standards, "cloud", now), now)
    assert integrators.put(registry, assessor, Integrator(id=ID, name="Partner AG", country="CH")) is None
    refers = reference(now)
    assert integrators.refer(registry, assessor, refers) is None
    return refers


def certified(registry: Registry, assessor: Account, now: datetime, layer: Layer = Layer.IAAS) -> IntegratorCertificate:
    made = integrators.certify(registry, notary_of(registry, now), assessor, (uuid4(), ID, layer), now)
    assert isinstance(made, IntegratorCertificate), made
    return made


async def test_the_register_shows_what_the_points_come_from(
    client: httpx.AsyncClient, registry: Registry, assessor: Account, known: Reference, now: datetime
) -> None:
    secret = reference(now, subject=None, layer=Layer.KAAS, shown="by the report of a customer", environment="Clusters")
    assert integrators.refer(registry, assessor, secret) is None
    (found,) = (await client.get("/api/integrators")).json()
    assert found["points"] == {"IaaS": 2, "KaaS": 2}
    page = await client.get(f"/integrators/{ID}", headers=HTML)
    assert "Partner AG" in page.text
    assert "shown to an assessor" in page.text
    for answer in (page, await client.get(f"/api/integrators/{ID}")):
        assert "report of a customer" not in answer.text, "that is for assessors"
    assert "Partner AG" in (await client.get("/integrators", headers=HTML)).text
    assert (await client.get("/integrators/nobody", headers=HTML)).status_code == 404


async def test_a_certificate_is_shown_verified_and_revoked(
    client: httpx.AsyncClient, registry: Registry, assessor: Account, known: Reference, now: datetime
) -> None:
    made = certified(registry, assessor, now)
    assert made.title == "Certified SCS IaaS Integrator (Bronze)"
    assert f"until {made.expires_at.date()}" in (await client.get(f"/integrators/{ID}", headers=HTML)).text
    assert "certified until" in (await client.get(f"/integrators/{ID}/badge/iaas.svg")).text
    assert (await client.get(f"/integrators/{ID}/badge/iaas.png")).content.startswith(b"\x89PNG")
    assert (await client.get(f"/integrators/{ID}/badge/kaas.svg")).status_code == 404
    leads = await client.get(f"/integrators/certificates/{made.id}")
    assert leads.headers["Location"] == f"/integrators/{ID}#{made.id}"
    feed = (await client.get("/changes.json")).json()
    assert f"{ID}: {made.title}: issue" in [item["content_text"] for item in feed["items"]]
    found = await verified(registry, now)
    assert outcomes(found)[CERTIFICATES] is Outcome.PASS

    revoked = integrators.act(registry, assessor, made.id, Act.REVOKE, "It misled us.", now)
    assert isinstance(revoked, IntegratorCertificate)
    assert "revoked" in (await client.get(f"/integrators/{ID}/badge/iaas.svg")).text
    again = integrators.act(registry, assessor, made.id, Act.RESUME, "", now)
    assert isinstance(again, Refusal)
    assert again.reason is Reason.STANDING
    assert outcomes(await verified(registry, now))[CERTIFICATES] is Outcome.PASS


async def test_a_certificate_that_is_not_what_the_log_says_is_noticed(
    registry: Registry, assessor: Account, known: Reference, now: datetime
) -> None:
    made = certified(registry, assessor, now)
    with registry.database.writing() as connection:
        connection.execute(update(integrator_certificates).values(credential=made.credential[:-4] + "AAAA"))
    found = await verified(registry, now)
    assert outcomes(found)[CERTIFICATES] is Outcome.FAIL
    assert str(made.id) in said(found, CERTIFICATES)


async def test_anybody_verifies_it_by_its_address(
    client: httpx.AsyncClient, registry: Registry, assessor: Account, known: Reference, now: datetime
) -> None:
    made = certified(registry, assessor, now)
    document = f"/api/integrators/certificates/{made.id}"
    paths = (document, f"{document}/credential", "/api/log/keys")
    copied = {path: httpx.Response(200, content=(await client.get(path)).content) for path in paths}
    found = fetched_certificate(f"http://registry/integrators/certificates/{made.id}", answering(copied))
    assert found.is_good
    assert found.sentences[0].startswith("Partner AG (partner) is a Certified SCS IaaS Integrator (Bronze): ")


def test_what_stops_conforming_puts_the_certificate_under_review(
    registry: Registry, operator: Operator, assessor: Account, known: Reference, now: datetime
) -> None:
    certified(registry, assessor, now)
    later = now + timedelta(hours=1)
    failing = made_report(registry.standards, "cloud", later, {"scs-0115-default-rules": Outcome.FAIL})
    handed_in(registry, operator, failing, later)
    (shown,) = integrators.record_of(registry, ID, later).certificates
    assert shown.is_due_for_review


def test_what_is_no_longer_managed_counts_no_longer(
    registry: Registry, assessor: Account, known: Reference, now: datetime
) -> None:
    ended = now.date() - timedelta(days=1)
    assert integrators.end_reference(registry, assessor, known.id, ended) is None
    assert integrators.record_of(registry, ID, now).points(Layer.IAAS) == 0
    with pytest.raises(UsageError, match="cannot end before it began"):
        integrators.end_reference(registry, assessor, known.id, date(2020, 1, 1))
    with pytest.raises(UnknownNameError):
        integrators.end_reference(registry, assessor, uuid4(), ended)


def test_only_assessors_keep_the_register(
    registry: Registry, operator: Operator, known: Reference, now: datetime
) -> None:
    account = administer.account_called(registry, operator.account)
    answers = [
        integrators.put(registry, account, Integrator(id="mine", name="Mine")),
        integrators.refer(registry, account, reference(now)),
        integrators.end_reference(registry, account, known.id, now.date()),
        integrators.certify(registry, notary_of(registry, now), account, (uuid4(), ID, Layer.IAAS), now),
    ]
    assert [answer.reason for answer in answers if isinstance(answer, Refusal)] == [Reason.NOT_ASSESSOR] * 4


async def test_an_assessor_does_all_of_it_in_the_browser(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Account, now: datetime
) -> None:
    handed_in(registry, operator, made_report(registry.standards, "cloud", now), now)
    choose_password(registry, "assessor", now)
    visitor = Visitor(client=client)
    await visitor.sign_in("assessor")
    place = "/desk/integrators"
    assert (await visitor.send(place, "put-integrator", id=ID, name="Partner AG", country="ch")).status_code == 303
    wish = {"integrator": ID, "environment": "A cloud", "layer": "IaaS", "work": "built", "since": "2026-10-01"}
    wrong = await visitor.send(place, "refer", **{**wish, "since": "yesterday"}, subject="cloud")
    assert "is no day" in wrong.text
    unshown = await visitor.send(place, "refer", **wish)
    assert "how it was shown" in unshown.text
    assert (await visitor.send(place, "refer", **wish, subject="cloud")).status_code == 303
    assert (await visitor.send(place, "certify", integrator=ID, layer="KaaS")).status_code == 422
    assert (await visitor.send(place, "certify", integrator=ID, layer="IaaS")).status_code == 303
    assert "A cloud" in (await visitor.open(f"{place}?integrator={ID}")).text
    (shown,) = integrators.record_of(registry, ID, now).certificates
    id_ = str(shown.certificate.id)
    assert (await visitor.send(place, "suspend", certificate=id_)).status_code == 422, "it needs a reason"
    assert (await visitor.send(place, "suspend", certificate=id_, reason="We look into it.")).status_code == 303
    assert (await visitor.send(place, "resume", certificate=id_)).status_code == 303
    assert (await visitor.send(place, "revoke", certificate=id_, reason="It was wrong.")).status_code == 303
