"""Texts that others embed in pages of theirs, as Markdown and as HTML: headings, paragraphs, lists, tables.

A text stays a text in both, whatever characters it has, and only addresses of pages become links.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from markupsafe import escape

# What means something anywhere, and what does at the beginning of a line: points of a list, and underlines.
_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<>|#&~!]|^[-+=]")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_NOT_IN_ADDRESS = re.compile(r"[\s<>()\\|\"]")
_OF_A_PAGE = ("https://", "http://", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text that leads to a page; just the text when its address is of none."""

    text: str
    address: str


Words = Sequence[str | Link]
"""Texts and links on one line, with a space between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading under the title of the page."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Words on their own."""

    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list without an order."""

    points: Sequence[Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; each row has a cell per heading."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Words]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Lines as a program printed them."""

    lines: Sequence[str]


Block = Heading | Paragraph | Points | Grid | Printed


def markdown(blocks: Iterable[Block]) -> str:
    """Return the blocks as Markdown (CommonMark with tables)."""
    return "\n".join(map(_markdown, blocks))


def html(blocks: Iterable[Block]) -> str:
    """Return the blocks as HTML, without a page around."""
    return "".join(map(_html, blocks))


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"## {_escaped(block.text)}\n"
        case Paragraph():
            return f"{_markdown_words(block.words)}\n"
        case Points():
            return "".join(f"- {_markdown_words(point)}\n" for point in block.points)
        case Grid():
            rows = [[_markdown_words(cell) for cell in row] for row in block.rows]
            lines = [[_escaped(heading) for heading in block.headings], ["---"] * len(block.headings), *rows]
            return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
        case Printed():
            return "".join(f"    {line.rstrip()}\n" for line in block.lines)
    assert_never(block)


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h2>{escape(block.text)}</h2>\n"
        case Paragraph():
            return f"<p>{_html_words(block.words)}</p>\n"
        case Points():
            points = "".join(f"<li>{_html_words(point)}</li>\n" for point in block.points)
            return f"<ul>\n{points}</ul>\n"
        case Grid():
            head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in block.headings)
            rows = ("".join(f"<td>{_html_words(cell)}</td>" for cell in row) for row in block.rows)
            body = "".join(f"<tr>{row}</tr>\n" for row in rows)
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"
        case Printed():
            return f"<pre>{escape(chr(10).join(block.lines))}</pre>\n"
    assert_never(block)


def _markdown_words(words: Words) -> str:
    return " ".join(
        f"[{_escaped(word.text)}](<{_address(word)}>)"
        if isinstance(word, Link) and _address(word)
        else _escaped(_text(word))
        for word in words
    )


def _html_words(words: Words) -> str:
    return " ".join(
        f'<a href="{escape(_address(word))}">{escape(word.text)}</a>'
        if isinstance(word, Link) and _address(word)
        else escape(_text(word))
        for word in words
    )


def _text(word: str | Link) -> str:
    return word.text if isinstance(word, Link) else word


def _address(link: Link) -> str:
    return _NOT_IN_ADDRESS.sub(_quoted, link.address) if link.address.startswith(_OF_A_PAGE) else ""


def _escaped(text: str) -> str:
    line = _MEANS_SOMETHING.sub(r"\\\g<0>", " ".join(text.split()))
    return _NUMBERED.sub(r"\1\\\2", line)


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
