"""What a message ends with that did not arrive."""

from allmende.errors import AllmendeError


class UndeliveredError(AllmendeError):
    """A message was not taken; the next attempt may succeed."""
