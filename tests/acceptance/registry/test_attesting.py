"""Testcases that people judge: an operator states how it stands, and it counts when an assessor has accepted it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from allmende.errors import UsageError
from allmende.outcome import Outcome
from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called, ensure_role
from allmende.registry.run.registry import Registry
from allmende.report.attestation import Statement, attestation
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.testing.registry import Operator, made_report, registered

from .test_log import verified

DOCS = "key-manager-docs-check"


@pytest.fixture
def assessor(registry: Registry, now: datetime) -> Operator:
    made = registered(registry, "assessor", now=now)
    ensure_role(registry, "assessor", Role.ASSESSOR)
    return made


def stated(registry: Registry, now: datetime, text: str = "See https://docs.example.org") -> Report:
    standards = registry.standards
    statement = Statement(subject="cloud", scope=standards.scope("iaas"), testcase=standards.testcases[DOCS], text=text)
    return attestation(statement, [("concept.pdf", b"%PDF-1.7")], uuid4(), now)


def handed_in(registry: Registry, operator: Operator, report: Report, now: datetime, form: Form = Form.OWN) -> UUID:
    account = account_called(registry, operator.account)
    assert isinstance(accept(registry, account, form, operator.body(report, form=form), now), Receipt)
    return report.id


async def outcome_of(client: httpx.AsyncClient) -> Any:
    (score,) = (await client.get("/api/subjects/cloud")).json()["scores"]
    version = next(version for version in score["versions"] if version["version"] == "v5.1")
    return next(line["outcome"] for line in version["testcases"] if line["testcase"] == DOCS)


async def open_ones(client: httpx.AsyncClient) -> dict[str, Any]:
    found = (await client.get("/api/attestations", params={"open": True})).json()
    return {each["result"]["report"]: each for each in found}


async def ruled(
    client: httpx.AsyncClient, who: Operator | None, report: UUID, decision: str, reason: str = "", testcase: str = DOCS
) -> httpx.Response:
    return await client.post(
        f"/api/reports/{report}/attestations/{testcase}",
        json={"decision": decision, "reason": reason},
        auth=who.credentials if who else httpx.USE_CLIENT_DEFAULT,
        headers={"Accept": "application/json"},
    )


async def test_a_statement_counts_when_it_is_accepted_and_not_before(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    handed_in(registry, operator, made_report(registry.standards, "cloud", now), now)
    assert await outcome_of(client) == "MISS", "also not when a whole report says that it passes"
    report = handed_in(registry, operator, stated(registry, now), now)
    assert await outcome_of(client) == "MISS"
    (waiting,) = (
        each
        for each in (await client.get("/api/attestations?open=true")).json()
        if each["result"]["report"] == str(report)
    )
    assert waiting["result"]["evidence"][0]["seen"].startswith("sha256:")

    answer = await ruled(client, assessor, report, "accept")
    assert answer.status_code == 201
    assert answer.json()["rulings"][0]["account"] == "assessor"
    assert await outcome_of(client) == "PASS"
    assert str(report) not in {
        each["result"]["report"] for each in (await client.get("/api/attestations?open=true")).json()
    }
    assert (await verified(registry, now)).outcome is Outcome.PASS

    page = (await client.get(f"/reports/{report}")).text
    assert "attested: accepted" in page
    assert "assessor accepted it on 2026-11-23" in page
    assert "Waiting for a decision" in (await client.get("/attestations")).text


async def test_what_is_accepted_expires_like_any_result(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    old = now - timedelta(days=300)
    report = handed_in(registry, operator, stated(registry, old), now)
    assert (await ruled(client, assessor, report, "accept")).status_code == 201
    assert await outcome_of(client) == "MISS"


async def test_a_rejection_stands_and_says_why(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    report = handed_in(registry, operator, stated(registry, now), now)
    assert (await ruled(client, assessor, report, "ask", "Which version?")).status_code == 201
    assert (await ruled(client, assessor, report, "reject", "The link leads nowhere.")).status_code == 201
    again = await ruled(client, assessor, report, "accept")
    assert again.status_code == 409
    assert "decided already" in again.json()["detail"]
    assert "The link leads nowhere." in (await client.get("/attestations")).text
    handed_in(registry, operator, made_report(registry.standards, "cloud", now), now)
    assert await outcome_of(client) == "MISS"
    assert (await verified(registry, now)).outcome is Outcome.PASS


async def test_only_an_assessor_decides_and_nobody_on_their_own(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    report = handed_in(registry, operator, stated(registry, now), now)
    assert (await ruled(client, None, report, "accept")).status_code == 401
    assert (await ruled(client, operator, report, "accept")).status_code == 403
    ensure_role(registry, "operator", Role.ASSESSOR)
    own = await ruled(client, operator, report, "accept")
    assert own.status_code == 403
    assert "reports for cloud itself" in own.json()["detail"]
    colleague = registered(registry, "colleague", Subject(id="cloud", name="A cloud"), now=now)
    ensure_role(registry, "colleague", Role.ASSESSOR)
    assert (await ruled(client, colleague, report, "accept")).status_code == 403


@pytest.mark.parametrize(
    ("decision", "reason", "status"),
    [
        ("reject", "", 422),
        ("ask", " ", 422),
        ("accept", "x" * 2001, 422),
        ("reject", "a\x1b[31m", 422),
        ("maybe", "", 422),
    ],
)
async def test_a_decision_that_cannot_be_read_changes_nothing(
    client: httpx.AsyncClient,
    registry: Registry,
    operator: Operator,
    assessor: Operator,
    now: datetime,
    decision: str,
    reason: str,
    status: int,
) -> None:
    report = handed_in(registry, operator, stated(registry, now), now)
    assert (await ruled(client, assessor, report, decision, reason)).status_code == status
    assert (await client.get("/api/attestations")).json()[0]["rulings"] == []


async def test_what_a_program_judges_is_not_attested(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, assessor: Operator, now: datetime
) -> None:
    report = handed_in(registry, operator, made_report(registry.standards, "cloud", now), now)
    assert (await ruled(client, assessor, report, "accept", testcase="scs-0115-default-rules")).status_code == 404
    assert (await ruled(client, assessor, uuid4(), "accept")).status_code == 404
    statement = Statement(
        subject="cloud",
        scope=registry.standards.scope("iaas"),
        testcase=registry.standards.testcases["scs-0115-default-rules"],
        text="It is so.",
    )
    with pytest.raises(UsageError, match="judged by a program"):
        attestation(statement, [], uuid4(), now)


@pytest.mark.parametrize("text", ["", "  ", "x" * 5001])
def test_a_statement_says_something(registry: Registry, now: datetime, text: str) -> None:
    with pytest.raises(UsageError, match="characters at most"):
        stated(registry, now, text)
