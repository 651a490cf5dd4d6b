"""What every database must do with the log: number without gaps, keep what is appended, and prove it."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest

from allmende.errors import StoreError
from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.rules.leaves import KeyLeaf, ReportLeaf, VerdictLeaf, content_of, read
from allmende.registry.rules.merkle import grown, leaf_hash, root
from allmende.registry.store import log, subjects, verdicts
from allmende.storage.database import Database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IAAS = UUID("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f")

STRANGER = ReportLeaf(
    at=NOON,
    report=IAAS,
    subject="cloud",
    scope=IAAS,
    account="operator",
    fingerprint="SHA256:x",
    digest="0" * 64,
    media_type="x",
)


def leaf(name: str) -> KeyLeaf:
    return KeyLeaf(at=NOON, key=name)


def sound(database: Database) -> int:
    """Assert that numbers have no gap and that hashes are those of the entries; return how many there are."""
    with database.reading() as connection:
        size = log.size(connection)
        entries = log.entries(connection, 0, size + 1)
        assert [entry.number for entry in entries] == list(range(size))
        tree = grown([leaf_hash(entry.content) for entry in entries])
        for smaller in range(size + 1):
            assert root(smaller, log.subtree(connection)) == root(smaller, tree)
    return size


def test_an_empty_log_has_a_root(database: Database) -> None:
    assert sound(database) == 0


def test_entries_come_back_as_they_were_in_any_grouping(database: Database) -> None:
    leaves = [leaf(f"key {number}") for number in range(21)]
    for begin, end in ((0, 1), (1, 1), (1, 8), (8, 10), (10, 21)):
        with database.writing() as connection:
            log.append(connection, leaves[begin:end])
    assert sound(database) == 21
    with database.reading() as connection:
        assert [read(entry.content) for entry in log.entries(connection, 5, 3)] == leaves[5:8]
        assert log.entries(connection, 21, 5) == ()
        assert len(log.keys(connection)) == 21


def test_what_is_rolled_back_was_never_there(database: Database) -> None:
    with database.writing() as connection:
        log.append(connection, [leaf("kept")])
    with pytest.raises(StoreError), database.writing() as connection:
        log.append(connection, [leaf("lost"), leaf("lost, too"), STRANGER])
    with database.writing() as connection:
        log.append(connection, [leaf("after")])
    assert sound(database) == 2


def test_many_writers_at_once_leave_no_gap(database: Database) -> None:
    faults: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(8):
                with database.writing() as connection:
                    log.append(connection, [leaf(f"{name} {number}"), leaf(f"{name} {number} again")])
        except BaseException as error:  # noqa: BLE001 -- told to the test, in its own thread
            faults.append(error)

    threads = [threading.Thread(target=write, args=(f"writer {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sound(database) == 6 * 8 * 2
    with database.reading() as connection:
        contents = [entry.content for entry in log.entries(connection, 0, 200)]
    names = [f"writer {writer} {number}" for writer in range(6) for number in range(8)]
    pairs = {content_of(leaf(name)): content_of(leaf(f"{name} again")) for name in names}
    assert all(contents[place + 1] == pairs[content] for place, content in enumerate(contents) if content in pairs)


def test_a_report_that_is_not_stored_cannot_be_in_the_log(database: Database) -> None:
    with pytest.raises(StoreError), database.writing() as connection:
        log.append(connection, [STRANGER])
    assert sound(database) == 0


def test_the_verdict_that_stands_is_the_last_one(database: Database) -> None:
    def verdict(outcome: Outcome, before: Outcome | None) -> VerdictLeaf:
        return VerdictLeaf(at=NOON, subject="cloud", scope=IAAS, version="v5.1", outcome=outcome, before=before)

    with database.writing() as connection:
        subjects.put(connection, Subject(id="cloud", name="A cloud"))
        assert verdicts.standing(connection, "cloud", IAAS) == {}
        verdicts.put(connection, verdict(Outcome.FAIL, None))
        verdicts.put(connection, verdict(Outcome.PASS, Outcome.FAIL))
    with database.reading() as connection:
        assert verdicts.standing(connection, "cloud", IAAS) == {"v5.1": Outcome.PASS}
        assert verdicts.standing(connection, "another", IAAS) == {}
