"""How people sign in: with a password, by an identity that another party vouches for, and for how long."""

from dataclasses import dataclass, field
from datetime import datetime

from allmende.registry.model.accounts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """The password of an account, as its argon2id hash.

    `failures` counts wrong ones since the last right one; before `next_at` none is looked at.
    """

    account: str
    hash: str = field(repr=False)
    set_at: datetime
    failures: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody is signed in as an account until `ends_at`; `key` is the SHA-256 of the secret in their cookie."""

    key: str
    account: str
    made_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Who has the secret whose SHA-256 is `key` may choose the password of the account, once, until `ends_at`."""

    key: str
    account: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody as an OpenID provider knows them: its issuer, and the `sub` that never changes there."""

    issuer: str
    sub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody is signed in: as whom, and the secret that their cookie gets. It is not kept."""

    account: Account
    secret: str = field(repr=False)
