"""The list of tests that scs-0128 demands is whole, and one that is wrong is refused."""

import re
from pathlib import Path

import pytest

from allmende.errors import DocumentError
from allmende.standards.tempest_list import SECOND_PROJECT, load_tempest_list, read_tempest_list

HEAD = "standard: scs-0128-v1\nsource: https://example.org/list\nas_of: 2026-08-06\n"


def test_the_list_that_comes_with_us_is_the_standards() -> None:
    found = load_tempest_list()
    assert found.standard == "scs-0128-v1"
    assert len(found.tests) == len({test.name for test in found.tests}) == 258
    assert all(re.fullmatch(r"[0-9a-f-]{36}", test.id) for test in found.tests)
    assert all(test.name.startswith("tempest.api.") for test in found.tests)
    assert "test_user_account_lockout" not in {test.method for test in found.tests}
    assert {test.class_name.rsplit(".", 1)[-1] for test in found.tests if SECOND_PROJECT in test.needs} == {
        "IdentityV3ProjectsTest"
    }


@pytest.mark.parametrize(
    ("classes", "complaint"),
    [
        ("classes: []\n", "names no test"),
        ("classes: [{name: a.B, tests: {test_c: 1}}]\n", "must be a text"),
        ("classes: [{name: a.B, needs: [luck], tests: {test_c: x}}]\n", "luck"),
        ("classes: [{name: a.B, tests: {test_c: x}, more: 1}]\n", "more"),
    ],
)
def test_what_is_not_well_formed_is_refused(tmp_path: Path, classes: str, complaint: str) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(HEAD + classes, "utf-8")
    with pytest.raises(DocumentError, match=complaint):
        read_tempest_list(file)
