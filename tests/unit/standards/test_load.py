"""What the package's data must hold, and what a folder of data must not."""

import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from allmende.errors import DocumentError
from allmende.standards.load import load_standards, read_standards
from allmende.standards.model import DocumentType, Lifetime, Standards, Target

Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load_standards()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with as_file(files("allmende.standards") / "data") as data:
        return Path(shutil.copytree(data, tmp_path / "data"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace a text of a file, which must be there, once."""

    def edit_(name: str, old: str, new: str) -> None:
        file = folder / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    return edit_


def test_every_document_of_the_public_repository_is_there(standards: Standards) -> None:
    assert len([document for document in standards.documents if document.id.startswith("scs-")]) == 102
    assert {document.track for document in standards.documents} == {"Global", "IaaS", "KaaS", "IAM", "Ops", "Scopes"}
    supplements = [d for d in standards.documents if d.type is DocumentType.SUPPLEMENT]
    assert all(document.version.startswith("w") and document.supplements for document in supplements)


def test_a_document_knows_its_page(standards: Standards) -> None:
    document = next(document for document in standards.documents if document.name == "scs-0103-v1")
    assert document.url == "https://docs.scs.community/standards/scs-0103-v1-standard-flavors"


@pytest.mark.parametrize(
    ("version", "main", "recommended", "preview"), [("v5.1", 54, 27, 13), ("v4", 39, 23, 4), ("v3", 16, 6, 1)]
)
def test_versions_of_the_iaas_scope_list_their_testcases(
    standards: Standards, version: str, main: int, recommended: int, preview: int
) -> None:
    found = standards.scope("iaas").version(version)
    counts = [len(found.testcases(target)) for target in (Target.MAIN, Target.RECOMMENDED, Target.PREVIEW)]
    assert counts == [main, recommended, preview]


def test_the_scopes_have_the_ids_the_public_suite_reports_with(standards: Standards) -> None:
    assert standards.scope("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f").name == "SCS-compatible IaaS"
    assert standards.scope("1fffebe6-fd4b-44d3-a36c-fc58b4bb0180").name == "SCS-compatible KaaS"


def test_a_family_is_expanded_row_by_row(standards: Standards) -> None:
    family = [id_ for id_ in standards.testcases if id_.startswith("scs-0103-flavor-")]
    assert len(family) == 31
    testcase = standards.testcases["scs-0103-flavor-4v-16-100s"]
    assert testcase.parameters["flavor"] == "SCS-4V-16-100s"
    assert "exactly 4 vCPU, 16384 MiB of memory and 100 GB of root disk" in testcase.demand
    assert "scs:disk0-type=ssd" in testcase.remedy
    assert testcase.url == "https://docs.scs.community/standards/scs-0103-v1-standard-flavors#mandatory"


@pytest.mark.parametrize(
    ("testcase", "lifetime"),
    [
        ("scs-0100-syntax-check", Lifetime.WEEK),
        ("scs-0128-tempest", Lifetime.YEAR),
        ("version-policy-check", Lifetime.DAY),
        ("cncf-k8s-conformance", Lifetime.YEAR),
        ("kaas-networking-check", Lifetime.YEAR),
        ("domain-manager-check", Lifetime.QUARTER),
    ],
)
def test_results_live_as_long_as_the_scopes_say(standards: Standards, testcase: str, lifetime: Lifetime) -> None:
    assert standards.testcases[testcase].lifetime is lifetime


def test_manual_testcases_are_never_main(standards: Standards) -> None:
    for scope in standards.scopes:
        for version in scope.versions:
            assert all(standards.testcases[id_].automated for id_ in version.testcases(Target.MAIN))


def test_every_text_is_complete(standards: Standards) -> None:
    for testcase in standards.testcases.values():
        for text in (testcase.title, testcase.demand, testcase.remedy):
            assert "{" not in text.replace("/v3/{project_id}/backups", ""), testcase.id
        assert testcase.title.endswith("."), testcase.id


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (
            "documents.yaml",
            "track: Global",
            "track: Cosmos",
            r"documents\.yaml, documents\[0\]: `track` must be one of",
        ),
        ("documents.yaml", "published: 2022-10-20", "published: soon", r"documents\[0\]: `published` must be a date"),
        ("documents.yaml", "    title: Sovereign Cloud Standards\n", "", r"documents\[0\]: `title` is missing"),
        ("documents.yaml", "    published:", "    colour: red\n    published:", r"documents\[0\]: unknown: `colour`"),
        ("documents.yaml", "track: Global", "track: Global\n    track: IaaS", r"line \d+: .*`track` stands twice"),
        ("documents.yaml", "replaces: [scs-0002-v1]", "replaces: [scs-0002-v7]", "`scs-0002-v7`, which is no other"),
        ("documents.yaml", "page: scs-0002-v2-", "page: scs-0002-v1-", "`scs-0002-v1` is defined 2 times"),
        ("documents.yaml", "documents:", "documents: [", "not the YAML that is expected"),
        ("testcases/scs-0115.yaml", "standard: scs-0115-v1", "standard: scs-0115-v8", "no document `scs-0115-v8`"),
        ("testcases/scs-0115.yaml", "id: scs-0115-default-rules", "id: scs-0116-presence", "defined 2 times"),
        (
            "testcases/scs-0115.yaml",
            "section: Standard",
            "section: Standard\n    lifetime: aeon",
            "`lifetime` must be one",
        ),
        ("testcases/scs-0103.yaml", "{vcpus}", "{cores}", "column `cores`, which a row lacks"),
        ("testcases/scs-0114.yaml", "parameters: [aspect]\n", "parameters: [aspect, aspect]\n", "something twice"),
        ("scope-iaas.yaml", "main: [scs-0115-default-rules]", "main: [scs-0115-rules]", "no testcase `scs-0115-rules`"),
        ("scope-iaas.yaml", "main: [scs-0115-default-rules]", "main: []", "no version .* lists scs-0115-default-rules"),
        ("scope-iaas.yaml", "{v1: effective}", "{v0: effective}", "there is no version `v0`"),
        ("scope-iaas.yaml", "{v1: effective}", "{v1: splendid}", "validity of `v1` must be one of"),
        ("scope-iaas.yaml", "since: 2021-01-01", "since: 2031-01-01", "in the order of its days"),
        ("scope-iaas.yaml", "uuid: 50393e6f", "uuid: nonsense", "`uuid` must be a UUID"),
        ("scope-iaas.yaml", "[scs-0128-v1, scs-0100-v3.1, scs-0101-v1, scs-0102-v2", "[scs-0999-v1", "no module"),
        (
            "scope-iaas.yaml",
            "preview: [key-manager-docs-check]",
            "preview: [scs-0116-presence]",
            "lists a testcase twice",
        ),
        ("scope-kaas.yaml", "name: SCS-compatible KaaS", "name: [KaaS]", "`name` must be a text"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_its_place(
    folder: Path, edit: Edit, file: str, old: str, new: str, complaint: str
) -> None:
    edit(file, old, new)
    with pytest.raises(DocumentError, match=complaint) as refusal:
        read_standards(folder)
    assert file.rpartition("/")[2] in str(refusal.value) or str(refusal.value).startswith("testcases:")


def test_a_file_that_is_no_mapping_is_refused(folder: Path) -> None:
    (folder / "documents.yaml").write_text("- a list\n")
    with pytest.raises(DocumentError, match=r"documents\.yaml: must be a mapping"):
        read_standards(folder)
