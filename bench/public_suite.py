"""A checkout of the public test suite of SCS, run beside ours: its environment, its command, and what it prints.

The suite (repository SovereignCloudStack/standards, folder `Tests`) stays where it is checked out, and has a virtual
environment of its own, made from its own requirements. Nothing of it is part of this repository.
"""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

REQUIREMENTS = ("requirements.txt", "iaas/requirements.txt")
LINE = re.compile(r"^(scs-\S+): (PASS|FAIL|ABORT)$", re.MULTILINE)
GUEST = ("scs-0101-entropy-avail", "scs-0101-fips-test")
PATIENCE_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """What one run said: PASS, FAIL or ABORT by testcase, its log, and how long it took."""

    verdicts: Mapping[str, str]
    log: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSuite:
    """`tests` is the folder `Tests` of the checkout, `python` the interpreter of its environment."""

    tests: Path
    python: Path

    @classmethod
    def at(cls, checkout: Path, environment: Path) -> Self:
        """Make its environment where it is missing; `checkout` is the repository or its folder `Tests`."""
        tests = checkout / "Tests" if (checkout / "Tests").is_dir() else checkout
        python = environment / "bin" / "python"
        if not python.exists():
            needed = [word for name in REQUIREMENTS for word in ("-r", str(tests / name))]
            subprocess.run(["uv", "venv", "--quiet", str(environment)], check=True)
            subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), *needed], check=True)
        return cls(tests=tests, python=python)

    def command(self, cloud: str, testcases: Sequence[str]) -> list[str]:
        return [str(self.python), str(self.tests / "iaas" / "openstack_test.py"), "-c", cloud, *testcases]

    def run(self, clouds_yaml: Path, cloud: str, testcases: Sequence[str]) -> SuiteRun:
        began = time.perf_counter()
        done = subprocess.run(
            self.command(cloud, testcases),
            env={**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds_yaml)},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        seconds = time.perf_counter() - began
        verdicts = dict(LINE.findall(done.stdout))
        if not verdicts:
            raise SystemExit(f"The public suite printed no verdict:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return SuiteRun(verdicts=verdicts, log=done.stderr, seconds=seconds)
