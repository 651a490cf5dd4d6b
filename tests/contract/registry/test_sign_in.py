"""What every database must do with passwords, sessions, invitations and identities."""

from datetime import UTC, datetime, timedelta

import pytest

from allmende.errors import StoreError
from allmende.registry.model.sign_in import Identity, Invitation, Password, Session
from allmende.registry.store import accounts
from allmende.registry.store import sign_in as store
from allmende.storage.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
PASSWORD = Password(account="a", hash="first", set_at=NOON)


@pytest.fixture
def database(database: Database) -> Database:
    with database.writing() as connection:
        for name in "ab":
            accounts.add(connection, name, NOON)
    return database


def test_an_account_has_one_password_the_newest(database: Database) -> None:
    failed = Password(account="a", hash="second", set_at=NOON, failures=4, next_at=NOON + timedelta(seconds=15))
    for password in (PASSWORD, failed):
        with database.writing() as connection:
            store.put_password(connection, password)
        with database.reading() as connection:
            assert store.password_of(connection, "a") == password
            assert store.password_of(connection, "b") is None


def test_sessions_end_one_by_one_all_of_an_account_and_by_themselves(database: Database) -> None:
    def session(key: str, account: str, hours: int) -> Session:
        return Session(key=key, account=account, made_at=NOON, ends_at=NOON + timedelta(hours=hours))

    made = [session("1", "a", 1), session("2", "a", 9), session("3", "b", 9), session("4", "b", 9)]
    with database.writing() as connection:
        for each in made:
            store.add_session(connection, each)
        store.end_session(connection, "3")
    later = Session(key="5", account="b", made_at=NOON + timedelta(hours=1), ends_at=NOON + timedelta(hours=9))

    def known() -> list[str]:
        with database.reading() as connection:
            return [key for key in "12345" if store.session(connection, key)]

    assert known() == ["1", "2", "4"]
    with database.writing() as connection:
        store.add_session(connection, later)
    assert known() == ["2", "4", "5"]
    with database.writing() as connection:
        store.end_sessions(connection, "b")
    assert known() == ["2"]
    with database.reading() as connection:
        assert store.session(connection, "2") == made[1]


def test_an_account_has_one_invitation_the_newest_until_it_ends(database: Database) -> None:
    first, second = (Invitation(key=key, account="a", ends_at=NOON + timedelta(days=7)) for key in ("1", "2"))
    with database.writing() as connection:
        store.put_invitation(connection, first)
        store.put_invitation(connection, second)
    with database.reading() as connection:
        assert store.invitation(connection, "1", NOON) is None
        assert store.invitation(connection, "2", NOON) == second
        assert store.invitation(connection, "2", NOON + timedelta(days=7)) is None
    with database.writing() as connection:
        store.end_invitations(connection, "a")
    with database.reading() as connection:
        assert store.invitation(connection, "2", NOON) is None


def test_an_identity_is_one_accounts(database: Database) -> None:
    one, other = Identity(issuer="https://id.example", sub="1"), Identity(issuer="https://id.example", sub="2")
    with database.writing() as connection:
        store.link(connection, one, "a")
        store.link(connection, other, "a")
        store.link(connection, one, "b")
    with database.reading() as connection:
        assert store.account_of(connection, one) == "b"
        assert store.identities_of(connection, "a") == (other,)
    with database.writing() as connection:
        assert store.unlink(connection, one)
        assert not store.unlink(connection, one)
    with database.reading() as connection:
        assert store.account_of(connection, one) is None


def test_who_is_no_account_has_none_of_these(database: Database) -> None:
    with pytest.raises(StoreError), database.writing() as connection:
        store.put_password(connection, Password(account="x", hash="h", set_at=NOON))
    with pytest.raises(StoreError), database.writing() as connection:
        store.link(connection, Identity(issuer="i", sub="s"), "x")
