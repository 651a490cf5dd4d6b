"""What is remembered of a cloud between commands: name, number, ports, secrets, and which steps were done.

Every file is replaced as a whole, so that an interruption leaves the old or the new one. Who may do something to a
cloud at this moment is decided by a lock.
"""

import contextlib
import fcntl
import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allmende.errors import ReferenceCloudError
from allmende.refcloud.model.blueprint import SecretKind
from allmende.refcloud.model.cloud import Identity, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a cloud keeps as long as it exists."""

    identity: Identity
    ports: Mapping[str, int]
    virt_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The supervisor of a cloud that runs: its process id here, when that process started, and the plan it runs."""

    pid: int
    started_ticks: int
    digest: str
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """The files in which one cloud is remembered."""

    root: Path = field()

    def record(self) -> Record | None:
        """Return what is remembered of the cloud, or None when there is none."""
        document = _read(self.root / "cloud.json")
        if document is None:
            return None
        identity = Identity(name=document["name"], number=document["number"], profile=Profile(document["profile"]))
        return Record(identity=identity, ports=document["ports"], virt_type=document["virt_type"])

    def remember(self, record: Record) -> None:
        """Keep `record`."""
        identity = record.identity
        document = {
            "name": identity.name,
            "number": identity.number,
            "profile": identity.profile.value,
            "ports": dict(record.ports),
            "virt_type": record.virt_type,
        }
        write_private(self.root / "cloud.json", json.dumps(document, indent=1))

    def secrets(self, kinds: Mapping[str, SecretKind]) -> dict[str, str]:
        """Return a secret for each of `kinds`; those that do not exist yet are made and kept, mode 0600."""
        known: dict[str, str] = _read(self.root / "secrets.json") or {}
        missing = {name: _new_secret(kind) for name, kind in kinds.items() if name not in known}
        if missing:
            write_private(self.root / "secrets.json", json.dumps(known | missing, indent=1))
        return {name: (known | missing)[name] for name in kinds}

    def done(self) -> dict[str, str]:
        """Return the digests of the steps that were done once and for all, by name."""
        return _read(self.root / "done.json") or {}

    def mark_done(self, digests: Mapping[str, str]) -> None:
        """Remember that these steps were done."""
        write_private(self.root / "done.json", json.dumps(self.done() | dict(digests), indent=1))

    def forget_done(self, step: str) -> None:
        """Let a step be done again."""
        write_private(
            self.root / "done.json", json.dumps({k: v for k, v in self.done().items() if k != step}, indent=1)
        )

    def running(self) -> Running | None:
        """Return the supervisor that was started last; whether it still lives is not said."""
        document = _read(self.root / "running.json")
        return Running(**document) if document else None

    def remember_running(self, running: Running | None) -> None:
        """Keep which supervisor runs; None forgets it."""
        path = self.root / "running.json"
        if running is None:
            path.unlink(missing_ok=True)
            return
        document = {slot: getattr(running, slot) for slot in ("pid", "started_ticks", "digest", "ready")}
        write_private(path, json.dumps(document))


def memories(clouds: Path) -> list[Memory]:
    """Return the memory of every cloud below `clouds`, by name."""
    return [Memory(file.parent) for file in sorted(clouds.glob("*/cloud.json"))]


@contextlib.contextmanager
def locked(path: Path, *, complaint: str) -> Iterator[None]:
    """Hold the lock file `path`; raise ReferenceCloudError with `complaint` when another process does."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReferenceCloudError(complaint, hint="Wait until it is done, then try again.") from None
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file as a whole; nobody else may read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    temporary.replace(path)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise ReferenceCloudError(
            f"{path} is damaged.", hint="allmende cloud destroy removes the cloud; a new one can be made then."
        ) from None


def _new_secret(kind: SecretKind) -> str:
    match kind:
        case SecretKind.TOKEN:
            return secrets.token_hex(24)
        case SecretKind.FERNET:
            return urlsafe_b64encode(secrets.token_bytes(32)).decode()
