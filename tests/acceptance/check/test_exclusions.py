"""What is knowingly left as it is: shown with its outcome, everywhere, and changing neither verdict nor exit code."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from allmende.cli import app
from allmende.report.formats import Form, read
from allmende.testing.openstack import FakeOpenStack

Check = Callable[..., Any]
OWNER = "Flavor team <flavors@example.org>"
TODAY = datetime.now(UTC).date()  # noqa: TID251 -- as the command line does
SOON = TODAY + timedelta(days=30)


@pytest.fixture
def broken(fake: FakeOpenStack) -> FakeOpenStack:
    """A cloud on which three standard flavors are wrong."""
    wrong = {"SCS-2V-8", "SCS-4V-16", "SCS-8V-32"}
    fake.state.flavors = [replace(f, ram_mib=1024) if f.name in wrong else f for f in fake.state.flavors]
    return fake


@pytest.fixture
def excluded(tmp_path: Path) -> str:
    """A file that excludes two of them and two testcases that need nothing of the kind."""
    return written(tmp_path, "'scs-0103-flavor-[28]v-*'", SOON.isoformat())


def written(folder: Path, testcase: str, expires: str) -> str:
    entry = (
        f"  - testcase: {testcase}\n    reason: New hosts come in spring.\n    owner: {OWNER}\n    expires: {expires}\n"
    )
    (folder / "exclusions.yaml").write_text(f"exclusions:\n{entry}", encoding="utf-8")
    return "exclusions.yaml"


def test_an_exclusion_changes_neither_verdict_nor_exit_code(check: Check, broken: FakeOpenStack, excluded: str) -> None:
    without = check("fake", "--only", "scs-0103-*")
    said = check("fake", "--only", "scs-0103-*", "--exclusions", excluded)
    assert said.code == without.code == 1
    assert said.last_line == without.last_line
    assert "✕ FAIL, 12 ✓ 3 ✕" in said.last_line


def test_a_failure_shows_why_it_is_left_whose_it_is_and_until_when(
    check: Check, broken: FakeOpenStack, excluded: str
) -> None:
    said = check("fake", "--only", "scs-0103-*", "--exclusions", excluded)
    block = said.out[said.out.index("✕ scs-0103-flavor-2v-8") : said.out.index("✕ scs-0103-flavor-4v-16")]
    assert f"    excluded  until {SOON}, {OWNER}: New" in block
    assert "    fix  " in block
    section = said.out[said.out.index("Excluded by whoever runs the cloud, which changes no outcome:") :]
    assert f"  until {SOON}, {OWNER}: New" in section
    assert "    ✕ scs-0103-flavor-2v-8, scs-0103-flavor-8v-32\n" in section
    assert "scs-0103-flavor-2v-4" in section[section.index("    ✓ ") : section.index("no longer needed")].replace(
        "\n", ""
    )
    assert "scs-0103-flavor-4v-16" not in section.split("More:")[0]
    assert all(len(line) <= 80 for line in section.splitlines())


def test_json_has_it_with_each_testcase(check: Check, broken: FakeOpenStack, excluded: str) -> None:
    document = json.loads(check("fake", "--only", "scs-0103-*", "--exclusions", excluded, "--json").out)
    by_id = {result["testcase"]: result for result in document["results"]}
    said = {"reason": "New hosts come in spring.", "owner": OWNER, "expires": SOON.isoformat()}
    assert by_id["scs-0103-flavor-2v-8"]["exclusion"] == said
    assert by_id["scs-0103-flavor-2v-8"]["outcome"] == "FAIL"
    assert "exclusion" not in by_id["scs-0103-flavor-4v-16"]
    assert document["verdict"] == "FAIL"


def test_what_was_not_attempted_is_excluded_as_visibly(check: Check, tmp_path: Path) -> None:
    file = written(tmp_path, "domain-manager-check", SOON.isoformat())
    document = json.loads(check("fake", "--exclusions", file, "--json").out)
    (missing,) = [entry for entry in document["missing"] if entry["testcase"] == "domain-manager-check"]
    assert missing["exclusion"]["owner"] == OWNER


def test_reports_carry_it_in_both_forms(check: Check, broken: FakeOpenStack, excluded: str, tmp_path: Path) -> None:
    check("fake", "--only", "scs-0103-*", "--exclusions", excluded, "-o", "report.json")
    (ours,) = read(Form.OWN, (tmp_path / "report.json").read_bytes())
    (exclusion,) = [each for each in ours.exclusions if each.testcase == "scs-0103-flavor-2v-8"]
    assert (exclusion.owner, exclusion.expires) == (OWNER, SOON)
    check("fake", "--only", "scs-0103-*", "--exclusions", excluded, "-o", "report.yaml")
    (theirs,) = read(Form.UPSTREAM_YAML, (tmp_path / "report.yaml").read_bytes())
    assert {r.testcase: r.outcome for r in theirs.results} == {r.testcase: r.outcome for r in ours.results}
    line = f"WARNING: scs-0103-flavor-2v-8: excluded until {SOON} by {OWNER}: New hosts come in spring."
    ((_, invocation),) = yaml.safe_load((tmp_path / "report.yaml").read_text())["run"]["invocations"].items()
    assert line in invocation["stderr"]


@pytest.mark.parametrize(
    ("testcase", "expires", "complaint"),
    [
        ("scs-0103-flavor-2v-8", "2026-01-01", "line 2, scs-0103-flavor-2v-8: it has expired on 2026-01-01."),
        ("scs-0103-flavor-2v-9", SOON.isoformat(), "line 2, scs-0103-flavor-2v-9: there is no such testcase."),
    ],
)
def test_what_cannot_be_excluded_is_refused_before_anything_is_sent(
    check: Check, fake: FakeOpenStack, tmp_path: Path, testcase: str, expires: str, complaint: str
) -> None:
    said = check("fake", "--exclusions", written(tmp_path, testcase, expires))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"error: exclusions.yaml, {complaint}\nnext: ")
    assert fake.calls == []


def test_a_file_that_is_not_there_is_named(check: Check, fake: FakeOpenStack) -> None:
    said = check("fake", "--exclusions", "none.yaml")
    assert said.code == 2
    assert "The exclusions in none.yaml cannot be read" in said.err


def test_a_report_that_is_shown_shows_it(
    check: Check, broken: FakeOpenStack, excluded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check("fake", "--only", "scs-0103-*", "--exclusions", excluded, "-o", "report.json")
    shown = CliRunner().invoke(app, ["report", "show", "report.json"]).stdout
    assert f"excluded until {SOON}, {OWNER}: New" in shown
