"""The terminal that results go to, and how text is laid out on it, in 80 columns."""

import textwrap

from rich.console import Console
from rich.text import Text

from allmende.outcome import Outcome
from allmende.printable import printable

WIDTH = 80
STYLES = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.DNF: "yellow", Outcome.MISS: "dim"}


def terminal() -> Console:
    """Return a console on stdout that shows text as it is: brackets are no markup and `:cloud:` is no picture."""
    return Console(markup=False, highlight=False, emoji=False)


def print_line(console: Console, text: str | Text) -> None:
    """Print a line whole, however long it is, so that it can be copied."""
    console.print(text, soft_wrap=True)


def print_wrapped(console: Console, text: str, label: str) -> None:
    """Print a paragraph behind a label, which its other lines are indented by."""
    wrapper = textwrap.TextWrapper(WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
    wrapper.break_on_hyphens = wrapper.break_long_words = False  # so that addresses can be copied
    print_line(console, wrapper.fill(printable(" ".join(text.split()))))
