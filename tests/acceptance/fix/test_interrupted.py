"""Ctrl-C in the middle of a repair: the change under way is finished, and it is said what was done and what was not."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_done_is_told_and_nothing_is_half_done(tmp_path: Path, number: signal.Signals) -> None:
    now = datetime.now(UTC)  # noqa: TID251 -- the command line reads the clock, and images must be recent
    with FakeOpenStack.conformant(load_standards(), now) as fake:
        fake.state.flavors = fake.state.flavors[:1]
        environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(tmp_path))}
        admin = ["--cloud-admin", "operator", "--cloud-admin-file", str(fake.write_operator_yaml(tmp_path))]
        command = [sys.executable, "-m", "allmende", "fix", "fake", *admin, "--apply", "--yes", "--json"]
        command += ["--only", "scs-0103-*"]
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            deadline = time.monotonic() + 60
            while fake.calls.count("POST /compute/v2.1/flavors") < 2:
                assert time.monotonic() < deadline, "no flavor was ever created"
                time.sleep(0.005)
            fake.delay_seconds = 0.3
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert "Traceback" not in err
        assert process.returncode == 130
        document = json.loads(out)
        fates = Counter(deed["fate"] for deed in document["done"])
        assert not document["complete"]
        assert set(fates) == {"done", "not reached"}
        assert sum(fates.values()) == len(document["plan"]["changes"]) == 14
        assert fates["done"] == len(fake.state.flavors) - 1
        assert all(flavor.extra_specs["scs:name-v2"] == flavor.name for flavor in fake.state.flavors)
