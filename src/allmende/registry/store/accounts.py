"""The rows of accounts, their signing keys, grants and roles."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from allmende.registry.model.accounts import Account, Role, SigningKey
from allmende.registry.store.tables import account_roles, accounts, grants, signing_keys


def add(connection: Connection, name: str, now: datetime) -> None:
    """Store an account unless it is there."""
    if find(connection, name) is None:
        connection.execute(insert(accounts).values(name=name, created_at=now))


def find(connection: Connection, name: str) -> Account | None:
    """Return the account with this name; None when there is none."""
    row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    if row is None:
        return None
    granted = connection.execute(select(grants.c.subject).where(grants.c.account == name)).scalars()
    roles = connection.execute(select(account_roles.c.role).where(account_roles.c.account == name)).scalars()
    return Account(
        name=row.name, created_at=row.created_at, subjects=frozenset(granted), roles=frozenset(map(Role, roles))
    )


def everyone(connection: Connection) -> tuple[Account, ...]:
    """Return all accounts by their names."""
    names = connection.execute(select(accounts.c.name).order_by(accounts.c.name)).scalars()
    found = (find(connection, name) for name in names.all())
    return tuple(account for account in found if account is not None)


def grant(connection: Connection, account: str, subject: str) -> None:
    """Let an account report for a subject."""
    at = (grants.c.account == account, grants.c.subject == subject)
    if connection.execute(select(grants).where(*at)).one_or_none() is None:
        connection.execute(insert(grants).values(account=account, subject=subject))


def take_grant(connection: Connection, account: str, subject: str) -> None:
    """Let an account no longer report for a subject."""
    connection.execute(delete(grants).where(grants.c.account == account, grants.c.subject == subject))


def take_role(connection: Connection, account: str, role: Role) -> None:
    """Let an account no longer have a role."""
    at = (account_roles.c.account == account, account_roles.c.role == role)
    connection.execute(delete(account_roles).where(*at))


def give_role(connection: Connection, account: str, role: Role) -> None:
    """Let an account have a role."""
    at = (account_roles.c.account == account, account_roles.c.role == role)
    if connection.execute(select(account_roles).where(*at)).one_or_none() is None:
        connection.execute(insert(account_roles).values(account=account, role=role))


def add_key(connection: Connection, key: SigningKey) -> None:
    """Store a signing key unless the account has it."""
    if key.fingerprint not in {known.fingerprint for known in keys_of(connection, key.account)}:
        connection.execute(
            insert(signing_keys).values(
                account=key.account, fingerprint=key.fingerprint, public_key=key.public_key, added_at=key.added_at
            )
        )


def keys_of(connection: Connection, account: str) -> tuple[SigningKey, ...]:
    """Return the signing keys of an account, oldest first."""
    rows = connection.execute(
        select(signing_keys).where(signing_keys.c.account == account).order_by(signing_keys.c.added_at)
    )
    return tuple(SigningKey(**row) for row in rows.mappings())


def drop_key(connection: Connection, account: str, fingerprint: str) -> bool:
    """Delete a signing key; return whether it was there. Reports it signed stay in the record."""
    at = (signing_keys.c.account == account, signing_keys.c.fingerprint == fingerprint)
    return connection.execute(delete(signing_keys).where(*at)).rowcount > 0
