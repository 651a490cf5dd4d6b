"""Sign people in and out: with a password, which an invitation lets them choose, or by an identity of a provider.

Each signing in makes a session with a secret of its own; of secrets only the SHA-256 is kept, of passwords argon2id.
"""

from datetime import datetime

from sqlalchemy import Connection

from allmende.errors import UnknownNameError
from allmende.registry.model.accounts import Account
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.model.sign_in import Identity, Invitation, Password, Session, SignedIn
from allmende.registry.rules import sign_in as rules
from allmende.registry.run import administer
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import matches
from allmende.registry.store import accounts
from allmende.registry.store import sign_in as store

_WRONG = Refusal(
    reason=Reason.NOT_AUTHENTICATED,
    detail="There is no account with this name and password.",
    hint="Type them again. Whoever runs the registry can send an invitation to choose a new password.",
)


def invite(registry: Registry, account: str, randomness: bytes, now: datetime) -> str:
    """Return the secret of a new invitation to choose the account's password; the one before it ends."""
    secret = randomness.hex()
    invitation = Invitation(key=rules.key_of(secret), account=account, ends_at=now + rules.INVITATION_LASTS)
    with registry.database.writing() as connection:
        administer.known_account(connection, account)
        store.put_invitation(connection, invitation)
    return secret


def invitation(registry: Registry, secret: str, now: datetime) -> Invitation:
    """Return the invitation with this secret; UnknownNameError when it is none, or was used, or has ended."""
    with registry.database.reading() as connection:
        return _invitation(connection, secret, now)


def take_up(registry: Registry, secret: str, password: str, now: datetime) -> Refusal | None:
    """Set the password that an invitation lets somebody choose, or say why not. Who was signed in is so no longer."""
    account = invitation(registry, secret, now).account
    refused = rules.fault_of_password(password, account)
    if refused is not None:
        return refused
    hash_ = registry.passwords.hash(password)
    with registry.database.writing() as connection:
        _invitation(connection, secret, now)
        _set(connection, Password(account=account, hash=hash_, set_at=now))
    return None


def change_password(registry: Registry, account: str, old: str, new: str, now: datetime) -> Refusal | None:
    """Set another password for who knows the one of now, or say why not. Who was signed in is so no longer."""
    refused = _checked(registry, account, old, now) or rules.fault_of_password(new, account)
    if refused is not None:
        return refused
    hash_ = registry.passwords.hash(new)
    with registry.database.writing() as connection:
        _set(connection, Password(account=account, hash=hash_, set_at=now))
    return None


def sign_in(registry: Registry, name: str, password: str, randomness: bytes, now: datetime) -> SignedIn | Refusal:
    """Sign somebody in who gives the account's name and password, or say why not."""
    refused = _checked(registry, name, password, now)
    if refused is not None:
        return refused
    with registry.database.writing() as connection:
        return _signed_in(connection, name, randomness, now)


def sign_in_as(registry: Registry, identity: Identity, randomness: bytes, now: datetime) -> SignedIn | None:
    """Sign in who was proven to be this identity; None when it is no account's."""
    with registry.database.writing() as connection:
        name = store.account_of(connection, identity)
        return None if name is None else _signed_in(connection, name, randomness, now)


def account_of(registry: Registry, secret: str, now: datetime) -> Account | None:
    """Return the account that who has this secret is signed in as; None when they are not, or no longer."""
    with registry.database.reading() as connection:
        session = store.session(connection, rules.key_of(secret))
        if session is None or session.ends_at <= now:
            return None
        return accounts.find(connection, session.account)


def sign_out(registry: Registry, secret: str) -> None:
    """End the session with this secret."""
    with registry.database.writing() as connection:
        store.end_session(connection, rules.key_of(secret))


def link(registry: Registry, account: str, identity: Identity) -> None:
    """Let who is this identity sign in as the account."""
    with registry.database.writing() as connection:
        administer.known_account(connection, account)
        store.link(connection, identity, account)


def unlink(registry: Registry, account: str, identity: Identity) -> None:
    """Let this identity no longer sign in as the account; whoever is signed in as the account is so no longer."""
    with registry.database.writing() as connection:
        if store.account_of(connection, identity) != account:
            raise UnknownNameError(
                f"The account {account} has no such identity.", hint="See: allmende registry account list"
            )
        store.unlink(connection, identity)
        store.end_sessions(connection, account)


def identities(registry: Registry, account: str) -> tuple[Identity, ...]:
    """Return the identities that sign in as the account."""
    with registry.database.reading() as connection:
        return store.identities_of(connection, account)


def _signed_in(connection: Connection, name: str, randomness: bytes, now: datetime) -> SignedIn:
    secret = randomness.hex()
    session = Session(key=rules.key_of(secret), account=name, made_at=now, ends_at=now + rules.SESSION_LASTS)
    store.add_session(connection, session)
    return SignedIn(account=administer.known_account(connection, name), secret=secret)


def _set(connection: Connection, password: Password) -> None:
    store.put_password(connection, password)
    store.end_invitations(connection, password.account)
    store.end_sessions(connection, password.account)


def _checked(registry: Registry, name: str, given: str, now: datetime) -> Refusal | None:
    """Return why this is not the password; it takes as long for an account that is none."""
    given = given[: rules.MOST_PASSWORD + 1]
    with registry.database.reading() as connection:
        kept = store.password_of(connection, name)
    if kept is None:
        registry.passwords.hash(given)
        return _WRONG
    refused = rules.too_soon(kept, now)
    if refused is not None:
        return refused
    fits = matches(registry.passwords, given, kept.hash)
    if fits and not kept.failures:
        return None
    with registry.database.writing() as connection:
        newest = store.password_of(connection, name)
        if newest is None or newest.hash != kept.hash:
            return _WRONG
        cleared = Password(account=name, hash=kept.hash, set_at=kept.set_at)
        store.put_password(connection, cleared if fits else rules.after_failure(newest, now))
    return None if fits else _WRONG


def _invitation(connection: Connection, secret: str, now: datetime) -> Invitation:
    found = store.invitation(connection, rules.key_of(secret), now)
    if found is None:
        raise UnknownNameError(
            "This invitation was used, has ended, or never was one.",
            hint="Sign in with the password you chose, or ask whoever runs the registry for another invitation.",
        )
    return found
