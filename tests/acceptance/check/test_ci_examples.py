"""The CI examples of the documentation, run as a CI system would: same shell, same variables, a fake cloud."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from allmende.testing.openstack import FakeOpenStack

PAGE = Path(__file__).parents[3] / "docs/how-to/use-check-in-ci.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [yaml.safe_load(block) for block in _BLOCK.findall(PAGE.read_text())]
(GITHUB,) = [example for example in EXAMPLES if "jobs" in example]
GITLAB = {name: job for example in EXAMPLES if "jobs" not in example for name, job in example.items()}
CREDENTIAL = {
    "OS_AUTH_TYPE",
    "OS_AUTH_URL",
    "OS_REGION_NAME",
    "OS_APPLICATION_CREDENTIAL_ID",
    "OS_APPLICATION_CREDENTIAL_SECRET",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A workspace with the variables that a CI system hands to its scripts."""

    folder: Path
    variables: dict[str, str]

    def run(self, script: str, *, by: str = "bash") -> int:
        """Run a script as CI systems do, ending at the first command that fails."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        environ |= self.variables
        environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
        environ["XDG_STATE_HOME"] = str(self.folder / "state")
        done = subprocess.run(
            [by, "-e", "-c", script], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert "usage:" not in done.stderr.lower(), done.stderr
        assert "canary" not in done.stdout + done.stderr
        return done.returncode


@pytest.fixture
def job(fake: FakeOpenStack, tmp_path: Path) -> Job:
    cloud = fake.clouds()["credential"]
    variables = {f"OS_{name.upper()}": str(value) for name, value in cloud["auth"].items()}
    variables |= {"OS_AUTH_TYPE": cloud["auth_type"], "OS_REGION_NAME": cloud["region_name"]}
    variables = {name: value for name, value in variables.items() if name in CREDENTIAL}
    assert set(variables) == CREDENTIAL
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Job(folder=folder, variables=variables)


def _lines(job: Any, *parts: str) -> str:
    return "\n".join(line for part in parts for line in job[part])


def _break(fake: FakeOpenStack) -> None:
    fake.state.flavors = [flavor for flavor in fake.state.flavors if flavor.name != "SCS-2V-8"]


def test_the_workflow_hands_over_the_credential_and_nothing_else() -> None:
    (workflow_job,) = GITHUB["jobs"].values()
    assert set(workflow_job["env"]) == CREDENTIAL
    assert workflow_job["env"]["OS_AUTH_TYPE"] == "v3applicationcredential"
    assert "secrets." in workflow_job["env"]["OS_APPLICATION_CREDENTIAL_SECRET"]


def test_the_workflow_of_github_makes_alerts_of_failures_only(job: Job, fake: FakeOpenStack) -> None:
    _break(fake)
    (workflow_job,) = GITHUB["jobs"].values()
    scripts = {step["name"]: step["run"] for step in workflow_job["steps"] if "run" in step}
    assert job.run(scripts["Check"]) == 1
    assert job.run(scripts["Convert"]) == 0
    (uploaded,) = [step["with"] for step in workflow_job["steps"] if "upload-sarif" in step.get("uses", "")]
    (run,) = json.loads((job.folder / uploaded["sarif_file"]).read_bytes())["runs"]
    assert "scs-0103-flavor-2v-8" in {result["ruleId"] for result in run["results"]}
    assert "pass" not in {result["kind"] for result in run["results"]}
    (kept,) = [step["with"]["path"] for step in workflow_job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert {path.name for path in job.folder.glob(kept)} == {"report.json", "report.html", "report.sarif"}


def test_the_job_of_gitlab_leaves_the_artifacts_that_it_names(job: Job, fake: FakeOpenStack) -> None:
    _break(fake)
    example = GITLAB["conformance"]
    assert job.run(_lines(example, "script"), by="sh") == 1
    assert job.run(_lines(example, "after_script"), by="sh") == 0
    for name in [*example["artifacts"]["paths"], example["artifacts"]["reports"]["junit"]]:
        assert (job.folder / name).stat().st_size
    root = ET.parse(job.folder / "junit.xml").getroot()  # noqa: S314 -- written just now
    assert [case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None] == [
        "scs-0103-flavor-2v-8"
    ]


def test_an_inconclusive_run_of_gitlab_is_a_warning(job: Job, fake: FakeOpenStack) -> None:
    fake.fail("image")
    example = GITLAB["conformance"]
    assert job.run(_lines(example, "script"), by="sh") in example["allow_failure"]["exit_codes"]


def test_the_comparing_job_fails_only_when_something_got_worse(job: Job, fake: FakeOpenStack) -> None:
    example = GITLAB["worse-than-last-night"]

    def night() -> int:
        code = job.run(_lines(example, "script"), by="sh")
        assert job.run(_lines(example, "after_script"), by="sh") == 0
        return code

    assert night() == 0
    _break(fake)
    assert night() == 1
    assert night() == 0, "what failed last night already is not worse"
    assert (job.folder / example["cache"]["paths"][0] / "report.json").exists()


def test_the_job_in_a_container_runs_the_same_script_in_a_shell() -> None:
    example = GITLAB["conformance-in-a-container"]
    assert example["script"] == GITLAB["conformance"]["script"]
    assert example["image"]["entrypoint"] == [""]
