"""A report as one HTML file: it answers first, needs nothing else, and hostile words stay words."""

import re

import pytest

from allmende.outcome import Outcome
from allmende.report.reading import Reading, reading
from allmende.standards.model import Target
from allmende.testing.browser import Page
from allmende.web.standalone import standalone
from allmende.web.words import STATES

from .examples import FAILS, READINGS, STANDARDS, UNDETERMINED, V5_1, empty, every_outcome, hostile, report, result


def _source(read: Reading) -> str:
    return standalone("report/file.html", {"reading": read}).decode()


def _page(read: Reading) -> Page:
    return Page(_source(read))


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_the_file_is_well_formed_and_loads_nothing(read: Reading) -> None:
    page = _page(read)
    assert page.one("html").attributes["lang"] == "en"
    assert not page.all("script")
    for element in page.elements:
        loaded = [v for n, v in element.attributes.items() if n in ("src", "srcset", "data", "action", "style")]
        if element.tag == "link":
            loaded.append(element.attributes["href"])
        assert all(address.startswith("data:") for address in loaded)
        assert not any(name.startswith("on") for name in element.attributes)
    assert not re.search(r"url\(|@import", page.one("style").text)


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_every_testcase_has_a_row_that_says_its_state_in_words(read: Reading) -> None:
    page = _page(read)
    rows = [element for element in page.all("tr") if "id" in element.attributes]
    assert [row.attributes["id"] for row in rows] == [line.id for group in read.groups for line in group.lines]
    by_id = {line.id: line for line in read.lines}
    for row in rows:
        state = STATES[by_id[row.attributes["id"]].outcome]
        assert row.text.startswith(f"{state.symbol} {state.word}")


def test_the_answer_comes_first() -> None:
    page = _page(every_outcome())
    answer = page.one("p", "answer")
    assert answer.text.startswith("✕ my-region is not SCS-compatible IaaS v5.1: 1 of 54 mandatory testcases fails.")
    assert "1 more could not be judged. Measured 2026-11-23 12:00 UTC." in answer.text
    before = page.elements[: page.elements.index(answer)]
    assert not [element for element in before if element.tag in ("table", "h2")]


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Outcome.PASS, "✓ my-region is SCS-compatible IaaS v5.1: all 54 mandatory testcases pass."),
        (Outcome.DNF, "? It is not determined whether my-region is SCS-compatible IaaS v5.1: 1 of 54"),
        (Outcome.MISS, "– It is not known whether my-region is SCS-compatible IaaS v5.1: 1 of 54"),  # noqa: RUF001
    ],
)
def test_the_answer_is_the_verdict(outcome: Outcome, answer: str) -> None:
    passes = [result(id_, Outcome.PASS) for id_ in V5_1.testcases(Target.MAIN) if id_ != UNDETERMINED]
    last = [] if outcome is Outcome.MISS else [result(UNDETERMINED, outcome)]
    page = _page(reading(report(*passes, *last), STANDARDS, V5_1))
    assert page.one("p", "answer").text.startswith(answer)


def test_a_failure_is_open_with_evidence_and_remedy() -> None:
    page = _page(every_outcome())
    (row,) = [element for element in page.all("tr") if element.attributes.get("id") == FAILS]
    for words in ("4096 MiB", "8192 MiB", "How to fix it", "openstack flavor create SCS-2V-8"):
        assert words in row.text
    assert len([e for e in page.all("details") if "open" in e.attributes]) == 1
    assert page.one("ol", "failures").text.startswith("The flavor SCS-2V-8 exists, exactly as standardized.")


def test_a_report_without_results_does_not_look_passed() -> None:
    assert not _page(empty()).all("span", "state", "pass")
    unknown = _page(READINGS["of no known scope"])
    assert "It is not known whether my-region is SCS-compatible IaaS" in unknown.text
    assert unknown.one("div", "empty").text == "This report has no results."


def test_hostile_words_stay_words() -> None:
    source = _source(hostile())
    assert "<script" not in source
    assert "&lt;script&gt;alert(1)" in source
    assert "evil.example" in source
    assert not [e for e in _page(hostile()).all("a") if "evil.example" in e.attributes.get("href", "")]
    assert "\x1b" not in source


def test_the_same_report_makes_the_same_file() -> None:
    assert _source(every_outcome()) == _source(every_outcome())
