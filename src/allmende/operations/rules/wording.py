"""Refuse words that no page and no feed can say."""

from allmende.errors import UsageError
from allmende.printable import printable


def sayable(*texts: str) -> None:
    """Raise UsageError where a text steers: PostgreSQL keeps no NUL, XML no control character."""
    for text in texts:
        if printable(text.replace("\r\n", "\n")) != text.replace("\r\n", "\n"):
            raise UsageError("A text has characters that cannot be seen.", hint="Leave them out.")
