"""The journal of leases: what a run was about to create in a cloud, what it got, and what it gave back.

One file a run, one JSON object a line, on disk before the request goes out. While the run lives it holds a lock on its
file, so that others see which journals were left by runs that are dead. When everything is given back the file goes.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BufferedRandom
from pathlib import Path
from typing import Any, Self

from allmende.errors import StoreError

SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which project of which cloud a journal speaks of."""

    auth_url: str
    project: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Something that we made, or were about to make, in a cloud.

    `number` counts within a run. `identifier` is None where the answer of the cloud never came.
    """

    number: int
    kind: str
    name: str
    wanted_at: datetime
    identifier: str | None = None


class Journal:
    """The open journal of one run; the lock on its file is held until `close`."""

    def __init__(self, path: Path, file: BufferedRandom, run: str, place: Place, open_leases: dict[int, Lease]) -> None:
        self.path = path
        self.run = run
        self.place = place
        self._file = file
        self._open = open_leases
        self._next = max(open_leases, default=0) + 1

    @classmethod
    def begun(cls, folder: Path, run: str, place: Place, *, part: str = "") -> Self:
        """Begin the journal of a new run; StoreError where it cannot be kept, so that nothing is created untraced.

        `part` tells the journals of a run apart that works with several accounts. The file gets its name once it is
        locked and says whose it is: another run would take it for a dead one's, and remove it.
        """
        path = folder / f"{run}{f'-{part}' if part else ''}{SUFFIX}"
        new = path.with_suffix(".new")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            file = os.fdopen(descriptor, "r+b")
            fcntl.flock(file, fcntl.LOCK_EX)
            journal = cls(path, file, run, place, {})
            journal._write({"run": run, "auth_url": place.auth_url, "project": place.project, "region": place.region})
            new.rename(path)
        except OSError as error:
            raise _unwritable(folder, error) from error
        finally:
            with suppress(OSError):  # where no folder can be
                new.unlink(missing_ok=True)
        return journal

    @property
    def leases(self) -> tuple[Lease, ...]:
        """What was not given back, in the order in which it was wanted."""
        return tuple(self._open.values())

    def wanted(self, kind: str, name: str, at: datetime, identifier: str | None = None) -> Lease:
        """Note that something will be created now; `identifier` where it is known beforehand."""
        lease = Lease(number=self._next, kind=kind, name=name, wanted_at=at, identifier=identifier)
        self._next += 1
        self._write(
            {"wanted": lease.number, "kind": kind, "name": name, "at": at.isoformat(), "identifier": identifier}
        )
        self._open[lease.number] = lease
        return lease

    def held(self, lease: Lease, identifier: str) -> Lease:
        """Note the identifier that the cloud gave."""
        known = replace(lease, identifier=identifier)
        self._write({"held": lease.number, "identifier": identifier})
        self._open[lease.number] = known
        return known

    def released(self, lease: Lease) -> None:
        """Note that it is gone; where that cannot be written, whoever follows the journal finds it gone."""
        with suppress(StoreError):
            self._write({"released": lease.number})
        self._open.pop(lease.number, None)

    def close(self) -> None:
        """Let go of the file; remove it when nothing is left."""
        if not self._open:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            self._file.seek(0, os.SEEK_END)
            self._file.write(json.dumps(entry).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self.path.parent, error) from error


def abandoned(folder: Path) -> Iterator[Journal]:
    """Yield the journals of runs that are dead, each locked until its `close`; those of living runs are passed over."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            file = path.open("r+b")
        except OSError:
            continue  # just finished by its own run
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            continue
        if not path.exists():
            file.close()
            continue
        yield _read(path, file)


def is_living(folder: Path, run: str) -> bool:
    """Tell whether a run goes on, on this machine, or somebody is just removing what it left."""
    for path in folder.glob(f"{run}*{SUFFIX}"):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            continue  # just finished
    return False


def _read(path: Path, file: BufferedRandom) -> Journal:
    leases: dict[int, Lease] = {}
    head: dict[str, str] = {}
    for line in file.read().splitlines():
        try:
            _follow(json.loads(line), head, leases)
        except (ValueError, TypeError, KeyError):
            continue  # the run died while it wrote this line, before it asked the cloud for anything; or it is spoilt
    place = Place(auth_url=head.get("auth_url", ""), project=head.get("project", ""), region=head.get("region", ""))
    return Journal(path, file, head.get("run", path.stem), place, leases)


def _follow(entry: Any, head: dict[str, str], leases: dict[int, Lease]) -> None:
    """Take note of one line; ValueError, TypeError or KeyError where it is none of a journal."""
    if not isinstance(entry, dict):
        raise TypeError("an entry is an object")
    if "run" in entry:
        head.update({key: str(value) for key, value in entry.items()})
    elif "wanted" in entry:
        number, at = int(entry["wanted"]), datetime.fromisoformat(entry["at"])
        leases[number] = Lease(
            number=number,
            kind=str(entry["kind"]),
            name=str(entry["name"]),
            wanted_at=at if at.tzinfo else at.replace(tzinfo=UTC),
            identifier=entry["identifier"],
        )
    elif "held" in entry:
        leases[entry["held"]] = replace(leases[entry["held"]], identifier=entry["identifier"])
    else:
        leases.pop(entry["released"], None)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The journal of what is created in the cloud cannot be kept in {folder}: {error.strerror}.",
        hint="Make room there, or set XDG_STATE_HOME to a directory that can be written; or use --read-only.",
    )
