"""What the documentation tells people to type and to follow exists: words, options, links."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from allmende.cli import SUBCOMMANDS, app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs/how-to").glob("*.md"))]
EVERY_PAGE = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
WITHOUT_A_CLOUD = ("standards", "explain", "flavor")


def blocks(document: Path, language: str = r"\w*") -> list[str]:
    """Return the fenced blocks of a document."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def words_of(value: Any) -> Iterator[str]:
    """Yield every text in a YAML value: the scripts of a CI system are among them, as it reads them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in words_of(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in words_of(each))


def commands(document: Path) -> list[str]:
    """Return the command lines of `allmende` in the fenced blocks of a document, also as a CI system reads them."""
    read = [text for block in blocks(document, "yaml") for text in words_of(yaml.safe_load(block))]
    plain = [block for block in blocks(document) if block not in blocks(document, "yaml")]
    return [line for text in [*plain, *read] for line in commands_in(text)]


def commands_in(text: str) -> list[str]:
    """Return the command lines of `allmende` in a text."""
    lines = text.replace("\\\n", " ").splitlines()
    found = [re.search(r"(?:^|\$ |\$\(|\s)(?:\./)?allmende ([a-z][^|)>]*)", line) for line in lines]
    return [match[1].split("  #")[0].strip() for match in found if match]


def parsed(words: list[str]) -> Any:
    """Walk down to the command that is meant and let it read its words, without running it."""
    command: Any = get_command(app)
    context = command.make_context("allmende", list(words), resilient_parsing=True)
    while hasattr(command, "get_command"):
        name = words.pop(0)
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name}"
        if words and not hasattr(command, "get_command"):
            break
        if not words:
            return command
    return command.make_context(command.name or "", list(words), parent=context)


ALL = [(document.name, line) for document in DOCUMENTS for line in commands(document)]


def test_the_readme_shows_how_to_use_every_subcommand() -> None:
    shown = {line.split()[0] for name, line in ALL if name == "README.md"}
    assert shown >= {subcommand.name for subcommand in SUBCOMMANDS} - {"down"}


def test_the_commands_of_ci_examples_are_among_those_that_are_tried() -> None:
    shown = [line for name, line in ALL if name == "use-check-in-ci.md"]
    assert "check -o report.json --subject my-region" in shown
    assert "report convert report.json --to junit" in shown
    assert "report diff last/report.json report.json" in shown


@pytest.mark.parametrize(("document", "line"), ALL, ids=[f"{name}: {line}" for name, line in ALL])
def test_a_documented_command_can_be_typed(document: str, line: str) -> None:
    assert parsed(shlex.split(line))


@pytest.mark.parametrize(
    "line", [line for name, line in ALL if name == "README.md" and line.startswith(WITHOUT_A_CLOUD)]
)
def test_a_command_of_the_readme_that_needs_no_cloud_runs(line: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "allmende", *shlex.split(line)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout


@pytest.mark.parametrize("document", EVERY_PAGE, ids=[str(page.relative_to(ROOT)) for page in EVERY_PAGE])
def test_links_between_pages_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []
