"""A scope of which no version counts is shown with what was reported, and decides nothing on the first page."""

from datetime import UTC, datetime, timedelta

import pytest

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run.administer import ensure_subject
from allmende.registry.run.registry import Registry
from allmende.testing.browser import Browser
from allmende.testing.record import Example, all_pass, except_for, report_of, submit

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
GOVSTACK = "govstack-cloud-infrastructure"
NAME = "GovStack Cloud Infrastructure"
SUBJECT = Subject(id="a", name="A", operator="O")


@pytest.fixture
def reported(registry: Registry, empty: Browser) -> Browser:
    ensure_subject(registry, SUBJECT)
    says = except_for(Outcome.FAIL, "govstack-reader-role")
    for scope, judged in ((GOVSTACK, says), ("iaas", all_pass)):
        example = Example(subject=SUBJECT, says=judged, age=timedelta(hours=1), scope=scope)
        submit(registry, report_of(example, registry.standards, NOW), NOW)
    return empty


def test_the_first_page_speaks_of_scopes_that_count(reported: Browser) -> None:
    page = reported.get("/")
    assert NAME not in page.text
    assert page.all("p", "answer")[0].text.startswith("A is SCS-compatible IaaS v5.1.")


def test_the_page_of_the_subject_says_that_nothing_is_decided_and_shows_what_was_found(reported: Browser) -> None:
    page = reported.get(f"/subjects/a?version=v1.0.1#{GOVSTACK}")
    answers = [answer.text for answer in page.all("p", "answer")]
    assert any(f"No version of {NAME} is effective today, so A cannot pass it." in answer for answer in answers)
    assert any("no main testcase" in row and "✓ 14" in row and "✕ 1" in row for row in page.texts("tr"))
    assert "Whoever has only the role reader reads and changes nothing." in page.text


def test_the_page_of_the_scope_tells_its_draft_and_who_reported(reported: Browser) -> None:
    page = reported.get(f"/scopes/{GOVSTACK}")
    assert "No version of this scope counts today." in page.text
    assert any(row.startswith("A ") and "no version counts today" in row for row in page.texts("tr"))
    assert not [row for row in page.texts("tr") if "missing" in row]


def test_a_scope_without_reports_says_how_to_check_a_cloud(empty: Browser) -> None:
    assert f"allmende check CLOUD --scope {GOVSTACK}" in empty.get(f"/scopes/{GOVSTACK}").text
    assert "allmende check CLOUD --scope iaas" in empty.get("/scopes/scs-compatible-iaas").text
    assert NAME in empty.get("/scopes").text


def test_its_document_and_testcases_have_pages(empty: Browser) -> None:
    assert "govstack-token-revocation" in empty.get("/standards/govstack-infra").text
    links = [link.attributes["href"] for link in empty.get("/testcases/govstack-token-revocation").all("a")]
    assert "/standards/govstack-infra" in links
    assert any(link.endswith("/spec/6-functional-requirements.md#id-62-virtualization-platform") for link in links)
