"""The rows of tokens. Revoked and expired ones stay, so that one can tell which it was."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from allmende.registry.model.accounts import Token, TokenScope
from allmende.registry.store.tables import tokens


def add(connection: Connection, token: Token) -> None:
    """Store a token."""
    row = {column.name: getattr(token, column.name) for column in tokens.c}
    connection.execute(insert(tokens).values({**row, "scopes": sorted(token.scopes)}))


def find(connection: Connection, id_: str) -> Token | None:
    """Return the token with this id; None when there is none."""
    row = connection.execute(select(tokens).where(tokens.c.id == id_)).mappings().one_or_none()
    return None if row is None else _token(row)


def of_account(connection: Connection, account: str) -> tuple[Token, ...]:
    """Return the tokens of an account, oldest first."""
    query = select(tokens).where(tokens.c.account == account).order_by(tokens.c.made_at, tokens.c.id)
    return tuple(map(_token, connection.execute(query).mappings()))


def revoke(connection: Connection, account: str, now: datetime, id_: str | None = None) -> int:
    """Let a token of an account, or all of them, end now; return how many did."""
    query = update(tokens).where(tokens.c.account == account, tokens.c.revoked_at.is_(None))
    if id_ is not None:
        query = query.where(tokens.c.id == id_)
    return connection.execute(query.values(revoked_at=now)).rowcount


def used(connection: Connection, id_: str, now: datetime) -> None:
    """Note that a token was used."""
    connection.execute(update(tokens).where(tokens.c.id == id_).values(used_at=now))


def _token(row: RowMapping) -> Token:
    return Token(**{**row, "scopes": frozenset(map(TokenScope, row["scopes"]))})
