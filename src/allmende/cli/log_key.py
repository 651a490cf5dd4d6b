"""The key file of a registry's log: where it is, making it at first use, and changing it."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.keys import read_secret, write_secret
from allmende.config import Directories
from allmende.errors import SettingsError
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.report.keys import PrivateKey, ed25519_key, parse_private_key
from allmende.storage.database import sqlite_file

LogKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--log-key",
        envvar="ALLMENDE_LOG_KEY",
        show_envvar=True,
        metavar="FILE",
        help="Ed25519 key that signs the log; made at first use, beside the record, if not given.",
    ),
]


def log_key_file(database: str, given: Path | None, directories: Directories) -> Path:
    """Return where the key of the log is: beside a SQLite record, else in this user's folder of the registry."""
    if given is not None:
        return given
    beside = sqlite_file(database) or directories.registry / "record"
    return beside.with_suffix(".log-key")


def ensure_log_key(registry: Registry, path: Path) -> PrivateKey:
    """Return the key in this file, made now (mode 0600) if there was none, and none ever signed the log."""
    if not path.exists():
        if log.keys(registry):
            raise SettingsError(
                f"The key of the log is not in {path}.",
                hint=f"Put it back from a copy, or name its file with --log-key. When it is lost: {log.LOST}",
            )
        write_secret(path, new_log_key().openssh())
    return read_log_key(path)


def read_log_key(path: Path) -> PrivateKey:
    """Return the key in this file; SettingsError when it holds none that can sign a log."""
    key = parse_private_key(read_secret(path, "key of the log"))
    if key.public.type != "ssh-ed25519":
        raise SettingsError(f"{path} holds no Ed25519 key.", hint="Make one with: ssh-keygen -t ed25519 -N '' -f FILE")
    return key


def new_log_key() -> PrivateKey:
    """Return a new key."""
    return ed25519_key(secrets.token_bytes(32))
