"""The database that the contract is tested on: SQLite, or the PostgreSQL server that a variable names."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from allmende.storage.database import Database, open_database, sqlite_url

VARIABLE = "ALLMENDE_TEST_DATABASE"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database: a file of its own, or a schema of its own on the server."""
    server = os.environ.get(VARIABLE)
    opened = open_database(_schema(server) if server else sqlite_url(tmp_path / "registry" / "record.sqlite"))
    yield opened
    opened.close()


def _schema(server: str) -> str:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)
