"""What the API says of the record."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run import read
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called, ensure_subject
from allmende.registry.run.registry import Registry
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.report.keys import parse_public_key
from allmende.report.sign import verified
from allmende.testing.registry import Operator, made_report, registered

DEFAULT_RULES = "scs-0115-default-rules"

NOBODYS = UUID("00000000-0000-4000-8000-000000000000")


def _record(registry: Registry, operator: Operator, now: datetime, *reports: Report, form: Form = Form.OWN) -> None:
    account = account_called(registry, operator.account)
    for report in reports:
        assert isinstance(accept(registry, account, form, operator.body(report, form=form), now), Receipt)


async def test_a_failing_testcase_fails_the_version_and_shows_when_it_last_passed(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    yesterday = now - timedelta(days=1)
    _record(
        registry,
        operator,
        now,
        made_report(registry.standards, "cloud", yesterday),
        made_report(registry.standards, "cloud", now, {DEFAULT_RULES: Outcome.FAIL}),
    )
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert (row["cells"][0]["outcome"], row["cells"][1]["outcome"]) == ("FAIL", None)
    (score,) = (await client.get("/api/subjects/cloud")).json()["scores"]
    version = next(v for v in score["versions"] if v["version"] == "v5.1")
    assert version["outcome"] == "FAIL"
    assert version["counts"]["main"]["FAIL"] == 1
    line = next(line for line in version["testcases"] if line["testcase"] == DEFAULT_RULES)
    assert (line["outcome"], line["result"]["outcome"]) == ("FAIL", "FAIL")
    assert datetime.fromisoformat(line["last_passed"]) == yesterday

    history = (await client.get("/api/subjects/cloud/history/iaas")).json()
    assert [(day["day"], day["outcome"]) for day in history[DEFAULT_RULES]] == [
        ("2026-11-22", "PASS"),
        ("2026-11-23", "FAIL"),
    ]
    assert DEFAULT_RULES in (await client.get("/api/subjects/cloud/history/iaas", params={"days": 1})).json()


async def test_an_expired_result_is_missing_and_still_shown(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    _record(registry, operator, now, made_report(registry.standards, "cloud", now - timedelta(days=60)))
    (score,) = (await client.get("/api/subjects/cloud")).json()["scores"]
    version = next(v for v in score["versions"] if v["version"] == "v5.1")
    line = next(line for line in version["testcases"] if line["testcase"] == DEFAULT_RULES)
    assert (version["outcome"], line["outcome"], line["result"]["outcome"]) == ("MISS", "MISS", "PASS")


async def test_the_table_follows_every_change_at_once(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    async def cell() -> tuple[str, str | None]:
        (row,) = (await client.get("/api/table")).json()["rows"]
        return row["name"], row["cells"][0]["outcome"]

    assert await cell() == ("A cloud", None)
    _record(registry, operator, now, made_report(registry.standards, "cloud", now - timedelta(hours=1)))
    assert await cell() == ("A cloud", "PASS")
    _record(registry, operator, now, made_report(registry.standards, "cloud", now, {DEFAULT_RULES: Outcome.FAIL}))
    assert await cell() == ("A cloud", "FAIL")
    ensure_subject(registry, Subject(id="cloud", name="Renamed"))
    assert await cell() == ("Renamed", "FAIL")


def test_the_table_lets_results_expire_although_nothing_changed(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    _record(registry, operator, now, made_report(registry.standards, "cloud", now))
    outcomes = []
    for days in (0, 1, 60):
        (row,) = read.table(registry, now + timedelta(days=days)).rows
        outcomes.append(row.cells[0].headline and row.cells[0].headline.outcome)
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.MISS]


async def test_a_group_is_one_row_shown_by_its_worst_member(
    client: httpx.AsyncClient, registry: Registry, now: datetime
) -> None:
    members = [Subject(id=f"region-{n}", name=f"Region {n}", group="Regions", operator="Operator") for n in (1, 2, 3)]
    operator = registered(registry, "operator", *members, now=now)
    outcomes = {"region-1": Outcome.PASS, "region-2": Outcome.FAIL, "region-3": Outcome.DNF}
    for subject, outcome in outcomes.items():
        _record(registry, operator, now, made_report(registry.standards, subject, now, {DEFAULT_RULES: outcome}))
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert (row["name"], len(row["subjects"])) == ("Regions", 3)
    assert (row["cells"][0]["outcome"], row["cells"][0]["worst"]) == ("FAIL", "region-2")


async def test_a_group_with_a_silent_member_does_not_pass(
    client: httpx.AsyncClient, registry: Registry, now: datetime
) -> None:
    members = [Subject(id=f"region-{n}", name=f"Region {n}", group="Regions") for n in (1, 2)]
    operator = registered(registry, "operator", *members, now=now)
    _record(registry, operator, now, made_report(registry.standards, "region-1", now))
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert (row["cells"][0]["outcome"], row["cells"][0]["worst"]) == (None, "region-2")


async def test_who_passed_only_an_outdated_version_is_shown_with_it(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    _record(registry, operator, now, made_report(registry.standards, "cloud", now, version="v4"))
    (row,) = (await client.get("/api/table")).json()["rows"]
    cell = row["cells"][0]
    assert (cell["version"], cell["outcome"]) == ("v5.1", "MISS")
    assert [(v["version"], v["validity"], v["outcome"]) for v in cell["verdicts"]] == [
        ("next", "draft", "MISS"),
        ("v5.1", "effective", "MISS"),
        ("v4", "deprecated", "PASS"),
    ]


async def test_anyone_can_verify_what_was_signed(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    report = made_report(registry.standards, "cloud", now)
    _record(registry, operator, now, report)
    content = (await client.get(f"/api/reports/{report.id}/document")).content
    signature = (await client.get(f"/api/reports/{report.id}/signature")).content
    assert verified(content, signature, [parse_public_key(operator.key.public.line)]) == operator.key.public
    shown = (await client.get(f"/api/reports/{report.id}")).json()
    assert (shown["report"]["fingerprint"], len(shown["results"])) == (
        operator.key.public.fingerprint,
        len(report.results),
    )


async def test_output_of_the_test_suite_is_for_its_sender(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    report = made_report(registry.standards, "cloud", now)
    _record(registry, operator, now, report, form=Form.UPSTREAM_YAML)
    other = registered(registry, "other", now=now)
    address = f"/api/reports/{report.id}/document"
    assert (await client.get(address)).status_code == 401
    assert (await client.get(address, auth=other.credentials)).status_code == 403
    assert (await client.get(address, auth=operator.credentials)).status_code == 200
    assert (await client.get(f"/api/reports/{report.id}")).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/subjects/nobody", 404),
        (f"/api/reports/{NOBODYS}", 404),
        (f"/api/reports/{NOBODYS}/document", 404),
        (f"/api/reports/{NOBODYS}/signature", 404),
        ("/api/reports/1", 422),
        ("/api/scopes/nothing", 404),
        ("/api/subjects/cloud/history/nothing", 404),
        ("/api/subjects/cloud/history/iaas?days=0", 422),
        ("/api/nothing", 404),
        ("/api/subjects/a%00b", 400),
        ("/status?subject=%00", 400),
    ],
)
async def test_what_is_not_there_is_said_as_a_problem(client: httpx.AsyncClient, address: str, status: int) -> None:
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


async def test_the_standards_are_in_the_api(client: httpx.AsyncClient, registry: Registry) -> None:
    standards = (await client.get("/api/standards")).json()
    assert {scope["id"] for scope in standards["scopes"]} == {scope.id for scope in registry.standards.scopes}
    assert len(standards["testcases"]) == len(registry.standards.testcases)
    scope = (await client.get("/api/scopes/iaas")).json()
    assert {version["name"]: version["validity"] for version in scope["versions"]}["v5.1"] == "effective"


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    assert set(document["paths"]["/reports"]["post"]["requestBody"]["content"]) == set(Form)
    assert "/api/table" in document["paths"]


async def test_the_registry_says_that_it_is_well(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/health")).json() == {"status": "ok"}
