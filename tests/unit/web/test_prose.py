"""Marked texts as HTML: code and commands are set off, and nothing is let through unescaped."""

import re

from hypothesis import given
from hypothesis import strategies as st

from allmende.web.prose import coded, paragraphs


def test_backticks_become_code() -> None:
    assert coded("Set `min_disk` and `a<b`.") == "Set <code>min_disk</code> and <code>a&lt;b</code>."


def test_indented_lines_become_one_block_of_commands() -> None:
    text = (
        "Create the flavor,\nor set it.\n"
        "  openstack flavor create X \\\n    --vcpus 2\n  openstack flavor list\n"
        "Then wait.\n"
    )

    assert paragraphs(text) == (
        "<p>Create the flavor, or set it.</p>\n"
        "<pre>openstack flavor create X \\\n  --vcpus 2\nopenstack flavor list</pre>\n"
        "<p>Then wait.</p>"
    )


def test_no_text_is_no_paragraph() -> None:
    assert paragraphs("") == ""


@given(st.text())
def test_nothing_in_a_text_becomes_an_element_of_its_own(text: str) -> None:
    for shown in (coded(text), paragraphs(text)):
        rest = re.sub(r"</?(p|pre|code)>", "", shown)
        assert "<" not in rest
        assert ">" not in rest
