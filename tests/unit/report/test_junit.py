"""JUnit XML as CI systems take it: what is not surely passed is never a case without a mark."""

import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from allmende.outcome import Outcome
from allmende.report.formats import junit
from allmende.report.reading import Reading

from .examples import FAILS, FAILS_RECOMMENDED, NOT_ATTEMPTED, PASSES, READINGS, UNDETERMINED, every_outcome, hostile

MARKS = {"failure": Outcome.FAIL, "error": Outcome.DNF, "skipped": Outcome.MISS}
ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def _document(reading: Reading) -> ET.Element:
    return ET.fromstring(junit.write(reading))  # noqa: S314 -- written here


def _outcomes(root: ET.Element) -> dict[str, Outcome]:
    return {
        case.attrib["name"]: next((MARKS[mark.tag] for mark in case if mark.tag in MARKS), Outcome.PASS)
        for case in root.iter("testcase")
    }


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_the_document_has_the_shape_that_ci_systems_expect(reading: Reading) -> None:
    root = _document(reading)
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children
    for case in root.iter("testcase"):
        assert len(list(case)) == 1


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_the_counts_are_those_of_the_cases(reading: Reading) -> None:
    root = _document(reading)
    for counted in (root, *root.iter("testsuite")):
        marks: Counter[str] = Counter(mark.tag for case in counted.iter("testcase") for mark in case)
        assert int(counted.attrib["tests"]) == len(list(counted.iter("testcase")))
        assert int(counted.attrib["failures"]) == marks["failure"]
        assert int(counted.attrib["errors"]) == marks["error"]
        assert int(counted.attrib["skipped"]) == marks["skipped"]


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_every_outcome_has_its_mark(reading: Reading) -> None:
    assert len(list(_document(reading).iter("testcase"))) == len(reading.lines)
    if reading is not READINGS["hostile"]:
        assert _outcomes(_document(reading)) == {line.id: line.outcome for line in reading.lines}


def test_only_a_pass_is_a_pass() -> None:
    outcomes = _outcomes(_document(every_outcome()))
    assert outcomes[PASSES] is Outcome.PASS
    assert outcomes[FAILS] is Outcome.FAIL
    assert outcomes[UNDETERMINED] is Outcome.DNF
    assert outcomes[NOT_ATTEMPTED] is Outcome.MISS


def test_a_failure_says_what_was_seen_and_demanded_and_how_to_fix_it() -> None:
    (failure,) = [c[0] for c in _document(every_outcome()).iter("testcase") if c.attrib["name"] == FAILS]
    assert "The flavor has too little memory." in failure.attrib["message"]
    text = failure.text or ""
    assert "seen      flavor SCS-2V-8: 4096 MiB (demanded: 8192 MiB)" in text
    assert "fix       Create the flavor" in text
    assert "openstack flavor create SCS-2V-8" in text
    assert text.index("4096 MiB") < text.index("2 vCPUs")


def test_what_is_never_counted_stands_in_a_suite_that_says_so() -> None:
    (suite,) = [
        suite
        for suite in _document(every_outcome()).iter("testsuite")
        if any(case.attrib["name"] == FAILS_RECOMMENDED for case in suite.iter("testcase"))
    ]
    assert "recommended, not counted" in suite.attrib["name"]


def test_hostile_words_stay_words() -> None:
    root = _document(hostile())
    texts = [element.text or "" for element in root.iter()] + [v for e in root.iter() for v in e.attrib.values()]
    assert any("<script>alert(1)</script> ]]>" in text for text in texts)
    assert not any("\x1b" in text or "\x00" in text or "\ufffe" in text for text in texts)


def test_the_same_report_makes_the_same_bytes() -> None:
    assert junit.write(every_outcome()) == junit.write(every_outcome())
