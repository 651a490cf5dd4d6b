"""The addresses of the public compliance monitor answer here with the same meaning."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.rules.attestations import manual
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called, ensure_subject
from allmende.registry.run.registry import Registry
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.testing.browser import Page
from allmende.testing.registry import Operator, made_report, registered

DEFAULT_RULES = "scs-0115-default-rules"
IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
NOBODYS = UUID("00000000-0000-4000-8000-000000000000")


def _record(registry: Registry, operator: Operator, now: datetime, report: Report, form: Form = Form.OWN) -> Report:
    account = account_called(registry, operator.account)
    assert isinstance(accept(registry, account, form, operator.body(report, form=form), now), Receipt)
    return report


@pytest.fixture
def failing(registry: Registry, operator: Operator, now: datetime) -> Report:
    return _record(
        registry,
        operator,
        now,
        made_report(registry.standards, "cloud", now, {DEFAULT_RULES: Outcome.FAIL}),
        Form.UPSTREAM_YAML,
    )


async def test_status_says_what_counts_by_subject_and_scope(
    client: httpx.AsyncClient, registry: Registry, failing: Report, now: datetime
) -> None:
    ensure_subject(registry, Subject(id="silent", name="Silent"))
    answer = await client.get("/status")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json().keys() == {"cloud"}
    scope = answer.json()["cloud"][IAAS]
    assert scope["results"][DEFAULT_RULES] == {
        "result": -1,
        "checked_at": now.replace(tzinfo=None).isoformat(),
        "report": str(failing.id),
    }
    assert (scope["result"], scope["passed"], scope["best_passed"], scope["validity"]) == (-1, [], None, "deprecated")
    assert scope["buckets"]["-1"] == [DEFAULT_RULES]
    assert scope["versions"]["v5.1"]["targets"]["main"]["result"] == -1
    assert scope["testcases"].keys() >= scope["results"].keys()
    assert (await client.get("/status", params={"subject": "nobody"})).json() == {}
    assert (await client.get("/status", params={"scopeuuid": IAAS})).json().keys() == {"cloud"}
    assert (await client.get("/status", params={"scopeuuid": str(NOBODYS)})).json() == {}
    assert (await client.get("/status", headers={"Accept": "text/html"})).status_code == 406


async def test_an_account_gets_its_own_reports_with_all_that_was_in_them(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, failing: Report, now: datetime
) -> None:
    ours = _record(registry, operator, now, made_report(registry.standards, "cloud", now - timedelta(hours=1)))
    answer = await client.get("/reports", auth=operator.credentials)
    assert [document["run"]["uuid"] for document in answer.json()] == [str(failing.id), str(ours.id)]
    assert answer.json()[0]["run"]["invocations"]
    assert {document["subject"] for document in answer.json()} == {"cloud"}
    later = await client.get("/reports", params={"skip": 1, "subject": "cloud"}, auth=operator.credentials)
    assert [document["run"]["uuid"] for document in later.json()] == [str(ours.id)]
    assert (await client.get("/reports", params={"limit": 0}, auth=operator.credentials)).json() == []
    one = await client.get(f"/reports/{failing.id}", auth=operator.credentials)
    assert one.json() == answer.json()[0]


async def test_reports_are_for_those_who_report(
    client: httpx.AsyncClient, registry: Registry, failing: Report, now: datetime
) -> None:
    other = registered(registry, "other", now=now)
    assert (await client.get("/reports")).status_code == 401
    assert (await client.get("/results")).status_code == 401
    assert (await client.get("/reports", params={"subject": "cloud"}, auth=other.credentials)).status_code == 403
    assert (await client.get("/reports", auth=other.credentials)).json() == []
    assert (await client.get("/results", auth=other.credentials)).json() == []
    assert (await client.get(f"/reports/{failing.id}", auth=other.credentials)).status_code == 403
    assert (await client.get(f"/reports/{failing.id}", auth=("other", "wrong"))).status_code == 401
    assert (await client.get(f"/reports/{NOBODYS}", auth=other.credentials)).status_code == 404
    full = f"/page/report_full/{failing.id}"
    assert (await client.get(full)).headers["WWW-Authenticate"].startswith("Basic")
    assert (await client.get(full, auth=other.credentials)).status_code == 403


async def test_a_browser_that_signed_in_still_sees_the_page_of_a_report(
    client: httpx.AsyncClient, operator: Operator, failing: Report
) -> None:
    answer = await client.get(f"/reports/{failing.id}", auth=operator.credentials, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_recent_results_are_listed_by_whether_they_pass(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, failing: Report, now: datetime
) -> None:
    _record(registry, operator, now, made_report(registry.standards, "cloud", now - timedelta(days=8)))
    answer = await client.get("/results", params={"approved": "0"}, auth=operator.credentials)
    people_judge = manual(registry.standards)
    assert people_judge
    assert [each for each in answer.json() if each["check"] not in people_judge] == [
        {
            "reportuuid": str(failing.id),
            "subject": "cloud",
            "checked_at": now.replace(tzinfo=None).isoformat(),
            "scopeuuid": IAAS,
            "version": "*",
            "check": DEFAULT_RULES,
            "result": -1,
            "approval": False,
        }
    ]
    passed = await client.get("/results", params={"approved": "true", "limit": 1000}, auth=operator.credentials)
    judged = {each.testcase for each in failing.results} - people_judge
    assert len(passed.json()) == len(judged) - 1


async def test_approving_is_refused_with_what_to_do_instead(client: httpx.AsyncClient) -> None:
    answer = await client.post("/results", json=[])
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert "/attestations/" in answer.json()["next"]


async def test_prometheus_reads_a_subject(client: httpx.AsyncClient, failing: Report) -> None:
    answer = await client.get("/metrics/cloud")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    named = 'scope="scs-compatible-iaas",subject="cloud"'
    assert f'allmende_version_passes{{{named},validity="effective",version="v5.1"}} 0.0' in lines
    assert f'allmende_testcase_outcome{{outcome="fail",{named},testcase="{DEFAULT_RULES}"}} 1.0' in lines
    assert (await client.get("/metrics/nobody")).status_code == 404


async def test_the_table_is_markdown_fragment_and_page(
    client: httpx.AsyncClient, registry: Registry, failing: Report, now: datetime
) -> None:
    members = [Subject(id=f"region-{n}", name=f"Region {n}", group="Two | <Regions>") for n in (1, 2)]
    operator = registered(registry, "regions", *members, now=now)
    for member in members:
        _record(registry, operator, now, made_report(registry.standards, member.id, now))
    markdown = await client.get("/markdown/table")
    assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "| [✕ fail](<http://registry/page/detail/cloud/scs-compatible-iaas>) |" in markdown.text
    fragment = Page((await client.get("/fragment/table")).text)
    assert not fragment.all("html")
    assert [row.text.split() for row in fragment.all("td")][0:1] == [["A", "cloud"]]
    page = Page((await client.get("/page/table")).text)
    assert page.one("h1").text == "SCS compliance overview"
    (address,) = {
        a.attributes["href"]
        for a in page.all("a")
        if "group-" in a.attributes["href"] and "iaas" in a.attributes["href"]
    }
    detail = Page((await client.get(address)).text)
    assert [heading.text for heading in detail.all("h2")] == ["Region 1", "Region 2"]
    assert "next*" in (await client.get("/fragment/table_full")).text


async def test_a_detail_names_each_testcase_with_its_result_and_report(
    client: httpx.AsyncClient, failing: Report
) -> None:
    detail = Page((await client.get(f"/fragment/detail/cloud/{IAAS}")).text)
    first = detail.all("td")[0:2]
    assert [cell.text for cell in first] == [DEFAULT_RULES, "✕ fail 2026-11-23"]
    same = await client.get("/fragment/detail/cloud/scs-compatible-iaas")
    assert Page(same.text).all("td")[0].text == DEFAULT_RULES
    drafts = (await client.get(f"/markdown/detail_full/cloud/{IAAS}")).text
    assert "| next\\* |" in drafts.replace("| Result |", "|")
    nothing = await client.get("/markdown/detail/cloud/scs-compatible-kaas")
    assert "No result counts now." in nothing.text
    for address in ("/page/detail/nobody/iaas", "/page/detail/cloud/nothing", "/page/detail/group-nobody/iaas"):
        assert (await client.get(address)).status_code == 404


async def test_a_scope_shows_its_modules_by_version(client: httpx.AsyncClient) -> None:
    scope = (await client.get(f"/markdown/scope/{IAAS}")).text
    assert scope.startswith("| Version | next | v5.1 |")
    assert "| State | Draft | Effective |" in scope


async def test_a_report_is_shown_and_its_logs_to_its_sender(
    client: httpx.AsyncClient, operator: Operator, failing: Report
) -> None:
    shown = (await client.get(f"/page/report/{failing.id}")).text
    full = (await client.get(f"/page/report_full/{failing.id}", auth=operator.credentials)).text
    line = f"{DEFAULT_RULES}: FAIL"
    assert (line in shown, line in full) == (False, True)


async def test_a_document_of_json_is_the_same_document(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    report = made_report(registry.standards, "cloud", now)
    _record(registry, operator, now, report, Form.UPSTREAM_JSON)
    found = (await client.get(f"/reports/{report.id}", auth=operator.credentials)).json()
    sent = json.loads(operator.body(report, form=Form.UPSTREAM_JSON).partition(b"&")[2])
    assert found == sent


async def test_the_monitor_says_that_it_is_well(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
