"""The rows of passwords, sessions, invitations and identities."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from allmende.registry.model.sign_in import Identity, Invitation, Password, Session
from allmende.registry.store.tables import identities, invitations, passwords, sessions


def put_password(connection: Connection, password: Password) -> None:
    """Store the password of an account in place of the one it had."""
    row = asdict(password)
    of_account = passwords.c.account == password.account
    if connection.execute(update(passwords).where(of_account).values(row)).rowcount == 0:
        connection.execute(insert(passwords).values(row))


def password_of(connection: Connection, account: str) -> Password | None:
    """Return the password of an account; None when it has none."""
    row = connection.execute(select(passwords).where(passwords.c.account == account)).mappings().one_or_none()
    return None if row is None else Password(**row)


def add_session(connection: Connection, session: Session) -> None:
    """Store a session, and forget those that have ended."""
    connection.execute(delete(sessions).where(sessions.c.ends_at <= session.made_at))
    connection.execute(insert(sessions).values(asdict(session)))


def session(connection: Connection, key: str) -> Session | None:
    """Return the session with this key; None when there is none."""
    row = connection.execute(select(sessions).where(sessions.c.key == key)).mappings().one_or_none()
    return None if row is None else Session(**row)


def end_session(connection: Connection, key: str) -> None:
    """Delete a session."""
    connection.execute(delete(sessions).where(sessions.c.key == key))


def end_sessions(connection: Connection, account: str) -> None:
    """Delete every session of an account."""
    connection.execute(delete(sessions).where(sessions.c.account == account))


def put_invitation(connection: Connection, invitation: Invitation) -> None:
    """Store an invitation in place of those that the account had."""
    end_invitations(connection, invitation.account)
    connection.execute(insert(invitations).values(asdict(invitation)))


def invitation(connection: Connection, key: str, now: datetime) -> Invitation | None:
    """Return the invitation with this key that holds; None when there is none."""
    query = select(invitations).where(invitations.c.key == key, invitations.c.ends_at > now)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Invitation(**row)


def end_invitations(connection: Connection, account: str) -> None:
    """Delete every invitation of an account."""
    connection.execute(delete(invitations).where(invitations.c.account == account))


def link(connection: Connection, identity: Identity, account: str) -> None:
    """Let an identity be an account's, in place of the account it was before."""
    unlink(connection, identity)
    connection.execute(insert(identities).values(**asdict(identity), account=account))


def unlink(connection: Connection, identity: Identity) -> bool:
    """Let an identity be no account's; return whether it was one's."""
    at = (identities.c.issuer == identity.issuer, identities.c.sub == identity.sub)
    return connection.execute(delete(identities).where(*at)).rowcount > 0


def account_of(connection: Connection, identity: Identity) -> str | None:
    """Return the name of the account that an identity is; None when it is none."""
    at = (identities.c.issuer == identity.issuer, identities.c.sub == identity.sub)
    return connection.execute(select(identities.c.account).where(*at)).scalar_one_or_none()


def identities_of(connection: Connection, account: str) -> tuple[Identity, ...]:
    """Return the identities of an account."""
    query = select(identities.c.issuer, identities.c.sub).where(identities.c.account == account)
    rows = connection.execute(query.order_by(identities.c.issuer, identities.c.sub)).mappings()
    return tuple(Identity(**row) for row in rows)
