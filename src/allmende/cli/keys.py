"""Secrets on the command line: signing keys and tokens, from files, the environment or a prompt, never from argv."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from allmende.config import Directories
from allmende.errors import SettingsError, SignatureError
from allmende.report.keys import PassphraseNeededError, PrivateKey, ed25519_key, parse_private_key

PASSPHRASE_VARIABLE = "ALLMENDE_KEY_PASSPHRASE"  # noqa: S105 -- a variable's name
TOKEN_VARIABLE = "ALLMENDE_REGISTRY_TOKEN"  # noqa: S105 -- a variable's name


def own_key_file(directories: Directories) -> Path:
    """Return where the key of this user is kept that signs when no other is named."""
    return directories.keys / "report_ed25519"


def ensure_own_key(directories: Directories) -> PrivateKey:
    """Return this user's signing key, made now (Ed25519, file mode 0600, with its `.pub`) if there was none."""
    path = own_key_file(directories)
    if not path.exists():
        key = ed25519_key(secrets.token_bytes(32))
        write_secret(path, key.openssh())
        path.with_suffix(".pub").write_text(f"{key.public.line} allmende\n")
    return read_key(path, os.environ)


def read_key(path: Path, environ: Mapping[str, str]) -> PrivateKey:
    """Return the private key in a file, with the passphrase of the environment or of a prompt when it needs one."""
    data = read_secret(path, "private key", hint="Make one with: ssh-keygen -t ed25519 -f FILE")
    passphrase = environ.get(PASSPHRASE_VARIABLE)
    try:
        return parse_private_key(data, passphrase.encode() if passphrase else None)
    except PassphraseNeededError as error:
        if passphrase or not sys.stdin.isatty():
            hint = f"Set {PASSPHRASE_VARIABLE} to its passphrase, or run this in a terminal, where it is asked for."
            raise PassphraseNeededError(str(error), hint=hint) from error
    except SignatureError as error:
        raise SettingsError(f"{path}: {error}", hint=error.hint) from error
    return parse_private_key(data, typer.prompt(f"Passphrase of {path}", hide_input=True, err=True).encode())


def read_token(path: Path | None, environ: Mapping[str, str]) -> str:
    """Return the registry token: from a file, from the environment, else from a prompt."""
    if path is not None:
        return read_secret(path, "token").decode("utf-8", "replace").strip()
    token = environ.get(TOKEN_VARIABLE)
    if not token and sys.stdin.isatty():
        token = typer.prompt("Token", hide_input=True, err=True)
    if not token:
        raise SettingsError(
            "There is no token for the registry.", hint=f"Use --token-file FILE or the variable {TOKEN_VARIABLE}."
        )
    return token


def read_secret(path: Path, what: str, *, hint: str = "Check the path and who may read the file.") -> bytes:
    """Return the content of a file that holds a secret."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The {what} in {path} cannot be read: {error.strerror}.", hint=hint) from error


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; its directory is made with mode 0700 when missing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(content)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}.", hint="Check who may write there, and the room on the disk."
        ) from error
