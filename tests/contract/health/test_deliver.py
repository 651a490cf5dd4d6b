"""What is told to a registry elsewhere: everything, in order, once it can be told; also after a process was killed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from allmende.errors import AllmendeError, DocumentError, RegistryUnreachableError, StoreError
from allmende.health.apply.spool import Spool
from allmende.health.model.samples import Iteration
from allmende.health.rules.document import read
from allmende.health.run.deliver import deliver, send_waiting
from allmende.testing.health import iteration

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DOWN = RegistryUnreachableError("The registry cannot be reached.")


class Registry:
    """Takes documents, or says why not."""

    def __init__(self) -> None:
        self.taken: list[Iteration] = []
        self.answer: AllmendeError | None = None

    def send(self, content: bytes) -> None:
        if self.answer is not None:
            raise self.answer
        self.taken.append(read(content, NOON))


def at(minutes: int) -> Iteration:
    return iteration("cloud", NOON - timedelta(minutes=minutes))


def test_what_could_not_be_told_waits_and_is_told_in_order(tmp_path: Path) -> None:
    registry, spool = Registry(), Spool(directory=tmp_path / "spool")
    registry.answer = DOWN
    for minutes in (30, 20):
        done = deliver(at(minutes), spool, registry.send)
        assert (done.taken, done.waiting_because) == (0, DOWN)
    registry.answer = None
    done = deliver(at(10), Spool(directory=spool.directory), registry.send)
    assert (done.taken, done.waiting_because, done.dropped) == (3, None, ())
    assert registry.taken == [at(30), at(20), at(10)]
    assert list(spool.waiting()) == []


def test_what_will_never_be_taken_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    registry, spool = Registry(), Spool(directory=tmp_path)
    spool.add(NOON, at(5).id, b"no document")
    never = DocumentError("It is older than 14 days.")

    def send(content: bytes) -> None:
        if content == b"no document":
            raise never
        registry.send(content)

    done = deliver(at(0), spool, send)
    assert (done.taken, done.dropped) == (1, (never,))
    assert list(spool.waiting()) == []


def test_half_of_a_file_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "20261127T120000000000-x.part").write_bytes(b'{"cloud": ')
    registry = Registry()
    assert send_waiting(Spool(directory=tmp_path), registry.send).taken == 0


def test_without_room_it_is_told_at_once_or_said_to_be_lost(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no directory")
    registry, spool = Registry(), Spool(directory=nowhere / "spool")
    assert deliver(at(0), spool, registry.send).taken == 1
    registry.answer = DOWN
    with pytest.raises(StoreError, match="cannot be written") as caught:
        deliver(at(0), spool, registry.send)
    assert "lost" in caught.value.hint
