"""Exclusions are documented and end: what lacks a reason, an owner or an end is refused, with line and next step."""

from datetime import UTC, date, datetime, timedelta
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.errors import SettingsError
from allmende.standards.exclusions import LONGEST, Exclusion, exclusions
from allmende.standards.load import load_standards

TODAY = date(2026, 11, 23)
STANDARDS = load_standards()
GOOD = {
    "testcase": "scs-0115-default-rules",
    "reason": "Customers migrate until January.",
    "owner": "Network team <network@example.org>",
    "expires": "2027-01-31",
}


def file(*entries: dict[str, str]) -> bytes:
    lines = ["# agreed on in the change board", "exclusions:"]
    for entry in entries:
        for number, (key, value) in enumerate(entry.items()):
            lines.append(f"  {'- ' if number == 0 else '  '}{key}: {value}")
    return "\n".join(lines).encode()


def but(**changes: str) -> dict[str, str]:
    return {key: value for key, value in {**GOOD, **changes}.items() if value}


def refusal(content: bytes) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        exclusions(content, "exclusions.yaml", STANDARDS, TODAY)
    return caught.value


def test_an_exclusion_says_which_testcase_why_whose_and_until_when() -> None:
    assert exclusions(file(GOOD), "x.yaml", STANDARDS, TODAY) == {
        "scs-0115-default-rules": Exclusion(
            testcase="scs-0115-default-rules",
            reason="Customers migrate until January.",
            owner="Network team <network@example.org>",
            expires=date(2027, 1, 31),
        )
    }


def test_a_pattern_excludes_each_testcase_that_it_matches() -> None:
    found = exclusions(file(but(testcase="scs-0103-flavor-8v-*")), "x.yaml", STANDARDS, TODAY)
    assert {"scs-0103-flavor-8v-32", "scs-0103-flavor-8v-64"} <= set(found)
    assert all(testcase.startswith("scs-0103-flavor-8v-") for testcase in found)


def test_nobody_has_to_exclude_anything() -> None:
    assert exclusions(b"exclusions: []", "x.yaml", STANDARDS, TODAY) == {}


@pytest.mark.parametrize(
    ("entry", "complaint", "advice"),
    [
        (but(reason=""), "`reason` is missing", "exclude-a-testcase"),
        (but(reason="' '"), "`reason` must be a text", "exclude-a-testcase"),
        (but(owner=""), "`owner` is missing", "exclude-a-testcase"),
        (but(owner="somebody"), "«somebody» has no contact", "Add an address"),
        (but(expires=""), "`expires` is missing", "exclude-a-testcase"),
        (but(expires="soon"), "`expires` must be a date", "exclude-a-testcase"),
        (but(expires="2026-11-22"), "has expired on 2026-11-22", "another day with Network team <network@example.org>"),
        (but(expires="2027-11-25"), "more than a year ahead", "until 2027-11-24"),
        (but(mood="good"), "unknown: `mood`", "exclude-a-testcase"),
        (but(testcase="scs-0115-default-rule"), "no such testcase", "`scs-0115-default-rules`"),
        (but(testcase="nonsense-*"), "no such testcase", "allmende standards list"),
        (but(reason="x" * 2001), "2001 characters", "exclude-a-testcase"),
    ],
)
def test_what_cannot_be_excluded_is_refused_with_file_line_testcase_and_next_step(
    entry: dict[str, str], complaint: str, advice: str
) -> None:
    other = but(testcase="scs-0100-syntax-check")
    error = refusal(file(other, entry))
    assert str(error).startswith(f"exclusions.yaml, line 7, {entry['testcase']}: ")
    assert complaint in str(error)
    assert advice in error.hint


@pytest.mark.parametrize("second", ["scs-0115-default-rules", "scs-0115-*", "'*'"])
def test_a_testcase_is_not_excluded_twice(second: str) -> None:
    error = refusal(file(GOOD, but(testcase=second)))
    assert str(error).endswith("scs-0115-default-rules is excluded already, on line 3.")
    assert "line 7" in str(error)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("- a", "must be a mapping"),
        ("exclusions: {a: b}", "must be a list"),
        ("exclusions:\n  - a", "must be a mapping"),
        ("exclusions: [{}]", "line 1: `testcase` is missing"),
        ("{}", "`exclusions` is missing"),
        ("exclusions: []\nversion: 1", "unknown: `version`"),
        ("exclusions: [", "line 2"),
        ("exclusions:\n  - testcase: a\n    testcase: b", "line 2: not the YAML that is expected: the key `testcase`"),
        ("exclusions:\n  - expires: 2026-02-30", "day is out of range"),
        ("exclusions: []\nexclusions: []", "stands twice"),
    ],
)
def test_what_is_no_file_of_exclusions_is_refused_as_such(content: str, complaint: str) -> None:
    error = refusal(dedent(content).encode())
    assert str(error).startswith("exclusions.yaml")
    assert complaint in str(error)
    assert error.hint


def test_what_somebody_wrote_does_not_steer_a_terminal() -> None:
    (found,) = exclusions(file(but(reason=r'"red \e[31m\nink"')), "x.yaml", STANDARDS, TODAY).values()
    assert found.reason == "red \N{REPLACEMENT CHARACTER}[31m ink"


@given(st.integers(-400, 400))
def test_an_exclusion_can_be_declared_from_today_until_a_year_ahead_and_then_holds(days: int) -> None:
    day = TODAY + timedelta(days=days)
    content = file(but(expires=day.isoformat()))
    if timedelta() <= timedelta(days=days) <= LONGEST:
        (found,) = exclusions(content, "x.yaml", STANDARDS, TODAY).values()
        noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
        assert not found.is_over(noon)
        assert not found.is_over(noon + timedelta(days=days))
        assert found.is_over(noon + timedelta(days=days + 1))
    else:
        refusal(content)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(content: bytes) -> None:
    try:
        assert exclusions(content, "x.yaml", STANDARDS, TODAY) == {}
    except SettingsError as error:
        assert error.hint  # noqa: PT017 -- most bytes are refused, some are empty
