"""Every testcase has a runbook, and each finding's link to it leads to a section of a page."""

from dataclasses import replace

import pytest

from allmende.checks.runbooks import runbooks
from allmende.facts.openstack import DefaultSecurityGroupRules
from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.standards.reference import reference


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load_standards()


@pytest.fixture(scope="module")
def pages(standards: Standards) -> dict[str, str]:
    return reference(standards, runbooks(standards))


def test_every_testcase_has_a_page_and_the_index_leads_to_it(standards: Standards, pages: dict[str, str]) -> None:
    for testcase in standards.testcases.values():
        path, _, anchor = testcase.runbook.removeprefix("docs/reference/").partition("#")
        assert f"]({testcase.runbook.removeprefix('docs/reference/')})" in pages["testcases.md"]
        assert f"\n## {anchor}\n" in pages[path] if anchor else pages[path].startswith(f"# {testcase.id}\n")
        for part in (testcase.title, testcase.demand, testcase.url, testcase.remedy, testcase.section):
            assert part in pages[path]


def test_near_identical_testcases_share_a_page_and_others_do_not(standards: Standards) -> None:
    flavors = {t.runbook.partition("#")[0] for t in standards.testcases.values() if t.id.startswith("scs-0103-flavor")}
    assert flavors == {"docs/reference/testcases/scs-0103-flavor.md"}
    alone = standards.testcases["scs-0115-default-rules"]
    assert alone.runbook == "docs/reference/testcases/scs-0115-default-rules.md"
    assert standards.testcases["scs-0114-encrypted-type"].runbook.endswith("/scs-0114-type.md#scs-0114-encrypted-type")
    families = {t.family for t in standards.testcases.values() if t.family}
    assert not families & set(standards.testcases)


def test_a_page_says_how_it_is_judged_from_what_and_what_that_does_to_the_cloud(
    standards: Standards, pages: dict[str, str]
) -> None:
    page = pages["testcases/scs-0115-default-rules.md"]
    assert "The template for new security groups lets nothing in" in page
    assert "- The rules that new security groups get.\n" in page
    assert "It only reads." in page
    assert pages["testcases/scs-0103-flavor.md"].count("How it is judged") == 1
    assert "By a person" in pages["testcases/domain-manager-check.md"]


def test_what_is_created_and_taken_is_said(standards: Standards) -> None:
    judged = standards.testcases["scs-0115-default-rules"]
    changed = {judged.id: replace(judged, active=True, heavy=True)}
    creating = replace(standards, testcases={**standards.testcases, **changed})
    said = runbooks(creating, {DefaultSecurityGroupRules: {"block-storage.volumes": 2}})[judged.id].traces
    assert said == (
        "It creates something in the cloud, and removes it again. While it runs, that takes 2 block-storage.volumes of "
        "the project's quota. It takes long, and is only run with `--heavy`."
    )
