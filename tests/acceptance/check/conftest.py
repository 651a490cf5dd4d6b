"""The command line over fake clouds, as a person uses it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.cli import main
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.rstrip().splitlines()[-1]


Check = Callable[..., Said]


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    now = datetime.now(UTC)  # noqa: TID251 -- the command line reads the clock, and images must be recent
    with FakeOpenStack.conformant(load_standards(), now) as cloud:
        yield cloud


@pytest.fixture
def check(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """`allmende check …` with the fake cloud in clouds.yaml; no secret is ever said."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(fake.write_clouds_yaml(tmp_path)))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("OS_CLOUD", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["allmende", "check", "--rate", "1000", *words])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert "canary" not in captured.out + captured.err
        return Said(code=int(str(end.value.code)), out=captured.out, err=captured.err)

    return run
