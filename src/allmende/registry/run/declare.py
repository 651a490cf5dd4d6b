"""Bring subjects and accounts to what a file declares, in one transaction; and say in such a file who there is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from allmende.registry.model.accounts import Role, SigningKey
from allmende.registry.rules.declaration import Change, Declared, DeclaredAccount, Kind, Verb
from allmende.registry.run.administer import well_formed, well_named
from allmende.registry.run.registry import Registry
from allmende.registry.store import accounts, subjects
from allmende.report.keys import parse_public_key


def declared(registry: Registry) -> Declared:
    """Return who there is."""
    with registry.database.reading() as connection:
        return Declared(
            subjects=subjects.everyone(connection),
            accounts=tuple(
                DeclaredAccount(
                    name=account.name,
                    subjects=account.subjects,
                    roles=account.roles,
                    keys=frozenset(key.public_key for key in accounts.keys_of(connection, account.name)),
                )
                for account in accounts.everyone(connection)
            ),
        )


def carry_out(registry: Registry, changes: Sequence[Change], now: datetime) -> None:
    """Do all of this, or nothing; UsageError for a name that cannot be one."""
    for change in changes:
        if change.subject is not None:
            well_formed(change.subject)
        elif change.kind is Kind.ACCOUNT:
            well_named("account", change.name)
    with registry.database.writing() as connection:
        for change in changes:
            _do(connection, change, now)


def _do(connection: Connection, change: Change, now: datetime) -> None:
    adds = change.verb is not Verb.REMOVE
    match change.kind:
        case Kind.SUBJECT if change.subject is not None:
            subjects.put(connection, change.subject)
        case Kind.ACCOUNT:
            accounts.add(connection, change.name, now)
        case Kind.GRANT:
            (accounts.grant if adds else accounts.take_grant)(connection, change.name, change.value)
        case Kind.ROLE:
            (accounts.give_role if adds else accounts.take_role)(connection, change.name, Role(change.value))
        case Kind.KEY if adds:
            key = parse_public_key(change.value)
            signing = SigningKey(account=change.name, public_key=key.line, fingerprint=key.fingerprint, added_at=now)
            accounts.add_key(connection, signing)
        case Kind.KEY:
            accounts.drop_key(connection, change.name, parse_public_key(change.value).fingerprint)
        case _:
            raise AssertionError(f"Nobody knows how to do this: {change}.")
