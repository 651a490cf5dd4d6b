"""What holds for every page: structure, weight, nothing from elsewhere, no dead link."""

from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from allmende.testing.browser import Browser, Page

ADDRESSES = [
    "/",
    "/?sort=-checked&result=pass",
    "/?operator=nobody",
    "/subjects/alpenrand",
    "/subjects/hafenwolke?show=open",
    "/subjects/stadtwerk?version=v3",
    "/subjects/fjordblick",
    "/subjects/hafenwolke/history/scs-compatible-iaas",
    "/subjects/fjordblick/history/iaas",
    "/scopes",
    "/scopes/scs-compatible-iaas",
    "/scopes/scs-compatible-kaas",
    "/standards",
    "/standards/scs-0103",
    "/testcases/scs-0103-flavor-2v-8",
    "/health",
    "/alarms",
    "/comparison?scenario=instance&period=24h",
    "/health/alpenrand?period=7d",
    "/health/hafenwolke",
    "/health/hafenwolke/steps/compute/start%20a%20guest",
    "/health/hafenwolke/requests/compute/POST%20/compute?period=90d",
    "/about",
]


@pytest.fixture(params=ADDRESSES)
def page(request: pytest.FixtureRequest, filled: Browser) -> Page:
    return filled.get(request.param)


def test_it_has_a_language_a_title_and_one_main_heading(page: Page) -> None:
    assert page.one("html").attributes["lang"] == "en"
    assert page.texts("title")[0].endswith("· Allmende")
    assert len(page.all("h1")) == len(page.all("main")) == 1


def test_its_headings_skip_no_level(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.elements if e.tag in ("h1", "h2", "h3", "h4")]

    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_its_tables_name_their_columns_and_rows(page: Page) -> None:
    for element in page.all("th"):
        assert element.attributes.get("scope") in ("col", "row", "rowgroup")
    assert len(page.all("thead")) == len(page.all("table"))


def test_it_needs_no_script_and_loads_nothing_from_elsewhere(page: Page) -> None:
    loaded = [e.attributes["src"] for e in page.elements if "src" in e.attributes]
    loaded += [e.attributes["href"] for e in page.all("link")]

    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    assert not [e for e in page.elements if e.tag in ("script", "style", "iframe", "object", "form")]
    assert not [e for e in page.elements if any(name.startswith("on") or name == "style" for name in e.attributes)]


def test_its_ids_are_unique_and_its_anchors_lead_somewhere(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    anchors = [e.attributes["href"][1:] for e in page.all("a") if e.attributes["href"].startswith("#")]

    assert len(ids) == len(set(ids))
    assert set(anchors) <= set(ids)


def test_states_are_said_with_symbol_and_word(page: Page) -> None:
    for state in page.all("span", "state"):
        symbol, *words = state.text.split()
        assert symbol in "✓✕?–◷"  # noqa: RUF001 -- the symbols of the pages
        assert words


def test_the_first_page_is_light(filled: Browser) -> None:
    page = filled.response("/")
    sheet = filled.response(Page(page.text).all("link")[0].attributes["href"])

    assert len(page.content) + len(sheet.content) < 100_000


def test_no_link_of_the_whole_site_is_dead(filled: Browser) -> None:
    waiting, seen = ["/"], {"/"}
    while waiting:
        address = waiting.pop()
        response = filled.response(address)
        if address.startswith(("/desk", "/language/")):  # for who is signed in, and back to the page
            assert response.status_code == 303, address
            waiting += {"/sign-in"} - seen
            continue
        assert response.status_code == 200, address
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        found = [e.attributes["href"] for e in Page(response.text).elements if "href" in e.attributes]
        inside = {urlsplit(address).path for address in found if address.startswith("/")}
        waiting += inside - seen
        seen |= inside

    assert {"/scopes", "/standards", "/about", "/api/table", "/subjects/moorland-c"} <= seen
