"""What is done beside the requests, on every database: again and again, in spite of failures, and by one of several."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from allmende.errors import StoreError
from allmende.storage.background import Chore, background
from allmende.storage.database import Database

PATIENCE_S = 30.0


async def comes(holds: Callable[[], bool]) -> bool:
    """Tell whether it becomes so before patience ends."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.05)
    return holds()


async def test_a_chore_is_done_again_and_again_and_nothing_is_left_at_the_end(database: Database) -> None:
    done: Counter[str] = Counter()
    running: set[str] = set()

    def slow() -> None:
        running.add("slow")
        time.sleep(0.3)
        running.discard("slow")
        done["slow"] += 1

    chores = [
        Chore(name="slow", seconds=1, do=slow),
        Chore(name="quick", seconds=1, do=lambda: done.update(["quick"])),
    ]
    async with background(database, chores):
        assert await comes(lambda: done["slow"] >= 2 and done["quick"] >= 2)
    assert not running
    before = done.copy()
    await asyncio.sleep(1.5)
    assert done == before


async def test_a_chore_that_fails_is_done_again_and_keeps_no_other_from_being_done(database: Database) -> None:
    done: Counter[str] = Counter()

    def failing() -> None:
        done["failing"] += 1
        raise StoreError("The disk is full.") if done["failing"] == 1 else ValueError("A mistake of ours.")

    chores = [
        Chore(name="failing", seconds=1, do=failing),
        Chore(name="other", seconds=1, do=lambda: done.update(["other"])),
    ]
    async with background(database, chores):
        assert await comes(lambda: done["failing"] >= 3 and done["other"] >= 3)


async def test_it_goes_on_when_the_connections_were_lost(database: Database) -> None:
    done: Counter[str] = Counter()
    async with background(database, [Chore(name="steady", seconds=1, do=lambda: done.update(["steady"]))]):
        assert await comes(lambda: done["steady"] >= 1)
        if database.dialect == "postgresql":
            with database.reading() as connection:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                connection.exec_driver_sql(f"{others} AND datname = current_database()")
        before = done["steady"]
        assert await comes(lambda: done["steady"] >= before + 2)


async def test_several_servers_may_do_them(database: Database) -> None:
    """On PostgreSQL they share the work: one of them does a chore each time."""
    done: Counter[str] = Counter()

    def chores(server: str) -> list[Chore]:
        return [Chore(name="shared", seconds=1, do=lambda: done.update([server]))]

    began = time.monotonic()
    async with background(database, chores("a")), background(database, chores("b")):
        assert await comes(lambda: done.total() >= 4)
    if database.dialect == "postgresql":
        assert done.total() <= time.monotonic() - began + 2


async def test_what_a_server_leaves_another_goes_on_with(database: Database) -> None:
    done: Counter[str] = Counter()
    for server in "ab":
        chore = Chore(name="shared", seconds=1, do=lambda: done.update([server]))  # noqa: B023 -- done within the loop
        async with background(database, [chore]):
            assert await comes(lambda: done[server] >= 1)  # noqa: B023 -- likewise
    assert set(done) == {"a", "b"}
