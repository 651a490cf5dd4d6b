"""The database: opening, transactions, migrations, and the translation of its errors.

Knows nothing of what is stored. SQLite (embedded, in WAL mode, so that readers never wait for a writer) and PostgreSQL
are the two databases the suite runs on.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock

from pydantic_core import from_json, to_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from allmende.errors import SettingsError, StoreError

BUSY_TIMEOUT_S = 10
_DISK_FULL = (sqlite3.SQLITE_FULL, "53100")
_READ_ONLY = (sqlite3.SQLITE_READONLY, "25006")


class StoreFullError(StoreError):
    """There is no room for more on the database's disk."""


class Database:
    """An open database. Safe to share between threads; to be closed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Writers of one process queue here: SQLite itself lets them try again after ever longer pauses.
        self._turn = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def url(self) -> str:
        """How other libraries open it, with its password: to be told to nobody."""
        return self._engine.url.set(drivername=self.dialect).render_as_string(hide_password=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state; StoreError when the database cannot be read."""
        with _translated(), self._engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are all kept, or none of them when the block raises.

        On SQLite the write lock is taken at the beginning: a transaction that has read never fails because another
        wrote in between, it waited for its turn.
        """
        with self._turn, _translated(), self._engine.connect() as connection:
            connection.execution_options(begin="IMMEDIATE")
            with connection.begin():
                yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest numbered migration; migrations that were applied are not applied again."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "allmende.storage:migrations")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the URL of the SQLite database in this file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL; None for another database."""
    target = _parsed(url)
    return Path(target.database or "") if target.get_backend_name() == "sqlite" else None


def open_database(url: str) -> Database:
    """Open the database at `url` (`sqlite:///file` or `postgresql://…`) and bring its schema up to date.

    A SQLite file and its directory are made when missing, readable by their owner only.
    """
    target = _parsed(url)
    if target.get_backend_name() == "sqlite":
        database = Database(_sqlite_engine(target))
    else:
        database = Database(_postgresql_engine(target))
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def _parsed(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise SettingsError(
            "The database URL cannot be read.", hint="Use sqlite:////path/to/file or postgresql://user@host/name."
        ) from error
    if target.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingsError(
            f"The database {target.get_backend_name()} is not supported.", hint="Use SQLite or PostgreSQL."
        )
    if target.get_backend_name() == "sqlite" and target.database in (None, "", ":memory:"):
        raise SettingsError("The database URL names no file.", hint="Use sqlite:////path/to/file.")
    return target


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The database file {path} cannot be made: {error.strerror}.",
            hint="Choose another place or change the permissions of the directory.",
        ) from error
    engine = create_engine(
        url,
        json_serializer=_json,
        json_deserializer=from_json,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json(value: object) -> str:
    return to_json(value).decode()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Leave transactions to SQLAlchemy, and turn on what SQLite leaves off."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            json_serializer=_json,
            json_deserializer=from_json,
            pool_pre_ping=True,
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingsError(
            "The PostgreSQL driver is not installed.", hint="Install Allmende with its extra: allmende[postgresql]."
        ) from error


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of drivers and SQLAlchemy into StoreError, with what to do next."""
    try:
        yield
    except DBAPIError as error:
        raise _store_error(error) from error
    except SQLAlchemyError as error:
        raise StoreError(f"The database did not do what was asked: {error}.") from error


def _store_error(error: DBAPIError) -> StoreError:
    # SQLite's extended codes carry the primary code in the lowest byte.
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = code & 0xFF if code is not None else getattr(error.orig, "sqlstate", None)
    if state in _DISK_FULL:
        return StoreFullError("The database's disk is full.", hint="Free some space and send it again.")
    if state in _READ_ONLY:
        return StoreError("The database is read-only.", hint="Make its file and directory writable for the server.")
    if state == sqlite3.SQLITE_BUSY:
        return StoreError(f"The database was busy for {BUSY_TIMEOUT_S} s.", hint="Try again in a moment.")
    return StoreError(f"The database did not do what was asked: {error.orig}.", hint="See the server's log.")
