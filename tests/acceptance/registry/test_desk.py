"""What operators, assessors and who runs the registry do on their desks, and what they must not do there."""

from datetime import datetime, timedelta

import httpx
import pytest

from allmende.outcome import Outcome
from allmende.registry.model.accounts import Role, TokenScope
from allmende.registry.model.record import Subject
from allmende.registry.run import administer, attest, certify, notify, read
from allmende.registry.run.registry import Registry
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.report.keys import ed25519_key
from allmende.testing.browser import Page
from allmende.testing.registry import Operator, made_report, registered
from allmende.testing.visitor import HTML, Visitor, choose_password

from .test_attesting import DOCS, stated


@pytest.fixture
async def visitor(client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime) -> Visitor:
    """The operator, signed in."""
    choose_password(registry, operator.account, now)
    visitor = Visitor(client=client)
    await visitor.sign_in(operator.account)
    return visitor


async def signed_in_as(visitor: Visitor, registry: Registry, account: str, role: Role, now: datetime) -> None:
    administer.ensure_account(registry, account, now)
    administer.ensure_role(registry, account, role)
    choose_password(registry, account, now)
    visitor.client.cookies.clear()
    await visitor.sign_in(account)


async def sent(client: httpx.AsyncClient, operator: Operator, report: Report) -> None:
    headers = {"Content-Type": str(Form.OWN)}
    answer = await client.post("/reports", content=operator.body(report), auth=operator.credentials, headers=headers)
    assert answer.status_code == 201, answer.text


async def test_the_first_page_tells_how_the_own_subjects_stand_and_what_is_due(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    before = await visitor.open("/desk")
    assert "no report" in before.text
    made = made_report(registry.standards, "cloud", now - timedelta(hours=1), {"scs-0115-default-rules": Outcome.FAIL})
    await sent(visitor.client, operator, made)
    page = await visitor.open("/desk")
    assert "fail v5.1" in page.text
    assert DOCS in page.text
    assert "judged by people" in page.text
    assert "allmende report submit report.json --registry http://registry --account operator" in page.text


async def test_who_reports_for_nothing_is_told_how_to_change_that(
    visitor: Visitor, registry: Registry, now: datetime
) -> None:
    administer.ensure_account(registry, "fresh", now)
    choose_password(registry, "fresh", now)
    visitor.client.cookies.clear()
    await visitor.sign_in("fresh")
    assert "allmende registry account add fresh --subject SUBJECT" in (await visitor.open("/desk")).text


async def test_a_token_that_is_made_on_the_desk_is_shown_once_and_sends_reports(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    answer = await visitor.send("/desk/access", "make-token", name="ci", scope="submit", days="30")
    assert answer.status_code == 200
    (token,) = [text for text in Page(answer.text).texts("pre") if text.startswith("allmende_")]
    listed = await visitor.open("/desk/access")
    assert token not in listed.text
    assert "ci" in listed.text
    kept = next(each for each in administer.list_tokens(registry, "operator") if each.name == "ci")
    assert kept.scopes == {TokenScope.SUBMIT}
    assert kept.expires_at == now + timedelta(days=30)
    sender = Operator(account=operator.account, token=token, key=operator.key)
    await sent(visitor.client, sender, made_report(registry.standards, "cloud", now))
    assert (await visitor.send("/desk/access", "end-token", id=kept.id)).status_code == 303
    headers = {"Content-Type": str(Form.OWN)}
    again = made_report(registry.standards, "cloud", now)
    assert (
        await visitor.client.post("/reports", content=sender.body(again), auth=sender.credentials, headers=headers)
    ).status_code == 401


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"days": "0", "scope": "submit"}, "no number of days"),
        ({"days": "9" * 400, "scope": "submit"}, "no number of days"),
        ({"days": "٣", "scope": "submit"}, "no number of days"),
        ({"days": "30"}, "of no use"),
        ({"days": "30", "scope": "everything"}, "of no use"),
        ({"days": "30", "scope": "submit", "name": "a\x1b[2J"}, "printable characters"),
    ],
)
async def test_a_token_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    visitor: Visitor, registry: Registry, fields: dict[str, str], said: str
) -> None:
    before = administer.list_tokens(registry, "operator")
    answer = await visitor.send("/desk/access", "make-token", **{"name": "my laptop", **fields})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert said in page.one("div", "trouble").text
    if "name" not in fields:
        assert [e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "name"] == ["my laptop"]
    assert administer.list_tokens(registry, "operator") == before


async def test_keys_are_changed_without_a_gap(visitor: Visitor, registry: Registry, operator: Operator) -> None:
    new = ed25519_key(b"n" * 32).public
    assert (await visitor.send("/desk/access", "add-key", public_key=f"{new.line} me@laptop\n")).status_code == 303
    old = operator.key.public.fingerprint
    assert {key.fingerprint for key in administer.keys_of(registry, "operator")} == {old, new.fingerprint}
    answer = await visitor.send("/desk/access", "remove-key", fingerprint=old)
    assert "no longer signs" in (await visitor.open(answer.headers["Location"])).one("p", "done").text
    assert [key.fingerprint for key in administer.keys_of(registry, "operator")] == [new.fingerprint]


@pytest.mark.parametrize("text", ["", "hello", "ssh-ed25519 AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", "<script>"])
async def test_what_is_no_public_key_is_refused(visitor: Visitor, registry: Registry, text: str) -> None:
    before = administer.keys_of(registry, "operator")
    answer = await visitor.send("/desk/access", "add-key", public_key=text)
    assert answer.status_code == 422
    assert Page(answer.text).one("div", "trouble").text
    assert "<script>" not in answer.text
    assert administer.keys_of(registry, "operator") == before


async def test_somebody_is_told_where_they_ask_to_be(visitor: Visitor, registry: Registry) -> None:
    fields = {"channel": "webhook", "address": "https://ci.example.org/hook", "kind": ["testcase", "expiring"]}
    answer = await visitor.send("/desk/notifications", "subscribe", **fields)
    secret = next(text for text in Page(answer.text).texts("pre") if text.startswith("whsec_"))
    assert secret not in (await visitor.open("/desk/notifications")).text
    ((kept, _),) = notify.subscriptions(registry, "operator")
    assert (kept.address, sorted(kept.kinds)) == ("https://ci.example.org/hook", ["expiring", "testcase"])
    mail = await visitor.send("/desk/notifications", "subscribe", channel="mail", address="no address", kind="verdict")
    assert "is no e-mail address" in mail.text
    await visitor.send("/desk/notifications", "unsubscribe", id=str(kept.id))
    assert notify.subscriptions(registry, "operator") == ()


async def test_nobody_ends_what_is_another_accounts(visitor: Visitor, registry: Registry, now: datetime) -> None:
    registered(registry, "other", Subject(id="other", name="Other"), now=now)
    (token,) = administer.list_tokens(registry, "other")
    (key,) = administer.keys_of(registry, "other")
    assert (await visitor.send("/desk/access", "end-token", id=token.id)).status_code == 422
    assert (await visitor.send("/desk/access", "remove-key", fingerprint=key.fingerprint)).status_code == 422
    fields = {"channel": "mail", "address": "a@example.org", "kind": "verdict", "subject": "other"}
    assert (await visitor.send("/desk/notifications", "subscribe", **fields)).status_code == 422
    assert administer.list_tokens(registry, "other") == (token,)
    assert administer.keys_of(registry, "other") == (key,)


@pytest.mark.parametrize("address", ["/desk/assessment", "/desk/subjects", "/desk/accounts"])
async def test_a_desk_is_for_its_role_only(visitor: Visitor, registry: Registry, address: str) -> None:
    page = await visitor.open("/desk")
    assert address not in [e.attributes["href"] for e in page.all("a")]
    (token,) = {e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "form_token"}
    assert (await visitor.client.get(address, headers=HTML)).status_code == 403
    for act in ("put-account", "put-subject", "invite", "issue", "decide"):
        data = {"form_token": token, "act": act, "name": "operator", "id": "mine", "role": "admin"}
        assert (await visitor.client.post(address, data=data)).status_code == 403
    assert administer.account_called(registry, "operator").roles == frozenset()


async def test_a_role_that_is_taken_away_ends_at_once(visitor: Visitor, registry: Registry, now: datetime) -> None:
    await signed_in_as(visitor, registry, "admin", Role.ADMIN, now)
    await visitor.open("/desk/accounts")
    administer.set_rights(registry, "admin", frozenset(), frozenset())
    assert (await visitor.client.get("/desk/accounts", headers=HTML)).status_code == 403


async def test_a_subject_is_added_and_described_anew_in_the_browser(
    visitor: Visitor, registry: Registry, now: datetime
) -> None:
    await signed_in_as(visitor, registry, "admin", Role.ADMIN, now)
    fields = {"id": "new", "name": "New cloud", "operator": "New AG", "url": "https://new.example"}
    assert (await visitor.send("/desk/subjects", "put-subject", **fields)).status_code == 303
    assert "New cloud" in (await visitor.open("/")).text
    page = await visitor.open("/desk/subjects?subject=new")
    assert [e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "operator"] == ["New AG"]
    await visitor.send("/desk/subjects", "put-subject", **{**fields, "name": "Renamed"})
    assert read.subject_record(registry, "new", now).subject.name == "Renamed"
    for wrong in ({"id": "no spaces"}, {"id": "x", "url": "javascript:alert(1)"}, {"id": "x", "name": "a\u202eb"}):
        assert (await visitor.send("/desk/subjects", "put-subject", **wrong)).status_code == 422
    assert {each.id for each in read.list_subjects(registry)} == {"cloud", "new"}


async def test_an_account_is_added_with_its_rights_and_invited(
    visitor: Visitor, registry: Registry, now: datetime
) -> None:
    await signed_in_as(visitor, registry, "admin", Role.ADMIN, now)
    fields = {"name": "colleague", "role": "assessor", "subject": ["cloud"]}
    assert (await visitor.send("/desk/accounts", "put-account", **fields)).status_code == 303
    account = administer.account_called(registry, "colleague")
    assert account.roles == {Role.ASSESSOR}
    assert account.subjects == {"cloud"}
    await visitor.send("/desk/accounts", "put-account", name="colleague")
    assert administer.account_called(registry, "colleague").subjects == frozenset()
    answer = await visitor.send("/desk/accounts", "invite", name="colleague")
    (link,) = [text for text in Page(answer.text).texts("pre") if "/invitations/" in text]
    assert "Choose a password for colleague" in (await visitor.open(link.removeprefix("http://registry"))).text
    unknown = await visitor.send("/desk/accounts", "put-account", name="x", subject="nowhere")
    assert "There is no subject nowhere." in unknown.text


async def test_an_attestation_is_decided_on_in_the_browser(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    attestation = stated(registry, now, "The documentation names barbican: https://cloud.example/docs")
    await sent(visitor.client, operator, attestation)
    await signed_in_as(visitor, registry, "body", Role.ASSESSOR, now)
    page = await visitor.open("/desk/assessment")
    assert "The documentation names barbican: https://cloud.example/docs" in page.text
    assert "concept.pdf" in page.text
    fields = {"report": str(attestation.id), "testcase": DOCS}
    for wrong in ({}, {"decision": "reject"}, {"decision": "maybe"}, {"decision": "accept", "report": "1"}):
        assert (await visitor.send("/desk/assessment", "decide", **{**fields, **wrong})).status_code == 422
    answer = await visitor.send("/desk/assessment", "decide", **fields, decision="accept")
    assert answer.status_code == 303
    (kept,) = attest.attested(registry)
    assert [(ruling.account, ruling.decision) for ruling in kept.rulings] == [("body", "accept")]
    assert "Nothing waits for a decision." in (await visitor.open("/desk/assessment")).text


async def test_certificates_are_issued_suspended_and_revoked_in_the_browser(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    await sent(visitor.client, operator, made_report(registry.standards, "cloud", now))
    await signed_in_as(visitor, registry, "body", Role.ASSESSOR, now)
    page = await visitor.open("/desk/assessment")
    given = {
        e.attributes["name"]: e.attributes["value"]
        for e in page.all("input")
        if e.attributes["name"] in ("subject", "scope", "version")
    }
    assert given["subject"] == "cloud"
    assert (await visitor.send("/desk/assessment", "issue", **given)).status_code == 303
    (record,) = certify.records(registry, now)
    assert "Nothing passes that has no certificate yet." in (await visitor.open("/desk/assessment")).text
    assert (await visitor.send("/desk/assessment", "issue", **given)).status_code == 422
    fields = {"certificate": str(record.certificate.id)}
    assert (await visitor.send("/desk/assessment", "suspend", **fields)).status_code == 422
    for act, reason in (("suspend", "An audit runs."), ("resume", ""), ("revoke", "It was shut down.")):
        assert (await visitor.send("/desk/assessment", act, **fields, reason=reason)).status_code == 303
    (record,) = certify.records(registry, now)
    assert [act.act for act in record.certificate.acts] == ["issue", "suspend", "resume", "revoke"]


async def test_nobody_certifies_or_decides_on_their_own(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    await sent(visitor.client, operator, made_report(registry.standards, "cloud", now))
    administer.ensure_role(registry, "operator", Role.ASSESSOR)
    assert "Nothing passes that has no certificate yet." in (await visitor.open("/desk/assessment")).text
    fields = {"subject": "cloud", "scope": "iaas", "version": "v5.1"}
    answer = await visitor.send("/desk/assessment", "issue", **fields)
    assert answer.status_code == 422
    assert "reports for cloud itself" in answer.text


async def test_the_bytes_of_a_report_are_for_its_subject_assessors_and_auditors(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime
) -> None:
    report = made_report(registry.standards, "cloud", now)
    headers = {"Content-Type": str(Form.UPSTREAM_YAML)}
    body = operator.body(report, form=Form.UPSTREAM_YAML)
    await visitor.client.post("/reports", content=body, auth=operator.credentials, headers=headers)
    address = f"/desk/reports/{report.id}"
    assert address in [e.attributes["href"] for e in (await visitor.open(f"/reports/{report.id}")).all("a")]
    colleague = registered(registry, "colleague", Subject(id="cloud", name="A cloud"), now=now)
    auditor, stranger = registered(registry, "auditor", now=now), registered(registry, "stranger", now=now)
    administer.ensure_role(registry, "auditor", Role.READ_ANY)
    answer = httpx.Response(404)
    for account in (operator, colleague, auditor):
        answer = await visitor.client.get(f"/api/reports/{report.id}/document", auth=account.credentials)
        assert answer.status_code == 200
        assert body.endswith(answer.content)
        assert len((await visitor.client.get("/reports", auth=account.credentials)).json()) == 1
    refused = await visitor.client.get(f"/api/reports/{report.id}/document", auth=stranger.credentials)
    assert refused.status_code == 403
    assert (await visitor.client.get("/reports", auth=stranger.credentials)).json() == []
    assert (await visitor.client.get(address)).content == answer.content
    visitor.client.cookies.clear()
    assert (await visitor.client.get(address)).status_code == 303
    choose_password(registry, "stranger", now)
    await visitor.sign_in("stranger")
    assert (await visitor.client.get(address)).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in",
        "/desk",
        "/desk/access",
        "/desk/notifications",
        "/desk/assessment",
        "/desk/subjects",
        "/desk/accounts?account=operator",
    ],
)
async def test_each_page_can_be_read_and_filled_in_without_seeing_it(
    visitor: Visitor, registry: Registry, operator: Operator, now: datetime, address: str
) -> None:
    """Every field has a label, every id is there once, and every form carries what makes it this visit's."""
    await sent(visitor.client, operator, made_report(registry.standards, "cloud", now))
    await notify_somewhere(visitor)
    if address != "/sign-in":
        await signed_in_as(visitor, registry, "body", Role.ASSESSOR, now)
        administer.ensure_role(registry, "body", Role.ADMIN)
    else:
        visitor.client.cookies.clear()
    page = await visitor.open(address)
    assert page.one("h1").text
    assert page.texts("title")[0].endswith("· Allmende")
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    labelled = {e.attributes["for"] for e in page.all("label") if "for" in e.attributes}
    typed = [
        e for e in page.elements if e.tag in ("input", "textarea", "select") and e.attributes.get("type") != "hidden"
    ]
    assert typed or address == "/desk"
    for element in typed:
        assert element.attributes.get("id") in labelled or "label" in element.path, element
    described = {e.attributes["aria-describedby"] for e in typed if "aria-describedby" in e.attributes}
    assert described <= set(ids)
    assert not [e for e in page.elements if e.tag == "script" or any(name.startswith("on") for name in e.attributes)]
    if address != "/sign-in":
        tokens = [e for e in page.all("input") if e.attributes.get("name") == "form_token"]
        assert len(tokens) == len(page.all("form"))


async def notify_somewhere(visitor: Visitor) -> None:
    await visitor.send("/desk/notifications", "subscribe", channel="mail", address="a@example.org", kind="verdict")
