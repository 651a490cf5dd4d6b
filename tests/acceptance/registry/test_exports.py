"""The record in the forms of other programs."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Thread
from xml.etree import ElementTree as ET

import httpx
import pytest
import uvicorn
from trestle.oscal.assessment_results import AssessmentResults
from typer.testing import CliRunner

from allmende.cli import registry as commands
from allmende.cli.serve import listen
from allmende.errors import RegistryRefusedError
from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.registry import Registry
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.server import create_app
from allmende.testing.registry import Operator, made_report, notary_of, registered

DEFAULT_RULES = "scs-0115-default-rules"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}


def _record(registry: Registry, operator: Operator, now: datetime, report: Report) -> None:
    account = account_called(registry, operator.account)
    assert isinstance(accept(registry, account, Form.OWN, operator.body(report), now), Receipt)


@pytest.fixture
def changed(registry: Registry, operator: Operator, now: datetime) -> Report:
    """The newest of two reports: the default rules fail in it."""
    _record(registry, operator, now, made_report(registry.standards, "cloud", now - timedelta(days=1)))
    failing = made_report(registry.standards, "cloud", now, {DEFAULT_RULES: Outcome.FAIL})
    _record(registry, operator, now, failing)
    return failing


async def test_the_table_is_csv_that_no_spreadsheet_computes_with(
    client: httpx.AsyncClient, registry: Registry, changed: Report, now: datetime
) -> None:
    other = registered(registry, "other", Subject(id="odd", name='=HYPERLINK("x")', operator="A, B"), now=now)
    _record(registry, other, now, made_report(registry.standards, "odd", now))
    answer = await client.get("/api/table.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(answer.text.splitlines()))
    assert [(line["name"], line["operator"], line["scope"], line["outcome"]) for line in lines] == [
        ('\'=HYPERLINK("x")', "A, B", "scs-compatible-iaas", "PASS"),
        ("A cloud", "Operator", "scs-compatible-iaas", "FAIL"),
    ]


async def test_the_results_of_a_subject_are_csv(client: httpx.AsyncClient, changed: Report) -> None:
    answer = await client.get("/api/subjects/cloud/results.csv")
    lines = {line["testcase"]: line for line in csv.DictReader(answer.text.splitlines())}
    assert (lines[DEFAULT_RULES]["outcome"], lines[DEFAULT_RULES]["report"]) == ("FAIL", str(changed.id))
    assert lines.keys() >= {result.testcase for result in changed.results}
    assert (await client.get("/api/subjects/nobody/results.csv")).status_code == 404


async def test_what_counts_of_a_subject_is_oscal(
    client: httpx.AsyncClient, registry: Registry, changed: Report, now: datetime
) -> None:
    answer = await client.get("/api/subjects/cloud/oscal/iaas")
    document = answer.json()["assessment-results"]
    assert AssessmentResults.model_validate(document).results
    (results,) = document["results"]
    states = {each["target"]["target-id"]: each["target"]["status"]["state"] for each in results["findings"]}
    version = registry.standards.scope("iaas").version("v5.1")
    assert states.keys() == set(version.testcases())
    assert states[DEFAULT_RULES] == "not-satisfied"
    assert states["scs-0100-syntax-check"] == "satisfied"
    assert str(changed.id) in answer.text, "each result names the report that it comes from"
    named = await client.get("/api/subjects/cloud/oscal/iaas", params={"version": "v4"})
    assert "SCS-compatible IaaS v4" in named.text
    for path in ("cloud/oscal/kaas", "cloud/oscal/nothing", "nobody/oscal/iaas", "cloud/oscal/iaas?version=v0"):
        assert (await client.get(f"/api/subjects/{path}")).status_code == 404


async def test_prometheus_reads_the_whole_registry(client: httpx.AsyncClient, changed: Report) -> None:
    lines = (await client.get("/metrics")).text.splitlines()
    named = 'scope="scs-compatible-iaas",subject="cloud"'
    assert f'allmende_version_passes{{{named},validity="effective",version="v5.1"}} 0.0' in lines


async def test_a_subject_has_a_feed_of_its_changes(client: httpx.AsyncClient, changed: Report) -> None:
    answer = await client.get("/subjects/cloud/changes.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.text)  # noqa: S314 -- our own
    entries = feed.findall("atom:entry", ATOM)
    assert f"cloud: {DEFAULT_RULES} is FAIL, before: PASS" in [e.findtext("atom:title", "", ATOM) for e in entries]
    assert len({entry.findtext("atom:id", "", ATOM) for entry in entries}) == len(entries)
    assert (await client.get("/subjects/nobody/changes.atom")).status_code == 404


async def test_what_changed_anywhere_is_one_feed_in_two_forms(
    client: httpx.AsyncClient, registry: Registry, changed: Report, now: datetime
) -> None:
    other = registered(registry, "other", Subject(id="odd", name="Odd"), now=now)
    _record(registry, other, now, made_report(registry.standards, "odd", now))
    answer = await client.get("/changes.json")
    assert answer.headers["Content-Type"] == "application/feed+json"
    feed = answer.json()
    assert (feed["version"], feed["feed_url"]) == (
        "https://jsonfeed.org/version/1.1",
        "http://registry/changes.json",
    )
    assert {item["content_text"].partition(":")[0] for item in feed["items"]} == {"cloud", "odd"}
    for item in feed["items"]:
        assert (await client.get(item["url"])).status_code == 200
    atom = ET.fromstring((await client.get("/changes.atom")).text)  # noqa: S314 -- our own
    ids = [entry.findtext("atom:id", "", ATOM) for entry in atom.findall("atom:entry", ATOM)]
    assert ids == [item["id"] for item in feed["items"]]
    of_one = (await client.get("/subjects/odd/changes.json")).json()
    assert {item["id"] for item in of_one["items"]} < {item["id"] for item in feed["items"]}


async def test_ci_is_told_what_is_due(client: httpx.AsyncClient, changed: Report) -> None:
    answer = (await client.get("/api/subjects/cloud/due", params={"days": 14})).json()
    assert {each["testcase"] for each in answer["due"]} >= {DEFAULT_RULES}
    today = (await client.get("/api/subjects/cloud/due", params={"days": 0})).json()["due"]
    assert today
    assert not any(each["automated"] for each in today), "only what people have to judge"
    assert (await client.get("/api/subjects/nobody/due")).status_code == 404


@pytest.fixture
def address(registry: Registry, now: datetime) -> Iterator[str]:
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            create_app(registry, lambda: now, notary_of(registry, now)), log_level="warning", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_person_is_told_what_is_due(address: str, changed: Report) -> None:
    said = CliRunner().invoke(commands.app, ["due", address, "cloud", "--days", "14"])
    assert f"2026-12-07  {DEFAULT_RULES}            main         expires\n" in said.stdout
    assert "key-manager-docs-check            preview      missing, judged by people" in said.stdout
    as_json = CliRunner().invoke(commands.app, ["due", address, "cloud", "--days", "200", "--json"])
    due = {each["testcase"]: each["automated"] for each in json.loads(as_json.stdout)["due"]}
    assert (due[DEFAULT_RULES], due["key-manager-docs-check"]) == (True, False)
    today = CliRunner().invoke(commands.app, ["due", address, "cloud", "--days", "0"])
    assert (today.exit_code, today.stderr) == (0, "3 testcases of cloud due within 0 days.\n")
    assert all(line.endswith("judged by people") for line in today.stdout.splitlines())
    refused = CliRunner().invoke(commands.app, ["due", address, "nobody"])
    assert isinstance(refused.exception, RegistryRefusedError)
