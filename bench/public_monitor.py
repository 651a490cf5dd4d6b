"""The public compliance monitor of SCS, run beside ours: its environment, its accounts, its server.

It stays where it is checked out (repository SovereignCloudStack/standards), is run unchanged, and has a virtual
environment of its own, made from its own requirements; only its database driver is taken ready-made, which saves a
compiler. Nothing of it is part of this repository.
"""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from postgresql_server import USER, PostgresqlServer

from allmende.testing.registry import Operator

PATIENCE_SECONDS = 60

# It listens on a port of its own choice; the rest of what its main part does stays as it is.
SERVE = """
import runpy, sys, uvicorn
run = uvicorn.run
uvicorn.run = lambda app, **options: run(app, **{**options, "host": "127.0.0.1", "port": int(sys.argv[1])})
runpy.run_path("monitor.py", run_name="__main__")
"""
HASH = "import sys; from passlib.hash import argon2; print(argon2.hash(sys.stdin.read()))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicMonitor:
    """`checkout` is the repository, `python` the interpreter of its environment."""

    checkout: Path
    python: Path

    @classmethod
    def at(cls, checkout: Path, environment: Path) -> "PublicMonitor":
        """Make its environment where it is missing."""
        python = environment / "bin" / "python"
        if not python.exists():
            wanted = (checkout / "compliance-monitor" / "requirements.txt").read_text()
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
                file.write(wanted.replace("\npsycopg2==", "\npsycopg2-binary=="))
                file.flush()
                # tomli is what its test runner needs beside.
                needed = ["-r", file.name, "tomli"]
                subprocess.run(["uv", "venv", "--quiet", str(environment)], check=True)
                subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), *needed], check=True)
        return cls(checkout=checkout, python=python)

    def tool(self, name: str) -> list[str]:
        """Return the command of one of the suite's programs."""
        return [str(self.python), str(self.checkout / "Tests" / name)]

    @contextmanager
    def served(self, server: PostgresqlServer, operator: Operator, subjects: Sequence[str]) -> Iterator[str]:
        """Yield the address of a monitor with an empty record, where the operator reports for the subjects."""
        server.create("monitor")
        with tempfile.TemporaryDirectory(prefix="public-monitor-") as name:
            home = Path(name)
            (home / "Tests").symlink_to(self.checkout / "Tests")
            place = home / "compliance-monitor"
            place.mkdir()
            for part in ("monitor.py", "sql.py", "templates"):
                (place / part).symlink_to(self.checkout / "compliance-monitor" / part)
            (place / "bootstrap.yaml").write_text(yaml.safe_dump(self._accounts(operator, subjects)))
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            environ = {
                **os.environ,
                "SCM_DB_HOST": str(server.host),
                "SCM_DB_USER": USER,
                "PGDATABASE": "monitor",
                "PYTHONPATH": str(place),
            }
            command = [str(self.python), "-c", SERVE, str(port)]
            with (
                (home / "log").open("wb") as log,
                subprocess.Popen(command, cwd=place, env=environ, stdout=log, stderr=log) as process,
            ):
                try:
                    address = f"http://127.0.0.1:{port}"
                    _wait(f"{address}/status", process, home / "log")
                    yield address
                finally:
                    process.terminate()

    def _accounts(self, operator: Operator, subjects: Sequence[str]) -> dict[str, object]:
        hashed = subprocess.run(
            [str(self.python), "-c", HASH], input=operator.token, capture_output=True, text=True, check=True
        ).stdout.strip()
        kind, public_key, *_ = operator.key.public.line.split()
        key = {"public_key": public_key, "public_key_type": kind, "public_key_name": "primary"}
        who = {
            "subject": operator.account,
            "api_keys": [hashed],
            "keys": [key],
            "roles": ["append_any", "read_any"],
        }
        return {"accounts": [who, *({"subject": id_, "delegates": [operator.account]} for id_ in subjects)]}


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            # Without that header it answers 500.
            request = urllib.request.Request(address, headers={"Accept": "application/json"})
            urllib.request.urlopen(request, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"The public monitor does not answer:\n{log.read_text()[-3000:]}")
