"""What changes from one version of a scope to another, and what a name means."""

from datetime import date

import pytest

from allmende.errors import UnknownNameError
from allmende.standards import find
from allmende.standards.difference import difference
from allmende.standards.load import load_standards
from allmende.standards.model import Scope, Target, Testcase

STANDARDS = load_standards()
IAAS = STANDARDS.scope("iaas")


def test_a_version_does_not_differ_from_itself() -> None:
    assert all(difference(version, version) == () for version in IAAS.versions)


def test_added_dropped_and_moved_testcases_are_told_apart() -> None:
    changes = {c.testcase: (c.old, c.new) for c in difference(IAAS.version("v5.1"), IAAS.version("next"))}
    assert changes["scs-0102-prop-os_purpose"] == (Target.RECOMMENDED, Target.MAIN)
    assert changes["scs-0123-service-s3"] == (None, Target.MAIN)
    assert changes["scs-0123-swift-s3"] == (Target.MAIN, None)
    assert "scs-0100-syntax-check" not in changes


def test_the_difference_is_the_same_in_both_directions() -> None:
    there = {(c.testcase, c.old, c.new) for c in difference(IAAS.version("v4"), IAAS.version("v5.1"))}
    back = {(c.testcase, c.new, c.old) for c in difference(IAAS.version("v5.1"), IAAS.version("v4"))}
    assert there == back


def test_a_name_means_a_document_a_version_a_scope_or_a_testcase() -> None:
    documents = find.find(STANDARDS, "scs-0100")
    assert isinstance(documents, tuple)
    assert [document.name for document in documents] == ["scs-0100-v1", "scs-0100-v2", "scs-0100-v3", "scs-0100-w1"]
    assert isinstance(find.find(STANDARDS, "SCS-compatible IaaS"), Scope)
    assert isinstance(find.find(STANDARDS, "scs-0115-default-rules"), Testcase)


@pytest.mark.parametrize(
    ("name", "hint"), [("scs-0115-default-rule", "scs-0115-default-rules"), ("SCS-0103-v2", "scs-0103-v1")]
)
def test_an_unknown_name_is_answered_with_what_was_meant(name: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as unknown:
        find.find(STANDARDS, name)
    assert name in str(unknown.value)
    assert f"`{hint}`" in unknown.value.hint


def test_an_unknown_version_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError) as unknown:
        find.version(IAAS, "v6", date(2026, 11, 23))
    assert "v5.1" in unknown.value.hint
