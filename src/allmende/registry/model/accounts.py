"""Who takes part: accounts with their roles, tokens and signing keys."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may do beside reporting for its subjects."""

    ADMIN = "admin"
    """Runs the registry: adds subjects and changes how they are described."""
    ASSESSOR = "assessor"
    """Works for the certification body: decides on attestations, issues and revokes certificates."""
    READ_ANY = "read-any"
    """Reads what is not public of every subject, as an auditor does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who takes part: a name with tokens and signing keys, the subjects it may report for, and what else it may do."""

    name: str
    created_at: datetime
    subjects: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()


class TokenScope(StrEnum):
    """What a token may be used for, within what its account may do."""

    SUBMIT = "submit"
    """Send reports."""
    READ = "read"
    """Read what is not public, for instance the bytes of one's own reports in the test suite's form."""
    DECIDE = "decide"
    """Decide as an assessor."""
    MANAGE = "manage"
    """Add subjects and change how they are described, as an admin."""
    MONITOR = "monitor"
    """Tell what the health monitor measured."""
    STATUS = "status"
    """Speak for a cloud on its status page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A secret by which an account is recognised; of the secret, `hash` (argon2id) is kept.

    `name` tells people what it is for. It ends with `expires_at` or when it is revoked; `used_at` is exact to the hour.
    """

    id: str
    account: str
    name: str
    scopes: frozenset[TokenScope]
    hash: str = field(repr=False)
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A public key that signs for an account, as one line of OpenSSH's public key format."""

    account: str
    public_key: str
    fingerprint: str
    added_at: datetime
