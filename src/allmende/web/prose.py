"""Turns the lightly marked texts of the standards into HTML: `backticks` are code, indented lines are commands."""

import re
from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

CODE = re.compile(r"`([^`\n]+)`")


def coded(text: str) -> Markup:
    """Return the text, escaped, with what stands between backticks as `<code>`."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 -- escaped before it is marked


def paragraphs(text: str) -> Markup:
    """Return the text as paragraphs; each run of lines that are indented becomes one block of commands."""
    lines = text.strip("\n").splitlines()
    return Markup("\n").join(_block(is_command, list(run)) for is_command, run in groupby(lines, key=_is_command))


def _is_command(line: str) -> bool:
    return line.startswith("  ")


def _block(is_command: bool, lines: Iterable[str]) -> Markup:  # noqa: FBT001 -- groupby's key
    if is_command:
        return Markup("<pre>{}</pre>").format("\n".join(line.removeprefix("  ") for line in lines))
    return Markup("<p>{}</p>").format(coded(" ".join(lines).strip()))
