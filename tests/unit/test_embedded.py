"""Texts that others embed stay texts in both forms."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allmende.testing.browser import Page
from allmende.web.embedded import Block, Grid, Heading, Link, Paragraph, Points, Printed, html, markdown

texts = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).map(str.strip).filter(bool)


def rendered(text: str) -> Page:
    """The page that a program for Markdown makes of it."""
    return Page(MarkdownIt("commonmark").enable("table").render(text))


@given(texts)
def test_a_text_is_shown_as_it_is_in_both_forms(text: str) -> None:
    link = Link(text=text, address='https://example.org/a b|c"d')
    blocks: list[Block] = [
        Heading(text=text),
        Paragraph(words=[text]),
        Points(points=[[text]]),
        Grid(headings=[text, "Other"], rows=[[[text], [link]]]),
    ]
    for page in (Page(html(blocks)), rendered(markdown(blocks))):
        shown = [element.text.split() for tag in ("h2", "p", "li", "td") for element in page.all(tag)]
        assert shown == [text.split()] * 5
        assert page.all("th")[0].text.split() == text.split()
        assert [a.attributes["href"] for a in page.all("a")] == ["https://example.org/a%20b%7Cc%22d"]


def test_what_a_program_printed_keeps_its_lines() -> None:
    blocks = [Printed(lines=["a: <b>", "  *c*"])]
    assert html(blocks) == "<pre>a: &lt;b&gt;\n  *c*</pre>\n"
    assert markdown(blocks) == "    a: <b>\n      *c*\n"


def test_only_addresses_of_pages_are_links() -> None:
    words = [Link(text="go", address="javascript:alert(1)"), Link(text="home", address="/")]
    assert html([Paragraph(words=words)]) == '<p>go <a href="/">home</a></p>\n'
    assert markdown([Paragraph(words=words)]) == "go [home](</>)\n"
