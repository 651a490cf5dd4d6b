"""A scope whose testcases are all previews: shown in full, and without a verdict."""

import json

import pytest

from allmende.testing.guest import healthy_guest
from allmende.testing.openstack import FakeOpenStack

from .conftest import Check

GOVSTACK = ("--scope", "govstack-cloud-infrastructure")


def test_a_clean_cloud_gets_no_verdict_and_is_left_as_it_was(check: Check, fake: FakeOpenStack) -> None:
    fake.prints(healthy_guest)
    fake.state.provision.compute_zones = {"east": True, "west": True}
    said = check("fake", *GOVSTACK, "--rate", "500")
    assert "Preview (shown, never counted): 15 ✓" in said.out
    assert said.last_line == (
        "cloud fake: GovStack Cloud Infrastructure v1.0.1 has no mandatory testcase, so there is no verdict"
    )
    assert said.code == 3
    assert fake.resources() == []


def test_what_fails_is_shown_with_its_remedy(check: Check, fake: FakeOpenStack) -> None:
    fake.refuse("POST", "/os-server-groups")
    said = check("fake", *GOVSTACK, "--only", "govstack-server-groups")
    assert "✕ govstack-server-groups" in said.out
    assert "openstack server group create --policy anti-affinity probe" in said.out
    assert "mandatory testcases were chosen" not in said.out
    assert said.code == 3


def test_without_orchestration_another_way_is_named(check: Check, fake: FakeOpenStack) -> None:
    fake.remove_service("orchestration")
    said = check("fake", *GOVSTACK, "--only", "govstack-infrastructure-as-code")
    assert "OpenTofu and Terraform" in " ".join(said.out.split())
    assert said.code == 3


def test_machines_are_told_that_nothing_is_decided(check: Check) -> None:
    said = check("fake", *GOVSTACK, "--only", "govstack-token-*", "--json")
    told = json.loads(said.out)
    assert told["verdict"] == "MISS"
    assert told["counts"]["main"] == {"PASS": 0, "FAIL": 0, "DNF": 0, "MISS": 0}
    assert told["counts"]["preview"]["PASS"] == 2


def test_the_secret_of_a_temporary_credential_is_not_logged(check: Check, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    said = check("fake", *GOVSTACK, "--only", "govstack-reader-role", "--verbose")
    logged = said.err + caplog.text
    assert "Preview (shown, never counted): 1 ✓" in said.out
    assert "/os-server-groups" in logged
    assert '"secret"' not in logged
