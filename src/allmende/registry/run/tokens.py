"""Tokens: making and revoking them, and recognising an account by one.

Verifying an argon2id hash takes a moment and memory on purpose. It is done once for each token that is presented; then
the process remembers that this text fits that hash, and looks up only whether the token still holds.
"""

import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from allmende.errors import UnknownNameError
from allmende.registry.model.accounts import Account, Token, TokenScope
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.rules.tokens import id_of, made, refusal
from allmende.registry.store import accounts, tokens
from allmende.storage.database import Database

MOST_REMEMBERED = 4096
USED_EVERY = timedelta(hours=1)

_EARLIER = "sha256:"


def _hasher() -> PasswordHasher:
    # OWASP's least setting (2023): tokens are 256 random bits, which nobody guesses even from a fast hash.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMemory:
    """Which texts fit which hashes, by the SHA-256 of the text; forgotten as a whole when it is full."""

    hasher: PasswordHasher = field(default_factory=_hasher)
    fitting: MutableMapping[tuple[bytes, str], bool] = field(default_factory=dict, repr=False)

    def fits(self, text: str, hash_: str) -> bool:
        """Tell whether the hash is of this text."""
        place = (hashlib.sha256(text.encode()).digest(), hash_)
        known = self.fitting.get(place)
        if known is None:
            known = matches(self.hasher, text, hash_)
            if len(self.fitting) >= MOST_REMEMBERED:
                self.fitting.clear()
            self.fitting[place] = known
        return known


def new_token(database: Database, memory: TokenMemory, wish: Token, randomness: bytes) -> str:
    """Store a token like `wish`, made of `rules.tokens.RANDOM_BYTES` random bytes; return its text, which is not kept.

    The id and the hash of `wish` are replaced. UnknownNameError when there is no such account.
    """
    id_, text = made(randomness)
    with database.writing() as connection:
        if accounts.find(connection, wish.account) is None:
            raise UnknownNameError(
                f"There is no account {wish.account}.", hint="Add it with: allmende registry account add"
            )
        tokens.add(
            connection,
            Token(
                id=id_,
                account=wish.account,
                name=wish.name,
                scopes=wish.scopes,
                hash=memory.hasher.hash(text),
                made_at=wish.made_at,
                expires_at=wish.expires_at,
            ),
        )
    return text


def authenticate(
    database: Database, memory: TokenMemory, credentials: tuple[str, str], scope: TokenScope, now: datetime
) -> Account | Refusal:
    """Return the account whose name and token these are, if the token may be used for this; else why not."""
    name, text = credentials
    with database.reading() as connection:
        id_ = id_of(text)
        token = tokens.find(connection, id_) if id_ else None
        account = accounts.find(connection, name) if token is not None and token.account == name else None
    if token is None or account is None or not memory.fits(text, token.hash):
        return Refusal(
            reason=Reason.NOT_AUTHENTICATED,
            detail="No such account or token.",
            hint="Send the account's name and token by HTTP basic authentication.",
        )
    refused = refusal(token, scope, now)
    if refused is not None:
        return refused
    if token.used_at is None or now - token.used_at >= USED_EVERY:
        with database.writing() as connection:
            tokens.used(connection, token.id, now)
    return account


def matches(hasher: PasswordHasher, text: str, hash_: str) -> bool:
    """Tell whether the hash is of this text, by computing it."""
    if hash_.startswith(_EARLIER):
        return hash_ == _EARLIER + hashlib.sha256(text.encode()).hexdigest()
    try:
        return hasher.verify(hash_, text)
    except (VerificationError, InvalidHashError):
        return False
