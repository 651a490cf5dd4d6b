"""What a person sees of conformant, broken and half-answering clouds, and what the shell is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from allmende.testing.openstack import FakeOpenStack

Check = Callable[..., Any]
STATIC = ("--only", "scs-010[0234]-*", "--only", "scs-0114-*", "--only", "scs-0115-*", "--only", "scs-0123-*")


def test_a_conformant_cloud_passes_what_can_be_judged_without_resources(check: Check) -> None:
    said = check("fake", *STATIC)
    assert said.code == 0
    assert "SCS-compatible IaaS v5.1 — ✓ PASS, 50 ✓" in said.last_line
    assert "✕" not in said.out


def test_testcases_that_were_not_attempted_keep_the_verdict_open_and_are_named(check: Check) -> None:
    said = check("fake", "--read-only")
    assert said.code == 3
    assert said.last_line.endswith("— – MISS, 50 ✓ 4 –")  # noqa: RUF001 -- the symbol of missing
    assert "scs-0117-test-backup" in said.out


def test_a_failure_says_what_was_seen_what_is_demanded_and_what_to_type(check: Check, fake: FakeOpenStack) -> None:
    fake.state.flavors = [
        replace(flavor, ram_mib=4096) if flavor.name == "SCS-2V-8" else flavor for flavor in fake.state.flavors
    ]
    said = check("fake", "--only", "scs-0103-*")
    assert said.code == 1
    block = said.out[said.out.index("✕ scs-0103-flavor-2v-8") :]
    assert "    seen      RAM: 4096 MiB\n    demanded  8192 MiB\n" in block
    assert "openstack flavor create SCS-2V-8 --vcpus 2 --ram 8192" in block
    assert "\nMore: allmende explain scs-0103-flavor-2v-8\n" in said.out
    assert said.last_line == "cloud fake: SCS-compatible IaaS v5.1 — ✕ FAIL, 14 ✓ 1 ✕"


def test_many_failures_of_one_kind_are_shown_by_example(check: Check, fake: FakeOpenStack) -> None:
    fake.state.flavors = fake.state.flavors[:1]
    said = check("fake", "--only", "scs-0103-*")
    assert said.code == 1
    assert said.out.count("    fix  ") == 2
    assert "✕ Likewise: scs-0103-flavor-" in said.out
    assert len(said.out.splitlines()) < 60


def test_a_recommendation_that_is_not_followed_is_shown_and_not_counted(check: Check, fake: FakeOpenStack) -> None:
    fake.state.flavors = [flavor for flavor in fake.state.flavors if flavor.name != "SCS-16V-64"]
    said = check("fake", "--only", "scs-0103-*")
    assert said.code == 0
    assert "Recommended (shown, never counted): 15 ✓ 1 ✕\n✕ scs-0103-flavor-16v-64\n" in said.out
    assert "✓ PASS, 15 ✓" in said.last_line


@pytest.mark.parametrize("trouble", ["fail", "answer_html", "truncate"])
def test_what_could_not_be_seen_is_neither_passed_nor_failed(check: Check, fake: FakeOpenStack, trouble: str) -> None:
    getattr(fake, trouble)("network")
    said = check("fake", *STATIC)
    assert said.code == 3
    assert "? scs-0115-default-rules\n    reason    The default security group rules could not be observed" in said.out
    assert said.last_line.endswith("— ? DNF, 49 ✓ 1 ?")


def test_a_cloud_with_nothing_passes_nothing_that_looks_at_something(check: Check, fake: FakeOpenStack) -> None:
    fake.state.flavors, fake.state.images, fake.state.volume_types = [], [], []
    said = check("fake", "--only", "scs-010*", "--only", "scs-0114-*")
    assert said.code == 1
    assert "✓" not in said.out


def test_every_line_fits_into_80_columns_but_commands_and_addresses(check: Check, fake: FakeOpenStack) -> None:
    fake.state.flavors = fake.state.flavors[::2]
    fake.state.images = fake.state.images[:3]
    fake.fail("block-storage", status=500)
    for line in check("fake").out.splitlines():
        assert len(line) <= 80 or "http" in line or line.startswith(" " * 14), line


def test_json_holds_the_same_for_machines(check: Check, fake: FakeOpenStack) -> None:
    fake.state.default_rules = []
    said = check("fake", "--read-only", "--json")
    document = json.loads(said.out)
    assert said.code == 1
    assert document["schema"] == "allmende.check/1"
    assert document["verdict"] == "FAIL"
    assert document["counts"]["main"] == {"PASS": 49, "FAIL": 1, "DNF": 0, "MISS": 4}
    failed = [result for result in document["results"] if result["outcome"] == "FAIL"]
    assert [result["testcase"] for result in failed] == ["scs-0115-default-rules"]
    assert failed[0]["evidence"]
    assert {entry["testcase"] for entry in document["missing"]} >= {"scs-0117-test-backup"}
    assert document["requests"] <= 30


def test_another_version_is_measured_on_demand(check: Check) -> None:
    assert "SCS-compatible IaaS v4" in check("fake", "--version", "v4").last_line


def test_output_that_is_piped_has_no_colour(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in check("fake").out


def test_looking_with_a_powerful_role_is_said_because_a_member_may_see_less(check: Check, fake: FakeOpenStack) -> None:
    assert "Looked at with" not in check("fake", "--only", "scs-0103-*").out
    fake.state.roles = ("admin", "member")
    said = check("fake", "--only", "scs-0103-*")
    assert "Looked at with the role admin" in said.out
    assert "✓ PASS" in said.last_line


def test_names_of_the_cloud_do_not_steer_the_terminal(check: Check, fake: FakeOpenStack) -> None:
    evil = replace(fake.state.flavors[0], id="evil", name="SCS-\x1b[2K\x1b[32m✓ PASS\u202e")
    fake.state.flavors.append(evil)
    said = check("fake", "--only", "scs-0100-*")
    assert said.code == 1
    assert "SCS-\N{REPLACEMENT CHARACTER}[2K" in said.out
    assert not {"\x1b", "\u202e"} & set(said.out)
