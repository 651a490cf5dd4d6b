"""Ctrl-C while a cloud hangs: over at once, with what is known, marked as incomplete."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from allmende.report.formats import Form, read
from allmende.testing.openstack import FakeOpenStack


def test_ctrl_c_ends_a_run_over_a_hanging_cloud_at_once(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.hang("image")
    environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(tmp_path))}
    command = [sys.executable, "-m", "allmende", "check", "fake", "-o", str(tmp_path / "report.json")]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while sum(call == "GET /image/v2/images" for call in fake.calls) < 4:
            assert time.monotonic() < deadline, "the run never asked for images"
            time.sleep(0.02)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        took = time.monotonic() - pressed
    assert process.returncode == 130
    assert took < 5
    assert "Interrupted: testcases whose facts were not in yet are missing." in out
    assert "Traceback" not in err
    (report,) = read(Form.OWN, (tmp_path / "report.json").read_bytes())
    assert not report.complete
    assert report.results
    assert not any(result.testcase.startswith("scs-0102") for result in report.results)
