"""The files with which the registry is deployed say what the program understands."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from allmende.cli.serve import app

REPOSITORY = Path(__file__).parents[3]
UNIT = REPOSITORY / "deploy/systemd/allmende-registry.service"


def test_the_unit_starts_the_registry_with_options_that_it_has() -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    program, command, *words = shlex.split(line)
    assert (Path(program).name, command) == ("allmende", "serve")
    context = get_command(app).make_context("serve", words)
    assert context.params["host"] == "127.0.0.1", "what others reach is the proxy with TLS"


def test_the_record_is_in_the_state_directory_of_the_unit() -> None:
    unit = UNIT.read_text()
    assert "StateDirectory=allmende\n" in unit
    assert "Environment=XDG_STATE_HOME=%S\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/allmende/bin/allmende", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
