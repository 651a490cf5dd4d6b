"""Parses what a list of an API holds, and says which of its rows is not as the API documents it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from allmende.errors import CloudProtocolError

T = TypeVar("T")
Row = Mapping[str, Any]


def reading(what: str, read: Callable[[Row], T], rows: Iterable[Row]) -> tuple[T, ...]:
    """Parse each row; a row that is not as the API documents it is a CloudProtocolError that names it."""
    parsed = []
    for row in rows:
        try:
            parsed.append(read(row))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            name = row.get("name") or row.get("id") or "without a name"
            raise CloudProtocolError(
                f"The cloud describes {what} ({name}) not as its API says: {error!r}.",
                hint="Tell the cloud's administrator; a proxy or a plugin changes the answers.",
            ) from None
    return tuple(parsed)
