"""Administer accounts, keys, tokens and subjects. Each function leaves what is asked for, whatever was before."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from allmende.countries import is_country
from allmende.errors import UnknownNameError, UsageError
from allmende.printable import printable
from allmende.registry.model.accounts import Account, Role, SigningKey, Token
from allmende.registry.model.record import Subject
from allmende.registry.run import tokens as tokens_run
from allmende.registry.run.registry import Registry
from allmende.registry.store import accounts, subjects, tokens
from allmende.report.keys import PublicKey

_MOST_NAME = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def ensure_subject(registry: Registry, subject: Subject) -> None:
    """Make the subject known, or give the known one its new face."""
    well_formed(subject)
    with registry.database.writing() as connection:
        subjects.put(connection, subject)


def ensure_account(registry: Registry, name: str, now: datetime) -> Account:
    """Return the account with this name, made now if there was none."""
    well_named("account", name)
    with registry.database.writing() as connection:
        accounts.add(connection, name, now)
        return known_account(connection, name)


def ensure_grant(registry: Registry, account: str, subject: str) -> None:
    """Let the account report for the subject."""
    with registry.database.writing() as connection:
        known_account(connection, account)
        known_subject(connection, subject)
        accounts.grant(connection, account, subject)


def ensure_role(registry: Registry, account: str, role: Role) -> None:
    """Let the account have the role."""
    with registry.database.writing() as connection:
        known_account(connection, account)
        accounts.give_role(connection, account, role)


def set_rights(registry: Registry, account: str, granted: frozenset[str], roles: frozenset[Role]) -> None:
    """Let the account report for exactly these subjects, and have exactly these roles."""
    with registry.database.writing() as connection:
        now = known_account(connection, account)
        for subject in granted - now.subjects:
            known_subject(connection, subject)
            accounts.grant(connection, account, subject)
        for subject in now.subjects - granted:
            accounts.take_grant(connection, account, subject)
        for role in roles - now.roles:
            accounts.give_role(connection, account, role)
        for role in now.roles - roles:
            accounts.take_role(connection, account, role)


def account_called(registry: Registry, name: str) -> Account:
    """Return the account with this name; UnknownNameError when there is none."""
    with registry.database.reading() as connection:
        return known_account(connection, name)


def ensure_key(registry: Registry, account: str, key: PublicKey, now: datetime) -> SigningKey:
    """Let the key sign for the account."""
    signing = SigningKey(account=account, public_key=key.line, fingerprint=key.fingerprint, added_at=now)
    with registry.database.writing() as connection:
        known_account(connection, account)
        accounts.add_key(connection, signing)
    return signing


def drop_key(registry: Registry, account: str, fingerprint: str) -> None:
    """Let the key no longer sign for the account; what it signed before stays in the record."""
    with registry.database.writing() as connection:
        known_account(connection, account)
        if not accounts.drop_key(connection, account, fingerprint):
            raise UnknownNameError(
                f"The account {account} has no key {fingerprint}.", hint="See: allmende registry account list"
            )


def new_token(registry: Registry, wish: Token, randomness: bytes) -> str:
    """Return the text of a new token like `wish`, made of random bytes; it is shown once, and only its hash is kept."""
    if printable(wish.name) != wish.name or len(wish.name) > _MOST_NAME:
        raise UsageError(
            f"The name of a token has {_MOST_NAME} printable characters at most.", hint="Choose a shorter --name."
        )
    if wish.expires_at is not None and wish.expires_at <= wish.made_at:
        raise UsageError("A token cannot have expired already.", hint="Name a day to come.")
    return tokens_run.new_token(registry.database, registry.tokens, wish, randomness)


def revoke_tokens(registry: Registry, account: str, now: datetime, id_: str | None = None) -> int:
    """Let one token of the account, or all of them, end now; return how many did."""
    with registry.database.writing() as connection:
        known_account(connection, account)
        ended = tokens.revoke(connection, account, now, id_)
    if id_ is not None and not ended:
        raise UnknownNameError(
            f"The account {account} has no token {id_} that holds.",
            hint=f"See: allmende registry account tokens {account}",
        )
    return ended


def list_tokens(registry: Registry, account: str) -> tuple[Token, ...]:
    """Return the tokens of the account, oldest first."""
    with registry.database.reading() as connection:
        known_account(connection, account)
        return tokens.of_account(connection, account)


def keys_of(registry: Registry, account: str) -> tuple[SigningKey, ...]:
    """Return the signing keys of the account, oldest first."""
    with registry.database.reading() as connection:
        return accounts.keys_of(connection, account)


def list_accounts(registry: Registry) -> tuple[tuple[Account, tuple[SigningKey, ...]], ...]:
    """Return all accounts by their names, each with its signing keys."""
    with registry.database.reading() as connection:
        return tuple((account, accounts.keys_of(connection, account.name)) for account in accounts.everyone(connection))


def known_subject(connection: Connection, id_: str) -> Subject:
    """Return the subject with this id; UnknownNameError when there is none."""
    found = subjects.find(connection, id_)
    if found is None:
        raise UnknownNameError(f"There is no subject {id_}.", hint="Add it with: allmende registry subject add")
    return found


def known_account(connection: Connection, name: str) -> Account:
    """Return the account with this name; UnknownNameError when there is none."""
    found = accounts.find(connection, name)
    if found is None:
        raise UnknownNameError(f"There is no account {name}.", hint="Add it with: allmende registry account add")
    return found


def well_formed(subject: Subject) -> None:
    """Raise UsageError unless the subject's id can be one and its face can be shown."""
    well_named("subject", subject.id)
    for text in (subject.name, subject.operator, subject.description, subject.group):
        if printable(text) != text:
            raise UsageError(
                f"The subject {subject.id} is described with characters that steer a terminal or a page.",
                hint="Leave out control characters and directional marks.",
            )
    if subject.country and not is_country(subject.country):
        raise UsageError(
            f"`{printable(subject.country)}` is no country.", hint="Write its two capital letters (ISO 3166-1): CH."
        )
    for url in (subject.url, subject.health_url):
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise UsageError(f"`{printable(url)}` is no address of a page.", hint="It begins with https:// or http://.")


def well_named(kind: str, name: str) -> None:
    """Raise UsageError unless this can be the id of a subject or an account."""
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"{name!r} cannot be the id of the {kind}.",
            hint="Ids are letters, digits, dots, dashes and underscores, and begin with a letter or digit.",
        )
