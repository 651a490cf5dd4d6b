"""Files of evidence: those that a signed statement names, from who reports for the subject, for who may read them."""

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from allmende.canonical import digest
from allmende.errors import UsageError
from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Subject
from allmende.registry.rules import evidence as rules
from allmende.registry.rules.attestations import counting_at_once
from allmende.registry.run import administer
from allmende.registry.run.registry import Registry
from allmende.report.attestation import MOST_BYTES, Statement, attestation
from allmende.report.document import Report
from allmende.testing.registry import Operator, made_report, registered
from allmende.testing.visitor import HTML, Visitor, choose_password

from .test_attesting import DOCS, handed_in, stated

CONCEPT = b"%PDF-1.7"
"""The file that `stated` names."""


@pytest.fixture
def report(registry: Registry, operator: Operator, now: datetime) -> UUID:
    return handed_in(registry, operator, stated(registry, now), now)


async def sent(client: httpx.AsyncClient, who: Operator, report: UUID, content: bytes) -> httpx.Response:
    return await client.post(f"/api/reports/{report}/evidence", content=content, auth=who.credentials)


async def test_a_file_that_the_statement_names_is_kept_and_read_by_who_may(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, report: UUID, now: datetime
) -> None:
    answer = await sent(client, operator, report, CONCEPT)
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["size"]) == ("concept.pdf", len(CONCEPT))
    address = f"/api/reports/{report}/evidence/{digest(CONCEPT)}"
    assessor = registered(registry, "assessor", now=now)
    administer.ensure_role(registry, "assessor", Role.ASSESSOR)
    for who in (operator, assessor):
        assert (await client.get(address, auth=who.credentials)).content == CONCEPT
    stranger = registered(registry, "stranger", Subject(id="other", name="Other"), now=now)
    assert (await client.get(address, auth=stranger.credentials)).status_code == 403
    assert (await client.get(address)).status_code == 401
    again = await sent(client, operator, report, CONCEPT)
    assert again.json() == answer.json()


async def test_no_other_file_is_kept(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, report: UUID, now: datetime
) -> None:
    other = await sent(client, operator, report, CONCEPT + b"!")
    assert (other.status_code, other.json()["type"]) == (409, "urn:allmende:problem:not-named")
    large = await sent(client, operator, report, bytes(MOST_BYTES + 1))
    assert large.status_code == 413
    stranger = registered(registry, "stranger", Subject(id="other", name="Other"), now=now)
    assert (await sent(client, stranger, report, CONCEPT)).status_code == 403
    assert (await sent(client, operator, uuid4(), CONCEPT)).status_code == 404
    missing = f"/api/reports/{report}/evidence/{digest(CONCEPT)}"
    assert (await client.get(missing, auth=operator.credentials)).status_code == 404


async def test_a_subject_keeps_so_many_bytes_and_not_more(
    client: httpx.AsyncClient, operator: Operator, report: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", len(CONCEPT) - 1)
    assert (await sent(client, operator, report, CONCEPT)).status_code == 413


def with_file(registry: Registry, name: str, content: bytes, now: datetime) -> Report:
    standards = registry.standards
    statement = Statement(subject="cloud", scope=standards.scope("iaas"), testcase=standards.testcases[DOCS], text="x")
    return attestation(statement, [(name, content)], uuid4(), now)


async def test_what_a_browser_would_run_is_no_evidence(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    with pytest.raises(UsageError, match="of no type that evidence may have"):
        with_file(registry, "page.html", b"<script>", now)
    plain = with_file(registry, "page.txt", b"<script>", now)
    (result,) = plain.results
    renamed = result.evidence[0].model_copy(update={"subject": "file page.html"})
    forged = plain.model_copy(update={"results": (result.model_copy(update={"evidence": (renamed,)}),)})
    handed_in(registry, operator, forged, now)
    assert (await sent(client, operator, forged.id, b"<script>")).status_code == 415


async def test_files_are_handed_in_on_the_operators_desk_and_read_on_the_assessors(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, report: UUID, now: datetime
) -> None:
    choose_password(registry, operator.account, now)
    visitor = Visitor(client=client)
    await visitor.sign_in(operator.account)
    before = await visitor.open("/desk/attestations")
    assert "not handed in" in before.text
    nothing = await visitor.send("/desk/attestations", "hand-in", report=str(report))
    assert "No file was chosen" in nothing.text
    wrong = await visitor.hand_in("/desk/attestations", "hand-in", [b"else"], report=str(report))
    assert (wrong.status_code, "names a file with the SHA-256" in wrong.text) == (422, True)
    done = await visitor.hand_in("/desk/attestations", "hand-in", [CONCEPT], report=str(report))
    assert done.status_code == 303
    assert "not handed in" not in (await visitor.open("/desk/attestations")).text

    administer.ensure_account(registry, "assessor", now)
    administer.ensure_role(registry, "assessor", Role.ASSESSOR)
    choose_password(registry, "assessor", now)
    client.cookies.clear()
    await visitor.sign_in("assessor")
    page = await visitor.open("/desk/assessment")
    (address,) = [a for e in page.all("a") if (a := e.attributes.get("href", "")).startswith("/desk/evidence/")]
    answer = await client.get(address, headers=HTML)
    assert answer.content == CONCEPT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    client.cookies.clear()
    assert (await client.get(address, headers=HTML)).status_code == 303


async def test_what_has_to_be_attested_stands_there_with_what_to_type(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    choose_password(registry, operator.account, now)
    visitor = Visitor(client=client)
    await visitor.sign_in(operator.account)
    full = made_report(registry.standards, "cloud", now)
    measured = counting_at_once(full.results, registry.standards)
    handed_in(registry, operator, full.model_copy(update={"results": measured}), now)
    before = await visitor.open("/desk/attestations")
    assert "allmende report attest cloud " in before.text
    handed_in(registry, operator, with_file(registry, "other.txt", b"x", now), now)
    after = await visitor.open("/desk/attestations")
    gone = {each.attributes["href"] for each in before.all("a")} - {each.attributes["href"] for each in after.all("a")}
    assert gone == {f"/testcases/{DOCS}"}, "that was stated, and waits"


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain"])
async def test_a_form_that_is_none_is_refused_where_files_are_taken(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime, content_type: str
) -> None:
    choose_password(registry, operator.account, now)
    await Visitor(client=client).sign_in(operator.account)
    headers = {**HTML, "Content-Type": content_type}
    answer = await client.post("/desk/attestations", content=b"no form", headers=headers)
    assert answer.status_code in (400, 403, 415)
    elsewhere = await client.post("/desk/access", files={"x": b"y"}, headers=HTML)
    assert elsewhere.status_code == 415


async def test_more_than_may_be_sent_at_once_is_refused_while_it_is_read(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime, tmp_path: Path
) -> None:
    choose_password(registry, operator.account, now)
    await Visitor(client=client).sign_in(operator.account)
    files = [("files", (f"{n}.pdf", bytes(MOST_BYTES))) for n in range(3)]
    answer = await client.post("/desk/attestations", files=files, headers=HTML)
    assert answer.status_code == 413
