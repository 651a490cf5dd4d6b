"""Decide which characters of text that somebody else wrote may reach a reader.

A cloud, a server or a report can say anything. Control characters steer terminals, and directional ones turn the words
around them; whoever could use them could make a failure look like a pass.
"""

import re

UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""What no name may hold, as the inside of a regular expression's brackets (Python, Rust and ECMAScript alike)."""

_STEERING = re.compile(f"(?![\t\n])[{UNPRINTABLE}]")


def printable(text: str) -> str:
    """Return the text with a replacement character for each that steers; tabs and line ends stay."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)
