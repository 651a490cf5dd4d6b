"""`allmende check --heavy`: the tests of Tempest, by a Tempest that only looks like one."""

import json
from pathlib import Path

import pytest

from allmende.programs.environment import shipped
from allmende.standards.tempest_list import load_tempest_list
from allmende.testing.openstack import FakeOpenStack
from allmende.testing.tempest import FakeTempest

from .conftest import Check

ONLY = ("--only", "scs-0128-tempest")
TESTS = load_tempest_list().tests


@pytest.fixture
def tempest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTempest:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return FakeTempest(shipped("tempest").path(tmp_path / "cache" / "allmende"), TESTS)


def test_without_heavy_it_is_not_attempted_and_says_how(check: Check, tempest: FakeTempest) -> None:
    said = check("fake", *ONLY)
    assert said.code == 2
    assert "--heavy" in said.err
    assert tempest.calls == []


def test_a_failed_test_is_shown_with_its_reason_and_a_repaired_one_passes(
    check: Check, tempest: FakeTempest, fake: FakeOpenStack
) -> None:
    before = fake.resources()
    tempest.behave({TESTS[0].name: "fail"})
    said = check("fake", "--heavy", *ONLY, "--json")
    (row,) = json.loads(said.out)["results"]
    assert row["outcome"] == "FAIL"
    assert "lib.Gone: No such thing" in said.out
    tempest.behave({})
    said = check("fake", "--heavy", *ONLY, "--json")
    assert json.loads(said.out)["results"][0]["outcome"] == "PASS"
    assert fake.resources() == before


def test_what_has_no_result_yet_runs_with_resume(check: Check, tempest: FakeTempest) -> None:
    tempest.behave({TESTS[1].name: "die"})
    said = check("fake", "--heavy", *ONLY, "--json")
    assert said.code == 3
    assert "--resume" in said.out
    tempest.behave({})
    said = check("fake", "--heavy", "--resume", *ONLY, "--json")
    assert json.loads(said.out)["results"][0]["outcome"] == "PASS"
    assert len(tempest.calls[-1]["tests"]) < len(TESTS)  # type: ignore[arg-type]  # a list


def test_two_accounts_of_one_project_are_refused(check: Check, tempest: FakeTempest, fake: FakeOpenStack) -> None:
    before = fake.resources()
    said = check("fake", "--heavy", "--tempest-account", "credential", *ONLY)
    assert said.code == 2
    assert "accounts of the same project" in said.err
    assert fake.resources() == before
