"""The shelf holds complete images only."""

import asyncio
from pathlib import Path

import pytest

from allmende.refcloud.fetch.shelf import fingerprint, newest, shelved


async def _fill(folder: Path) -> None:
    (folder / "disk.qcow2").write_text("whole")


async def test_an_image_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []

    async def fill(folder: Path) -> None:
        made.append(folder)
        await _fill(folder)

    folders = await asyncio.gather(*(shelved(tmp_path, "guest", "k1", fill) for _ in range(5)))
    assert len(made) == 1
    assert {folder / "disk.qcow2" for folder in folders} == {tmp_path / "guest-k1" / "disk.qcow2"}


async def test_an_interrupted_build_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    async def interrupted(folder: Path) -> None:
        (folder / "disk.qcow2").write_text("ha")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await shelved(tmp_path, "guest", "k1", interrupted)
    assert newest(tmp_path, "guest") is None
    folder = await shelved(tmp_path, "guest", "k1", _fill)
    assert (folder / "disk.qcow2").read_text() == "whole"
    assert newest(tmp_path, "guest") == folder


async def test_another_recipe_gives_another_image(tmp_path: Path) -> None:
    first = await shelved(tmp_path, "guest", fingerprint([b"2026-11", b"recipe"]), _fill)
    second = await shelved(tmp_path, "guest", fingerprint([b"2026-12", b"recipe"]), _fill)
    assert first != second


def test_a_fingerprint_knows_where_a_part_ends() -> None:
    assert fingerprint([b"ab", b"c"]) != fingerprint([b"a", b"bc"])
