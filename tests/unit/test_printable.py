"""Text by others cannot steer the terminal or turn the page it is shown on."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.printable import printable


@pytest.mark.parametrize("steering", ["\x00", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2067"])
def test_what_steers_is_shown_as_a_mark(steering: str) -> None:
    assert printable(f"SCS-{steering}[31m") == "SCS-\N{REPLACEMENT CHARACTER}[31m"


def test_tabs_lines_and_every_script_stay() -> None:
    text = "Größe\t雪国\n雲 ✓"
    assert printable(text) == text


@given(st.text())
def test_no_control_character_remains_and_no_place_moves(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert {char for char in shown if unicodedata.category(char) == "Cc"} <= {"\t", "\n"}
