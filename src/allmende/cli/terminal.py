"""The terminal that results go to."""

from rich.console import Console


def terminal() -> Console:
    """Return a console on stdout that shows text as it is: brackets are no markup and `:cloud:` is no picture."""
    return Console(markup=False, highlight=False, emoji=False)
