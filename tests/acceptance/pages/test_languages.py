"""Every page in the reader's language, chosen by the browser or by a link that works without scripts."""

from collections import Counter

import pytest

from allmende.testing.browser import Browser, Page
from allmende.web.languages import ENGLISH, NAMES

FIRST_WORDS = {
    "en": "Who is SCS-compatible?",
    "de": "Wer ist SCS-kompatibel?",
    "fr": "Qui est compatible SCS?",
    "it": "Chi è compatibile SCS?",
}
ADDRESSES = [
    "/",
    "/subjects/hafenwolke",
    "/subjects/talstrom",
    "/subjects/hafenwolke/history/scs-compatible-iaas",
    "/scopes",
    "/scopes/scs-compatible-iaas",
    "/standards",
    "/standards/scs-0103",
    "/testcases/scs-0103-flavor-2v-8",
    "/certificates",
    "/integrators",
    "/attestations",
    "/log",
    "/log/1",
    "/health",
    "/alarms",
    "/comparison?scenario=instance&period=24h",
    "/health/alpenrand?period=7d",
    "/health/hafenwolke",
    "/health/hafenwolke/steps/compute/start%20a%20guest",
    "/health/hafenwolke/requests/compute/POST%20/compute?period=90d",
    "/about",
    "/sign-in",
]


@pytest.mark.parametrize(("language", "words"), FIRST_WORDS.items())
def test_the_first_page_is_in_the_language_that_the_browser_wants(filled: Browser, language: str, words: str) -> None:
    answer = filled.response("/", Accept_Language=f"{language}-CH, en;q=0.5")
    assert words in answer.text
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language
    assert {"en": "Switzerland", "de": "Schweiz", "fr": "Suisse", "it": "Svizzera"}[language] in answer.text
    assert answer.headers["Vary"].startswith("Accept-Language, Cookie")


def test_the_link_of_a_language_leads_back_and_is_remembered(filled: Browser) -> None:
    page = filled.get("/about")
    links = {e.attributes["hreflang"]: e.attributes["href"] for e in page.all("a") if "hreflang" in e.attributes}
    assert links["de"] == "/language/de?to=/about"
    answer = filled.response(links["de"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about")
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    assert '<html lang="de">' in filled.response("/about", Cookie=cookie, Accept_Language="en").text


@pytest.mark.parametrize("to", ["//e.example", "https://e.example", "/\\e.example", "/%0d%0aSet-Cookie:a", "x"])
def test_the_link_of_a_language_leads_nowhere_else(filled: Browser, to: str) -> None:
    answer = filled.response(f"/language/de?to={to}")
    assert answer.headers["Location"] == "/"
    assert "a=" not in answer.headers["Set-Cookie"].split(";")[0]


def test_there_is_no_other_language(filled: Browser) -> None:
    assert filled.response("/language/xx").status_code == 404


def shape_of(page: Page) -> Counter[tuple[str, str, str]]:
    return Counter((e.tag, e.attributes.get("href", ""), e.attributes.get("id", "")) for e in page.elements)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", [name for name in NAMES if name != ENGLISH])
def test_each_page_is_made_in_each_language_with_the_same_structure(
    filled: Browser, address: str, language: str
) -> None:
    """Tags and links are the same: what is said differs, and not what can be done."""
    english, other = filled.get(address), filled.response(address, Accept_Language=language)
    assert other.status_code == 200
    page = Page(other.text)
    assert shape_of(page) == shape_of(english)
    assert page.one("main").text != english.one("main").text


def test_a_problem_is_said_in_the_readers_language_too(filled: Browser) -> None:
    assert "Hier ist keine Seite" in filled.response("/nothing", Accept_Language="de").text
