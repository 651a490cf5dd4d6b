"""A PostgreSQL server of its own for a benchmark: in a directory, on a socket, durable as it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlServer:
    """`host` is the directory of its socket; its user `registry` needs no password."""

    host: Path

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.host}"

    def create(self, database: str) -> str:
        command = [
            "psql",
            "-q",
            "-h",
            str(self.host),
            "-U",
            USER,
            "-d",
            "postgres",
            "-c",
            f"CREATE DATABASE {database}",
        ]
        subprocess.run(command, check=True)
        return self.url(database)


@contextmanager
def postgresql_server(*settings: str) -> Iterator[PostgresqlServer]:
    """Yield a server with default settings but for these (`fsync=off`); Debian's package postgresql is needed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        raise SystemExit("PostgreSQL is not installed. Install Debian's package postgresql.")
    home = Path(tempfile.mkdtemp(prefix="allmende-bench-postgresql-"))
    as_its_user: tuple[str, ...] = ()
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(home, "postgres")
        as_its_user = ("runuser", "-u", "postgres", "--")

    def run(program: str, *words: object) -> None:
        command = [*as_its_user, str(programs[-1].parent / program), *map(str, words)]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

    options = " ".join(f"-c {setting}" for setting in ("listen_addresses=''", *settings))
    run("initdb", "-D", home / "data", "-A", "trust", "-U", USER, "-E", "UTF8")
    run("pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", f"{options} -k {home}", "start")
    try:
        yield PostgresqlServer(host=home)
    finally:
        run("pg_ctl", "-D", home / "data", "-w", "-m", "fast", "stop")
        shutil.rmtree(home)
