"""How tokens are written, and whether one may be used: it holds until it ends, and for what it was made for."""

import hashlib
import re
from datetime import datetime

from allmende.registry.model.accounts import Token, TokenScope
from allmende.registry.model.refusals import Reason, Refusal

_FORM = re.compile(r"allmende_([0-9a-f]{16})_([0-9a-f]{64})")
_EARLIER_FORM = re.compile(r"allmende_[0-9a-f]{64}")
_ID_DIGITS = 16

RANDOM_BYTES = 40
"""How much randomness a token is made of: 8 bytes for its id, which is no secret, and 32 for its secret."""


def made(randomness: bytes) -> tuple[str, str]:
    """Return the id and the text of a token that is made of `RANDOM_BYTES` random bytes."""
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"A token is made of {RANDOM_BYTES} random bytes, not {len(randomness)}.")
    digits = randomness.hex()
    return digits[:_ID_DIGITS], f"allmende_{digits[:_ID_DIGITS]}_{digits[_ID_DIGITS:]}"


def id_of(text: str) -> str | None:
    """Return the id of a token; None for what is none.

    Tokens that were made before they had ids are known by the beginning of their SHA-256.
    """
    found = _FORM.fullmatch(text)
    if found is not None:
        return found.group(1)
    if _EARLIER_FORM.fullmatch(text) is not None:
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]
    return None


def refusal(token: Token, scope: TokenScope, now: datetime) -> Refusal | None:
    """Return why a token that is genuine may not be used for this now; None when it may."""
    if token.revoked_at is not None and token.revoked_at <= now:
        return _ended(f"The token {token.id} was revoked on {token.revoked_at.date()}.")
    if token.expires_at is not None and token.expires_at <= now:
        return _ended(f"The token {token.id} expired on {token.expires_at.date()}.")
    if scope in token.scopes:
        return None
    return Refusal(
        reason=Reason.TOKEN_SCOPE,
        detail=f"The token {token.id} was not made for this: it has {', '.join(sorted(token.scopes))}, not {scope}.",
        hint="Use another token of the account, or have one made for this.",
    )


def _ended(detail: str) -> Refusal:
    return Refusal(reason=Reason.TOKEN_ENDED, detail=detail, hint="Have a new one made: whoever runs the registry can.")
