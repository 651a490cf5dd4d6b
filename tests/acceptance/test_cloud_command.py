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


WORDS = [("down",), ("status",), ("logs",), ("env",), ("destroy", "--yes"), ("break", "flavor-missing"), ("mend",)]


@pytest.mark.parametrize("words", WORDS)
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
    for command in ("up", "status", "logs", "env", "destroy", "break", "mend"):
        shown = cloud(environ, command, "--help").stdout
        assert f"allmende cloud {command}" in shown
        assert max(map(len, shown.splitlines())) <= 80


def test_the_catalogue_of_defects_is_listed_for_people_and_machines(environ: dict[str, str]) -> None:
    shown = cloud(environ, "break")
    listed = json.loads(cloud(environ, "break", "--json").stdout)
    by_id = {row["id"]: row for row in listed}
    assert by_id["flavor-missing"]["outcomes"] == {"scs-0103-flavor-8v-32": "FAIL"}
    assert all(row["id"] in shown.stdout for row in listed)
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert f"{len(listed)} defects" in shown.stderr


def test_the_page_shows_the_defects_of_the_catalogue(environ: dict[str, str]) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "break-the-reference-cloud.md"
    table = cloud(environ, "break", "--markdown").stdout
    head, _, shown = page.read_text().partition("| defect |")
    assert f"| defect |{shown}" == table, "run: allmende cloud break --markdown, and put it at the end of the page"
    assert "allmende cloud break --markdown" in head


def test_a_cloud_that_does_not_run_is_not_broken(environ: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "allmende" / "clouds" / "still"
    folder.mkdir(parents=True)
    record = {"name": "still", "number": 7, "profile": "api", "ports": {"keystone": 21000}, "virt_type": "qemu"}
    (folder / "cloud.json").write_text(json.dumps(record))
    done = cloud(environ, "break", "flavor-missing", "--name", "still")
    assert done.returncode != 0
    assert "error: The cloud still does not run." in done.stderr
    assert not (folder / "defects.json").exists()
    unknown = cloud(environ, "break", "flavor-misssing", "--name", "still")
    assert unknown.returncode == 2
    assert "Did you mean flavor-missing?" in unknown.stderr
    assert "Nothing of the cloud still is broken." in cloud(environ, "mend", "--name", "still").stderr
