"""Texts stay texts in Markdown that others embed."""

from hypothesis import given
from hypothesis import strategies as st

from allmende.testing.browser import Page
from allmende.web.markdown import escaped, html, link, table

texts = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).map(str.strip).filter(bool)


@given(texts)
def test_a_text_in_a_table_is_shown_as_it_is(text: str) -> None:
    page = Page(html(table(["Name", "Other"], [[escaped(text), link(text, "https://example.org/a b|c")]])))
    assert [cell.text.split() for cell in page.all("td")] == [text.split()] * 2
    assert [anchor.attributes["href"] for anchor in page.all("a")] == ["https://example.org/a%20b%7Cc"]


def test_html_is_shown_and_scripts_are_no_links() -> None:
    page = html("<b>bold</b> [go](javascript:alert(1))")
    assert "<b>" not in page
    assert "<a " not in page
