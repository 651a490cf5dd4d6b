"""How the application answers: headers, caching, and problems in the reader's own form."""

from datetime import UTC, datetime
from email.message import Message

import pytest

from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.testing.browser import Browser, Page
from allmende.testing.registry import notary_of


def sheet_of(browser: Browser) -> str:
    return browser.get("/").all("link")[0].attributes["href"]


@pytest.fixture
def broken(registry: Registry) -> Browser:
    """An application with a mistake of ours in it."""

    def clock() -> datetime:
        if next(failures, False):
            raise RuntimeError("secret detail")
        return datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    failures = iter([True])
    return Browser(app=create_app(registry, clock, notary_of(registry, datetime(2026, 11, 21, tzinfo=UTC))))


@pytest.mark.parametrize("address", ["/", "/subjects/nobody", "/nowhere", "/api/table", "/api/subjects/nobody"])
def test_every_answer_forbids_what_pages_do_not_need(filled: Browser, address: str) -> None:
    headers = filled.response(address).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_that_did_not_change_is_not_sent_again(filled: Browser) -> None:
    first = filled.response("/")
    again = filled.response("/", If_None_Match=f'"another", {first.headers["ETag"]}')

    assert (again.status_code, again.content) == (304, b"")
    assert filled.response("/about", If_None_Match=first.headers["ETag"]).status_code == 200


def test_pages_are_sent_compressed(filled: Browser) -> None:
    response = filled.response("/subjects/alpenrand", Accept_Encoding="gzip")

    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) < 20_000


def test_the_style_sheet_is_kept_for_ever_under_the_name_of_its_content(filled: Browser) -> None:
    address = sheet_of(filled)
    response = filled.response(address)

    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    assert filled.response(address.replace(".css", "0.css")).status_code == 404


def test_a_browser_gets_a_problem_in_words(filled: Browser) -> None:
    page = filled.get("/nowhere", status=404)

    assert page.texts("h1") == ["There is no page here"]
    assert "Look for it in the table of subjects." in page.text


def test_a_program_gets_a_problem_document(filled: Browser) -> None:
    response = filled.response("/nowhere", Accept="application/json")

    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json().items() >= {"status": 404, "instance": "/nowhere", "type": "about:blank"}.items()
    assert "Accept" in response.headers["Vary"]


def test_what_cannot_be_done_with_an_address_is_said(filled: Browser) -> None:
    response = filled.response("/reports/not-a-uuid")

    assert response.status_code == 404
    assert Page(response.text).texts("h1") == ["There is no page here"]


def test_our_own_mistake_is_admitted_and_tells_nothing_else(broken: Browser) -> None:
    response = broken.response("/")

    assert response.status_code == 500
    assert Page(response.text).texts("h1") == ["This page could not be made"]
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize(
    "address", ["/", "/subjects/alpenrand", "/scopes/scs-compatible-iaas", "/testcases/scs-0115-default-rules"]
)
def test_the_same_is_there_as_data(filled: Browser, address: str) -> None:
    alternates = [e for e in filled.get(address).all("link") if e.attributes["rel"] == "alternate"]
    response = filled.response(alternates[0].attributes["href"], Accept="application/json")
    kind = Message()
    kind["Content-Type"] = response.headers["Content-Type"]

    assert response.status_code == 200
    assert kind.get_content_type() == alternates[0].attributes["type"]
    assert response.json()
