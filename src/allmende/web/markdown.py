"""Markdown that others embed: texts that stay texts in it, its tables, and the HTML of it."""

import re
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_NOT_IN_ADDRESS = re.compile(r"[\s<>()\\|]")


def escaped(text: str) -> str:
    """Return Markdown that shows exactly this text, on one line."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def link(text: str, address: str) -> str:
    """Return a link that shows this text."""
    return f"[{escaped(text)}](<{_NOT_IN_ADDRESS.sub(_quoted, address)}>)"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; headings and cells are Markdown on one line each."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def html(markdown: str) -> str:
    """Return the HTML of Markdown; HTML within it stays text, and no address of a script is a link."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type == "th_open":
            token.attrSet("scope", "col")
    return str(parser.renderer.render(tokens, parser.options, {}))


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
