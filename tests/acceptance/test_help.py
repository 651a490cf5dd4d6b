"""Every help page fits a terminal of 80 columns, and every group leads to the pages of its commands."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from allmende.cli import app


def _pages(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, TyperGroup):
        context = command.make_context("allmende", [], resilient_parsing=True)
        for name in command.list_commands(context):
            yield from _pages(command.get_command(context, name), (*words, name))


@pytest.mark.parametrize("words", list(_pages(get_command(app))), ids=lambda words: " ".join(words) or "allmende")
def test_help_fits_80_columns(words: tuple[str, ...]) -> None:
    page = CliRunner().invoke(app, [*words, "--help"], terminal_width=80, prog_name="allmende").stdout
    assert page.startswith("Usage: allmende")
    assert [line for line in page.splitlines() if len(line) > 80] == []
