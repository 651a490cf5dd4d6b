"""`allmende cloud` on a machine without a reference cloud."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path), "COLUMNS": "80", "NO_COLOR": "1"}


def cloud(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "allmende", "cloud", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("words", [("down",), ("status",), ("logs",), ("env",), ("destroy", "--yes")])
def test_a_cloud_that_does_not_exist_is_named_with_the_way_to_one(environ: dict[str, str], words: tuple[str]) -> None:
    done = cloud(environ, *words, "--name", "nowhere")
    assert done.returncode == 2
    assert "error: There is no reference cloud nowhere." in done.stderr
    assert "next: " in done.stderr
    assert done.stdout == ""


def test_a_name_that_cannot_be_one_is_refused(environ: dict[str, str]) -> None:
    done = cloud(environ, "status", "--name", "Über/Cloud")
    assert done.returncode == 2
    assert "cannot be the name of a cloud" in done.stderr


def test_there_is_no_cloud_yet(environ: dict[str, str]) -> None:
    assert "allmende cloud up" in cloud(environ, "list").stderr
    assert json.loads(cloud(environ, "list", "--json").stdout) == []


def test_an_unknown_profile_is_refused_with_the_known_ones(environ: dict[str, str]) -> None:
    done = cloud(environ, "up", "--profile", "huge")
    assert done.returncode == 2
    assert "core" in done.stderr


def test_help_shows_examples_within_80_columns(environ: dict[str, str]) -> None:
    for command in ("up", "status", "logs", "env", "destroy"):
        shown = cloud(environ, command, "--help").stdout
        assert f"allmende cloud {command}" in shown
        assert max(map(len, shown.splitlines())) <= 80
