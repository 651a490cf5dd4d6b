"""Decide how long somebody stays signed in, which passwords will do, and when the next one is looked at.

A password is judged by its length, not by which characters are in it (NIST SP 800-63B, section 3.1.1.2).
"""

import hashlib
from datetime import datetime, timedelta

from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.model.sign_in import Password

SESSION_LASTS = timedelta(hours=12)
INVITATION_LASTS = timedelta(days=7)
SECRET_BYTES = 32

LEAST_PASSWORD = 12
MOST_PASSWORD = 200

_FREE_FAILURES = 4
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)
_DESK = "/desk"


def key_of(secret: str) -> str:
    """Return by what a secret is found again, which does not lead back to it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """Return what a form carries that was made for who has this secret; another site cannot know it."""
    return hashlib.sha256(b"form " + secret.encode()).hexdigest()


def fault_of_password(password: str, account: str) -> Refusal | None:
    """Return why this cannot be the password of an account; None when it can."""
    if len(password) < LEAST_PASSWORD:
        detail = f"A password has {LEAST_PASSWORD} characters at least."
    elif len(password) > MOST_PASSWORD:
        detail = f"A password has {MOST_PASSWORD} characters at most."
    elif len(set(password)) == 1 or account.casefold() in password.casefold():
        detail = "This password is easily guessed: it is one character, or has the account's name in it."
    else:
        return None
    return Refusal(reason=Reason.PASSWORD, detail=detail, hint="Several words in a row are long and can be remembered.")


def after_failure(password: Password, now: datetime) -> Password:
    """Return the password after a wrong one was given for it: the first few cost nothing, then the pauses double."""
    failures = password.failures + 1
    pause = min(_FIRST_PAUSE * 2 ** min(failures - _FREE_FAILURES, 10), _LONGEST_PAUSE)
    return Password(
        account=password.account,
        hash=password.hash,
        set_at=password.set_at,
        failures=failures,
        next_at=now + pause if failures >= _FREE_FAILURES else None,
    )


def too_soon(password: Password, now: datetime) -> Refusal | None:
    """Return why no password is looked at for this account now; None when one is."""
    if password.next_at is None or password.next_at <= now:
        return None
    seconds = int((password.next_at - now).total_seconds()) + 1
    return Refusal(
        reason=Reason.TOO_MANY_ATTEMPTS,
        detail="Too many wrong passwords were given for this account.",
        hint=f"Try again in {seconds} s. Whoever runs the registry can send an invitation to choose a new one.",
    )


def place_after(asked: str) -> str:
    """Return where somebody is led after signing in: where they wanted to go within the desk, else to its first page.

    Nothing that leads out of the desk is followed, so a link to the sign-in page leads nobody elsewhere.
    """
    inside = asked == _DESK or asked.startswith((f"{_DESK}/", f"{_DESK}?"))
    plain = asked.isascii() and asked.isprintable() and not set(asked) & set("\\ #") and "//" not in asked
    return asked if inside and plain and ".." not in asked else _DESK
