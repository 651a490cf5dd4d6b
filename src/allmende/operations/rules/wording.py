"""Refuse words and moments that no page, feed or database can say."""

from datetime import UTC, datetime

from allmende.errors import UsageError
from allmende.printable import printable

LONGEST_NAME = 300
LONGEST_TEXT = 20_000
"""So many characters."""

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def nameable(what: str, *names: str) -> None:
    """Raise UsageError where a name is empty, too long, or has characters that cannot be seen."""
    for name in names:
        if not name.strip() or "\n" in name:
            raise UsageError(f"{what} has a name, of one line.", hint="The one by which users know it.")
        _said(name, LONGEST_NAME)


def sayable(*texts: str) -> None:
    """Raise UsageError where a text is too long, or has characters that cannot be seen; lines may end."""
    for text in texts:
        _said(text, LONGEST_TEXT)


def placed(moment: datetime) -> datetime:
    """Return a moment in UTC; UsageError without its time zone, or when nobody can mean it."""
    if moment.tzinfo is None:
        raise UsageError("A moment has a time zone.", hint="Like this: 2026-12-01T22:00:00Z")
    if not _EARLIEST <= moment <= _LATEST:
        raise UsageError(f"The year {moment.year} cannot be.", hint="Give a moment of this century.")
    return moment.astimezone(UTC)


def _said(text: str, most: int) -> None:
    if len(text) > most:
        raise UsageError(f"A text has {len(text)} characters.", hint=f"Say it in {most}.")
    lines = text.replace("\r\n", "\n")
    if printable(lines) != lines or any("\ud800" <= character <= "\udfff" for character in lines):
        raise UsageError("A text has characters that cannot be seen.", hint="Leave them out.")
