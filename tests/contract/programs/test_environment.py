"""An environment is made from its lock by the real uv, from a wheel that lies beside it: no network is needed."""

import asyncio
import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from allmende.errors import ProgramError
from allmende.programs.environment import Environment, is_made, made, shipped

NAME = "tool-1.0-py3-none-any.whl"


def wheel(folder: Path) -> Path:
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tool.py", "print('here I am')\n")
        archive.writestr("tool-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n")
        archive.writestr("tool-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tool-1.0.dist-info/RECORD", "")
    return path


def environment(folder: Path, digest: str = "") -> Environment:
    path = wheel(folder)
    digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
    lock = folder / "tool.lock"
    lock.write_text(f"tool @ {path.as_uri()} --hash=sha256:{digest}\n", "utf-8")
    return Environment(name="tool", title="the tool", lock=lock)


async def test_it_is_made_once_and_runs_what_is_locked(tmp_path: Path) -> None:
    tool = environment(tmp_path)
    first, second = await asyncio.gather(
        made(tool, tmp_path / "cache", tmp_path / "log"), made(tool, tmp_path / "cache", tmp_path / "log")
    )
    assert first == second == tool.path(tmp_path / "cache")
    said = subprocess.run([first / "bin/python", "-m", "tool"], capture_output=True, text=True, check=True).stdout
    assert said == "here I am\n"
    stamp = (first / ".complete").stat().st_mtime_ns
    assert await made(tool, tmp_path / "cache", tmp_path / "log") == first
    assert (first / ".complete").stat().st_mtime_ns == stamp


async def test_a_file_that_is_not_the_locked_one_is_refused_and_nothing_half_made_is_used(tmp_path: Path) -> None:
    tool = environment(tmp_path, digest=64 * "0")
    with pytest.raises(ProgramError, match="Installing the tool failed") as refused:
        await made(tool, tmp_path / "cache", tmp_path / "log")
    assert str(tmp_path / "log") in refused.value.hint
    assert not is_made(tool.path(tmp_path / "cache"))


def test_another_lock_is_another_environment(tmp_path: Path) -> None:
    tool = environment(tmp_path)
    before = tool.path(tmp_path)
    tool_for_another_python = replace(tool, python=Path(sys.executable))
    assert tool_for_another_python.path(tmp_path) != before
    tool.lock.joinpath().write_text("# nothing\n", "utf-8")  # type: ignore[attr-defined]  # a Path in this test
    assert tool.path(tmp_path) != before


def test_a_shipped_tool_is_found_by_its_name() -> None:
    assert shipped("tool").lock.name == "tool.lock"
