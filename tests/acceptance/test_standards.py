"""`allmende standards` and `allmende explain`, as a person or a script calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent


def allmende(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "80", **environ}
    return subprocess.run(
        [sys.executable, "-m", "allmende", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )


def answer(*arguments: str) -> Any:
    done = allmende(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def overview_of_2024_12_11() -> Any:
    return answer("standards", "list", "--as-of", "2024-12-11")


def test_the_overview_of_a_past_day_is_what_was_public_then(overview_of_2024_12_11: Any) -> None:
    expected = yaml.safe_load((HERE / "data" / "standards-2024-12-11.yaml").read_text())
    documents = overview_of_2024_12_11["documents"]
    assert {id_: documents.get(id_) for id_ in expected["documents"]} == expected["documents"]
    for track, ids in expected["sidebar"].items():
        assert overview_of_2024_12_11["sidebar"][track][: len(ids)] == ids


def test_the_overview_of_a_past_day_holds_nothing_later(overview_of_2024_12_11: Any) -> None:
    assert not {"scs-0005", "scs-0109", "scs-0128", "scs-0500"} & set(overview_of_2024_12_11["documents"])
    assert overview_of_2024_12_11["sidebar"]["Global"][-1] == "scs-0112"


def test_the_list_is_filtered_by_track_and_status() -> None:
    documents = answer("standards", "list", "--track", "kaas", "--status", "effective")["documents"]
    assert "scs-0219" in documents
    assert {row["track"] for row in documents.values()} == {"KaaS"}
    assert all(row["effective"] for row in documents.values())


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "--as-of", "2024-12-11"),
        ("show", "scs-0103"),
        ("show", "scs-0103-v1"),
        ("show", "iaas"),
        ("show", "iaas", "v5.1"),
        ("timeline",),
        ("timeline", "kaas"),
        ("diff", "iaas", "v4", "v5.1"),
    ],
)
def test_the_usual_answer_fits_80_columns_and_has_no_colour_when_piped(arguments: tuple[str, ...]) -> None:
    done = allmende("standards", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "\x1b" not in done.stdout
    addresses_apart = [line for line in done.stdout.splitlines() if "https://" not in line]
    assert max(map(len, addresses_apart)) <= 80


def test_a_scope_says_first_what_counts() -> None:
    assert (
        "On 2024-12-11: v5 is effective, v4 is effective."
        in allmende("standards", "show", "iaas", "--as-of", "2024-12-11").stdout
    )


def test_show_answers_for_every_kind_of_name() -> None:
    versions = answer("standards", "show", "scs-0100")["documents"]
    assert [version["name"] for version in versions] == ["scs-0100-v1", "scs-0100-v2", "scs-0100-v3", "scs-0100-w1"]
    assert answer("standards", "show", "scs-0100", "v3")["documents"][0]["status"] == "Stable"
    assert answer("standards", "show", "kaas")["uuid"] == "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
    assert [v["name"] for v in answer("standards", "show", "iaas", "v4")["versions"]] == ["v4"]
    assert answer("standards", "show", "scs-0115-default-rules")["id"] == "scs-0115-default-rules"


def test_the_timeline_of_a_past_day_does_not_know_the_future() -> None:
    (scope,) = answer("standards", "timeline", "iaas", "--as-of", "2024-12-11")["scopes"]
    assert scope["timeline"][-1] == {
        "since": "2024-11-21",
        "validity": {"v5": "effective", "v4": "effective", "v3": "deprecated"},
    }


def test_diff_says_what_a_newer_version_adds() -> None:
    changes = answer("standards", "diff", "iaas", "v4", "v5.1")["changes"]
    added = {change["testcase"]: change["new"] for change in changes if change["old"] is None}
    assert added["scs-0117-test-backup"] == "main"
    assert added["scs-0114-encrypted-type"] == "recommended"
    assert "30 testcases added, 2 testcases dropped." in allmende("standards", "diff", "iaas", "v4", "v5.1").stdout


def test_a_version_is_unknown_before_its_time() -> None:
    past = ("--as-of", "2024-12-11")
    assert allmende("standards", "show", "iaas", "v5.1", *past).returncode == 2
    assert allmende("standards", "diff", "iaas", "v4", "v5.1", *past).returncode == 2
    assert answer("standards", "diff", "iaas", "v4", "v5", *past)["old"] == {"name": "v4", "validity": "effective"}
    assert "v5.1" not in {version["name"] for version in answer("standards", "show", "iaas", *past)["versions"]}
    uses = answer("explain", "scs-0115-default-rules", *past)["uses"]
    assert [(use["version"], use["validity"]) for use in uses] == [("v5", "effective")]


def test_before_the_first_version_nothing_counts() -> None:
    done = allmende("standards", "show", "kaas", "--as-of", "2024-01-01")
    assert done.returncode == 0
    assert "no version counts" in done.stdout


def test_explain_says_what_is_demanded_how_it_is_judged_and_what_to_type() -> None:
    done = allmende("explain", "scs-0115-default-rules")
    assert done.returncode == 0, done.stderr
    for part in ("What is demanded", "How it is judged", "How to fix it", "SCS-compatible IaaS v5.1", "main"):
        assert part in done.stdout
    assert "\n    openstack default security group rule list\n" in done.stdout
    assert "default-rules-for-security-groups#standard" in done.stdout


def test_explain_is_honest_about_what_no_check_judges() -> None:
    assert "By a person" in answer("explain", "domain-manager-check")["how"]
    assert "MISS" in answer("explain", "cncf-k8s-conformance")["how"]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("explain", "scs-0115-default-rule"), "scs-0115-default-rules"),
        (("standards", "show", "scs-0103-v2"), "scs-0103-v1"),
        (("standards", "timeline", "aas"), "iaas"),
        (("standards", "diff", "iaas", "v4", "v6"), "v5.1"),
        (("standards", "show", "iaas", "v6"), "v5.1"),
        (("standards", "list", "--as-of", "yesterday"), "YYYY-MM-DD"),
        (("standards", "list", "--track", "cosmos"), "iaas"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_with_a_suggestion(arguments: tuple[str, ...], meant: str) -> None:
    done = allmende(*arguments)
    assert done.returncode == 2
    assert not done.stdout
    assert "error: " in done.stderr
    assert meant in done.stderr.replace("%Y-%m-%d", "YYYY-MM-DD")


def test_the_reference_of_testcases_is_what_definitions_and_checks_say(tmp_path: Path) -> None:
    committed = HERE.parents[1] / "docs" / "reference"
    allmende("standards", "docs", str(tmp_path))
    written = {page.relative_to(tmp_path): page.read_text() for page in tmp_path.rglob("*.md")}
    present = [committed / "testcases.md", *(committed / "testcases").glob("*")]
    assert {page.relative_to(committed): page.read_text() for page in present} == written, (
        "run: rm -r docs/reference/testcases; allmende standards docs docs/reference"
    )
