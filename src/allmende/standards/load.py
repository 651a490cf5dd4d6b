"""Loads the standards from the package's own data and refuses them when anything in them does not hold together.

Documents, scopes and testcases each have their files in `data`; what a file may hold is said where it is read. The
documents of SCS are known by their page, those of others (`documents-*.yaml`) say id, version and address. This module
also decides what must hold between them: no name twice, no reference to nothing, no testcase that no version lists.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from allmende.errors import DocumentError
from allmende.standards import definitions, scopes
from allmende.standards.model import DocumentType, DocumentVersion, FormerFace, Scope, Standards, Testcase, Track
from allmende.standards.strict import Node, read

PAGES = "https://docs.scs.community/standards/"

_PAGE = re.compile(r"(scs-\d{4})-([vw]\d+)-.+")


@cache
def load_standards() -> Standards:
    """Return the standards that come with this version of Allmende; they are read once."""
    return read_standards(files("allmende.standards") / "data")


def read_standards(folder: Traversable) -> Standards:
    """Return the standards that a folder of YAML files holds; DocumentError with file and place when they are wrong."""
    documents = _documents([read(file) for file in _yaml_files(folder) if file.name.startswith("documents")])
    testcases = [
        testcase
        for file in _yaml_files(folder / "testcases")
        for testcase in definitions.testcases(read(file), documents)
    ]
    _refuse_doubles("testcases", (testcase.id for testcase in testcases))
    known = {testcase.id: testcase for testcase in testcases}
    scope_files = [file for file in _yaml_files(folder) if file.name.startswith("scope-")]
    # Everything that lists scopes begins with those that people know by a short form.
    read_scopes = tuple(sorted((scopes.scope(read(file), known) for file in scope_files), key=lambda s: not s.short))
    _refuse_doubles("scopes", (scope.id for scope in read_scopes))
    _refuse_doubles("scopes", (scope.uuid for scope in read_scopes))
    _refuse_orphans(known, read_scopes)
    return Standards(documents=tuple(documents.values()), scopes=read_scopes, testcases=known)


def _yaml_files(folder: Traversable) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def _documents(files_: Iterable[Node]) -> Mapping[str, DocumentVersion]:
    """Return the documents of all files by name; those of a file may refer to those of the files before it."""
    known: dict[str, DocumentVersion] = {}
    for file in files_:
        documents = [_document(node) for node in file.nodes("documents")]
        file.finish()
        _refuse_doubles(file.place, [*known, *(document.name for document in documents)])
        known |= {document.name: document for document in documents}
        for document in documents:
            for name in (*document.replaces, *document.supplements):
                if name not in known or name == document.name:
                    problem = f"{document.name} refers to `{name}`, which is no other document"
                    raise DocumentError(f"{file.place}: {problem}.")
    return known


def _document(node: Node) -> DocumentVersion:
    id_, version, url = _named(node)
    document = DocumentVersion(
        id=id_,
        version=version,
        title=node.text("title"),
        type=node.choice("type", DocumentType),
        track=node.choice("track", Track),
        published=node.day("published"),
        listed=node.optional_day("listed"),
        stabilized=node.optional_day("stabilized"),
        deprecated=node.optional_day("deprecated"),
        replaces=node.texts("replaces"),
        supplements=node.texts("supplements"),
        url=url,
        anchor_prefix=node.text("anchor_prefix") if node.has("anchor_prefix") else "",
        former=tuple(_face(face) for face in node.nodes("former")),
    )
    node.finish()
    _refuse_contradictions(node, document)
    return document


def _named(node: Node) -> tuple[str, str, str]:
    """Return id, version and address: from the name of the page, or as they are written for documents of others."""
    if not node.has("page"):
        return node.text("id"), node.text("version"), node.text("url")
    page = node.text("page")
    match = _PAGE.fullmatch(page)
    if not match:
        raise node.error(f"`page` must begin like scs-0100-v3-, but is {page!r}")
    return match[1], match[2], PAGES + page


def _face(node: Node) -> FormerFace:
    face = FormerFace(
        until=node.day("until"),
        title=node.text("title") if node.has("title") else None,
        type=node.choice("type", DocumentType) if node.has("type") else None,
        track=node.choice("track", Track) if node.has("track") else None,
    )
    node.finish()
    return face


def _refuse_contradictions(node: Node, document: DocumentVersion) -> None:
    if (document.type is DocumentType.SUPPLEMENT) != document.version.startswith("w"):
        raise node.error("supplements, and only they, have a version that begins with w")
    if bool(document.supplements) != (document.type is DocumentType.SUPPLEMENT):
        raise node.error("supplements, and only they, say what they supplement")
    if document.deprecated and not (document.stabilized and document.stabilized <= document.deprecated):
        raise node.error("what is deprecated was stabilized before")
    days = [face.until for face in document.former]
    if days != sorted(set(days)) or any(day <= document.published for day in days):
        raise node.error("`former` must be in the order of its days, which are after `published`")


def _refuse_doubles(place: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise DocumentError(f"{place}: `{name}` is defined {count} times.")


def _refuse_orphans(testcases: Mapping[str, Testcase], scopes_: Iterable[Scope]) -> None:
    listed = {id_ for scope in scopes_ for version in scope.versions for id_ in version.testcases()}
    orphans = sorted(set(testcases) - listed)
    if orphans:
        raise DocumentError(f"testcases: no version of a scope lists {', '.join(orphans)}.")
