"""Previews as a person meets them: shown, never counted, with what people have to hand in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from allmende.cli import explain
from allmende.testing.openstack import FakeOpenStack

Check = Callable[..., Any]
NEXT = ("--version", "next")
PREVIEWS = ("--only", "scs-0121-*", "--only", "scs-012[4567]-*", "--only", "scs-0302-*", "--only", "*-check")


def outcomes(said: Any) -> dict[str, str]:
    return {result["testcase"]: result["outcome"] for result in json.loads(said.out)["results"]}


def test_previews_of_a_cloud_that_provides_what_the_drafts_ask_for(check: Check) -> None:
    said = check("fake", *NEXT, *PREVIEWS, "--domain-manager", "manager", "--json")
    found = outcomes(said)
    assert {id_ for id_, outcome in found.items() if outcome == "FAIL"} == {
        "scs-0125-tls-endpoints",  # a fake cloud speaks plain HTTP
        "scs-0125-tls-profile",
    }
    assert {id_ for id_, outcome in found.items() if outcome == "DNF"} == {
        "scs-0121-storage-zones",  # it has one zone
        "scs-0126-ipv4-pool",  # which is optional
    }
    assert len([id_ for id_, outcome in found.items() if outcome == "PASS"]) > 10


def test_what_fails_as_a_preview_changes_no_verdict(check: Check) -> None:
    said = check("fake", *NEXT, "--only", "scs-0114-syntax-check", "--only", "scs-0125-*")
    assert said.code == 0
    assert "Preview (shown, never counted): 2 ✕" in said.out


def test_what_people_judge_is_named_with_where_it_is_said_what_to_hand_in(check: Check) -> None:
    said = check("fake", *NEXT, "--read-only", "--only", "scs-0114-syntax-check", "--only", "*-check")
    words = " ".join(said.out.split())
    assert (
        "Not attempted, is judged by people (`allmende explain key-manager-docs-check` tells what to hand in)" in words
    )


def test_without_a_managers_account_nothing_is_said_about_managers(check: Check) -> None:
    said = check("fake", *NEXT, *PREVIEWS)
    words = " ".join(said.out.split())
    assert "needs a domain manager's account, which --domain-manager names: scs-0302-manages-own-domain" in words


def test_a_manager_who_may_too_much_is_found_out_and_everything_is_removed(check: Check, fake: FakeOpenStack) -> None:
    before = {kind: set(rows) for kind, rows in fake.state.provision.identities.items()}
    fake.state.provision.managers_may = {"admin", "look"}
    said = check("fake", *NEXT, "--only", "scs-0302-*", "--domain-manager", "manager", "--json")
    assert outcomes(said) == {
        "scs-0302-manages-own-domain": "PASS",
        "scs-0302-keeps-to-own-domain": "FAIL",
        "scs-0302-grants-no-admin": "FAIL",
    }
    assert {kind: set(rows) for kind, rows in fake.state.provision.identities.items()} == before


def test_an_unknown_manager_is_a_wrong_word(check: Check) -> None:
    said = check("fake", *NEXT, "--only", "scs-0302-*", "--domain-manager", "nobody")
    assert said.code == 2
    assert "There is no cloud `nobody`" in said.err


def test_previews_that_alone_are_chosen_are_shown_with_their_reasons(check: Check) -> None:
    said = check("fake", *NEXT, "--only", "scs-0302-*", "--domain-manager", "fake")
    assert "reason    The domain manager could not be observed" in said.out
    assert said.last_line == "cloud fake: no mandatory testcase of SCS-compatible IaaS next was chosen"
    assert "Only 0 of" not in said.out


@pytest.mark.parametrize("testcase", ["availability-zones-check", "scs-0124-update-notices"])
def test_explain_says_what_to_hand_in(testcase: str) -> None:
    said = CliRunner().invoke(explain.app, [testcase])
    assert said.exit_code == 0
    assert "What to hand in\n  - " in said.output
    plain = json.loads(CliRunner().invoke(explain.app, [testcase, "--json"]).output)
    assert len(plain["attestation"]) > 2


def test_explain_marks_an_id_of_our_own() -> None:
    assert "The id is Allmende's own" in CliRunner().invoke(explain.app, ["scs-0125-tls-profile"]).output
    assert "The id is Allmende's own" not in CliRunner().invoke(explain.app, ["scs-0101-flavor-property"]).output
