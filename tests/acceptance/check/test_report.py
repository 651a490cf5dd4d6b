"""The report that a run writes is one that the registry and OpenSSH accept."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allmende.report.formats import Form, read
from allmende.report.keys import parse_public_key
from allmende.report.sign import signer

Check = Callable[..., Any]


def test_a_report_in_our_own_form_says_everything(check: Check, tmp_path: Path) -> None:
    check("fake", "-o", "report.json", "--subject", "my-region")
    (report,) = read(Form.OWN, (tmp_path / "report.json").read_bytes())
    assert (report.subject, report.scope_name, report.complete) == ("my-region", "SCS-compatible IaaS", True)
    assert {"scs-0103-flavor-2v-8", "scs-0123-swift-s3"} <= {result.testcase for result in report.results}
    assert all(result.summary for result in report.results)


def test_a_report_in_the_form_of_the_public_suite_is_readable_as_such(check: Check, tmp_path: Path) -> None:
    check("fake", "-o", "report.yaml")
    (report,) = read(Form.UPSTREAM_YAML, (tmp_path / "report.yaml").read_bytes())
    assert report.subject == "fake"
    others = {result.testcase for result in report.results if result.outcome != "PASS"}
    assert others == {"scs-0121-storage-zones"}  # the cloud has one zone


def test_a_signature_is_one_that_openssh_verifies(check: Check, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    check("fake", "-o", "report.json", "--key", str(key))
    allowed = tmp_path / "allowed"
    allowed.write_text(f"me {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    verify = ["ssh-keygen", "-Y", "verify", "-n", "report", "-I", "me", "-f", str(allowed)]
    with (tmp_path / "report.json").open("rb") as report:
        subprocess.run(
            [*verify, "-s", str(tmp_path / "report.json.sig")], stdin=report, check=True, capture_output=True
        )


def test_a_key_with_a_passphrase_signs_as_it_does_for_a_report(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "correct horse", "-f", str(key)], check=True)
    refused = check("fake", "-o", "report.json", "--key", str(key))
    assert refused.code == 3
    assert "next: Set ALLMENDE_KEY_PASSPHRASE" in refused.err
    assert not (tmp_path / "report.json").exists()
    monkeypatch.setenv("ALLMENDE_KEY_PASSPHRASE", "correct horse")
    check("fake", "-o", "report.json", "--key", str(key))
    public = parse_public_key(key.with_suffix(".pub").read_text(encoding="utf-8"))
    assert signer((tmp_path / "report.json").read_bytes(), (tmp_path / "report.json.sig").read_bytes()) == public


def test_the_report_and_the_terminal_agree(check: Check, tmp_path: Path) -> None:
    shown = json.loads(check("fake", "-o", "report.json", "--json").out)
    written = json.loads((tmp_path / "report.json").read_bytes())
    assert {r["testcase"]: r["outcome"] for r in shown["results"]} == {
        r["testcase"]: r["outcome"] for r in written["results"]
    }


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("report.xml", b"<?xml"), ("report.sarif", b"{"), ("report.html", b"<!doctype html>")],
)
def test_the_ending_of_the_file_names_the_form(check: Check, tmp_path: Path, name: str, beginning: bytes) -> None:
    check("fake", "-o", name)
    content = (tmp_path / name).read_bytes()
    assert content.startswith(beginning)
    assert b"scs-0103-flavor-2v-8" in content


def test_a_form_can_be_named(check: Check, tmp_path: Path) -> None:
    check("fake", "-o", "results.json", "--format", "oscal")
    assert "assessment-results" in json.loads((tmp_path / "results.json").read_bytes())


def test_a_form_that_is_not_read_back_is_not_signed(check: Check, tmp_path: Path) -> None:
    said = check("fake", "-o", "junit.xml", "--key", "key")
    assert said.code == 2
    assert "error: The form junit is not signed" in said.err
    assert "next: Write and sign report.json, then: allmende report convert report.json --to junit" in said.err
    assert not (tmp_path / "junit.xml").exists()
