"""What a definition says of people's work and of ids that are ours."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from allmende.errors import DocumentError
from allmende.standards.load import load_standards, read_standards
from allmende.standards.model import Target

STANDARDS = load_standards()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with as_file(files("allmende.standards") / "data") as data:
        return Path(shutil.copytree(data, tmp_path / "data"))


def test_every_testcase_that_people_judge_says_what_to_hand_in_and_no_other_does() -> None:
    for testcase in STANDARDS.testcases.values():
        assert bool(testcase.attestation) is not testcase.automated, testcase.id


def test_what_only_we_have_is_never_counted() -> None:
    own = {testcase.id for testcase in STANDARDS.testcases.values() if testcase.own}
    assert "scs-0125-tls-profile" in own
    for scope in STANDARDS.scopes:
        for version in scope.versions:
            assert not own & set(version.testcases(Target.MAIN, Target.RECOMMENDED)), version.name


def test_the_drafts_that_no_version_lists_are_shown_in_the_next_one_only() -> None:
    drafts = {f"scs-{number}-v1" for number in ("0124", "0125", "0126", "0127")}
    for version in STANDARDS.scope("iaas").versions:
        listed = {module.id for module in version.modules}
        assert drafts & listed == (drafts if version.name == "next" else set()), version.name


def test_an_automated_testcase_with_an_attestation_is_refused(folder: Path) -> None:
    file = folder / "testcases/scs-0121.yaml"
    text = file.read_text("utf-8")
    assert "    automated: false\n" in text
    file.write_text(text.replace("    automated: false\n", "", 1), "utf-8")
    with pytest.raises(DocumentError, match="`attestation` is for testcases that people judge"):
        read_standards(folder)
