"""What could not be told yet: one file for each iteration, oldest first, which outlives the process."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from allmende.errors import StoreError

_PART = ".part"
_DONE = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """A directory of documents that wait."""

    directory: Path

    def add(self, began_at: datetime, iteration: UUID, content: bytes) -> Path:
        """Write a document, so that it is there whole or not at all; StoreError when there is no room."""
        name = f"{began_at:%Y%m%dT%H%M%S%f}-{iteration}"
        path = self.directory / f"{name}{_DONE}"
        part = self.directory / f"{name}{_PART}"
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise StoreError(
                f"What was measured cannot be written to {self.directory}: {error.strerror}.",
                hint="Make room there; until then, what the registry does not take at once is lost.",
            ) from error
        return path

    def waiting(self) -> Iterator[tuple[Path, bytes]]:
        """Yield the documents that wait, oldest first, each with its file."""
        for path in sorted(self.directory.glob(f"*{_DONE}")):
            try:
                yield path, path.read_bytes()
            except FileNotFoundError:  # another process told of it meanwhile
                continue
            except OSError as error:
                raise StoreError(
                    f"{path} cannot be read: {error.strerror}.", hint="Make it readable, or remove it."
                ) from error

    def done(self, path: Path) -> None:
        """Remove what was told of."""
        path.unlink(missing_ok=True)
