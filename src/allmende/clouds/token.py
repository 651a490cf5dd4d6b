"""A token of keystone that is used on its own, beside the one that all requests of a cloud share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token with the times that keystone gave it; `value` is a secret and is never shown."""

    value: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime

    @property
    def lifetime(self) -> timedelta:
        """How long it is valid from when it was issued."""
        return self.expires_at - self.issued_at

    @property
    def header(self) -> dict[str, str]:
        """The header of a request that is sent with this token instead of the shared one."""
        return {"X-Auth-Token": self.value}
