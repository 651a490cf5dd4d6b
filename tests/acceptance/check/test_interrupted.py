"""Ctrl-C while a cloud hangs: over at once, with what is known, marked as incomplete."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from allmende.report.formats import Form, read
from allmende.testing.openstack import FakeOpenStack


def interrupted(fake: FakeOpenStack, folder: Path, awaited: str, number: int) -> tuple[int, str]:
    """Run a check, press Ctrl-C once the fake cloud has seen `number` requests like `awaited`; be quick about it."""
    environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(folder))}
    environ["XDG_STATE_HOME"] = str(folder / "state")
    command = [sys.executable, "-m", "allmende", "check", "fake", "--read-only", "-o", str(folder / "report.json")]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while fake.calls.count(awaited) < number:
            assert time.monotonic() < deadline, f"the run never asked {awaited}"
            time.sleep(0.02)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - pressed < 5
    assert "Traceback" not in err
    return process.returncode, out


def test_ctrl_c_ends_a_run_over_a_hanging_cloud_at_once(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.hang("image")
    code, out = interrupted(fake, tmp_path, "GET /image/v2/images", 4)
    assert code == 130
    assert "Interrupted: testcases whose facts were not in yet are missing." in out
    (report,) = read(Form.OWN, (tmp_path / "report.json").read_bytes())
    assert not report.complete
    assert report.results
    assert not any(result.testcase.startswith("scs-0102") for result in report.results)


def test_ctrl_c_before_there_is_a_token_leaves_nothing_to_say(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.hang("identity")
    code, out = interrupted(fake, tmp_path, "GET /identity/v3", 1)
    assert (code, out) == (130, "")
    assert not (tmp_path / "report.json").exists()
