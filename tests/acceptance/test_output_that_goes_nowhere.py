"""What the shell is told when the output has no reader or no room."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [["--version"], ["standards", "list"], ["report", "schema"], ["standards", "list", "--json"]]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_full_disk_is_an_error_of_the_place_and_no_bug(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = _allmende(words, full.fileno())
    assert ended.returncode == 3
    assert ended.stderr.startswith("error: The output cannot be written: No space left on device.\nnext: ")
    assert "Traceback" not in ended.stderr


def test_a_reader_that_has_gone_is_no_verdict_and_no_bug() -> None:
    reader = subprocess.Popen(["/bin/true"], stdin=subprocess.PIPE)
    assert reader.stdin is not None
    reader.wait()
    ended = [_allmende(words, reader.stdin.fileno()) for words in COMMANDS]
    reader.stdin.close()
    assert [(end.returncode, end.stderr) for end in ended] == [(141, "")] * len(COMMANDS)


def _allmende(words: list[str], stdout: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "allmende", *words], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )


def test_an_output_that_the_shell_closed_is_no_bug() -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m allmende --version >&-"], stderr=subprocess.PIPE, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
