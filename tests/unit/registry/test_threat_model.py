"""The threat model names tests; each of them is there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
MODEL = (REPOSITORY / "docs/reference/threat-model.md").read_text()


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", MODEL))
    texts = [path.read_text() for path in REPOSITORY.glob("tests/**/*.py")]
    there = {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
    assert len(named) > 10
    assert named <= there


def test_every_file_that_the_threat_model_names_is_there() -> None:
    named = set(re.findall(r"`((?:[\w/]+/)?\w+\.py)`", MODEL))
    there = {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("[bt]*/**/*.py")}
    assert named
    assert [name for name in named if not any(path.endswith(name) for path in there)] == []
