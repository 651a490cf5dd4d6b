"""What was asked wrongly, or of a cloud that does not answer: one sentence, one next step, the right exit code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allmende.testing.openstack import FakeOpenStack

Check = Callable[..., Any]


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_a_time_limit_in_which_nothing_can_be_seen_is_refused(check: Check, fake: FakeOpenStack, seconds: str) -> None:
    said = check("fake", "--timeout", seconds)
    assert (said.code, said.out) == (2, "")
    assert "--timeout" in said.err


@pytest.mark.parametrize(
    ("words", "complaint", "advice"),
    [
        (["nope"], "no cloud `nope`", "`credential`, `fake`"),
        ([], "none was chosen", "`credential`, `fake`"),
        (["fake", "--os-cloud", "credential"], "Two clouds are named", "Name one"),
        (["fake", "--only", "scs-0103"], "matches `scs-0103`", "`scs-0103*`"),
        (
            ["fake", "--read-only", "--only", "scs-0117-test-backup"],
            "which this run does not create",
            "allmende explain",
        ),
        (["fake", "--scope", "paas"], "no scope `paas`", "aas"),
        (["fake", "--version", "v99"], "no version `v99`", "v5.1"),
        (["fake", "-o", "nowhere/report.json"], "no directory nowhere", "mkdir"),
        (["fake", "-o", "report.txt"], "names no form", ".json"),
        (["fake", "--subject", ""], "cannot be the name of a subject", "--subject"),
        (["fake", "--subject", "a\nb"], "cannot be the name of a subject", "--subject"),
        (["fake", "--key", "id"], "not written", "-o"),
        (["fake", "-o", "report.json", "--key", "id"], "The private key in id cannot be read", "ssh-keygen"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_sent(
    check: Check, fake: FakeOpenStack, words: list[str], complaint: str, advice: str
) -> None:
    said = check(*words)
    assert (said.code, said.out) == (2, "")
    error, hint = said.err.strip().splitlines()
    assert error.startswith("error: ")
    assert complaint in error
    assert hint.startswith("next: ")
    assert advice in hint
    assert fake.calls == []


def test_a_broken_file_is_named_with_its_line(check: Check, tmp_path: Path) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds:\n  fake:\n   auth: {password: canary, [", encoding="utf-8")
    said = check("fake")
    assert said.code == 2
    assert f"{tmp_path / 'clouds.yaml'}, line 3" in said.err


def test_a_wrong_password_is_no_verdict(check: Check, fake: FakeOpenStack) -> None:
    fake.state.password = "another"
    said = check("fake")
    assert (said.code, said.out) == (3, "")
    assert "refused the credential of `alice` for the project `demo`" in said.err


def test_an_expired_credential_is_no_verdict(check: Check, fake: FakeOpenStack) -> None:
    fake.state.credential_expired = True
    said = check("credential")
    assert said.code == 3
    assert "refused the application credential" in said.err
    assert "expired" in said.err


@pytest.mark.parametrize("trouble", ["fail", "answer_html", "truncate", "drop", "cut"])
def test_a_cloud_without_a_working_keystone_is_no_verdict(check: Check, fake: FakeOpenStack, trouble: str) -> None:
    getattr(fake, trouble)("identity")
    said = check("fake")
    assert (said.code, said.out) == (3, "")
    assert fake.auth_url in said.err
    assert "next: " in said.err


def test_a_report_that_cannot_be_written_is_no_bug(check: Check, tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    said = check("fake", "-o", "report.json")
    assert said.code == 2
    assert "error: report.json cannot be written: Is a directory." in said.err


def test_secrets_stay_unsaid_even_when_every_request_is_logged(
    check: Check, fake: FakeOpenStack, caplog: pytest.LogCaptureFixture
) -> None:
    check("fake", "--verbose")
    fake.fail("compute", status=500)
    check("credential", "--verbose")
    assert f"{fake.url}/compute" in caplog.text
    assert "X-Auth-Token" in caplog.text
    for secret in (fake.state.password, fake.state.credential_secret, *fake.state.tokens):
        assert secret not in caplog.text


def test_a_file_that_is_no_key_is_named_before_anything_is_asked(
    check: Check, fake: FakeOpenStack, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("no key")
    said = check("fake", "-o", "report.json", "--key", "key")
    assert said.code == 2
    assert "error: key: The file holds no OpenSSH private key." in said.err
    assert fake.calls == []


def test_standard_output_is_not_taken_for_a_file_of_the_name_minus(check: Check, tmp_path: Path) -> None:
    said = check("fake", "-o", "-", "--format", "json")
    assert said.code == 2
    assert "--json" in said.err
    assert not (tmp_path / "-").exists()
