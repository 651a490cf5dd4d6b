"""Writes the reference of all testcases as Markdown, from their definitions."""

from collections.abc import Iterator
from itertools import groupby

from allmende.standards.model import DocumentVersion, Standards, Testcase

HEAD = """# Testcases

Every testcase that a version of a scope lists, by the standard that demands it. This page is written by
`allmende standards docs > docs/reference/testcases.md` from `src/allmende/standards/data`; edit it there.

`allmende explain TESTCASE` shows the same, with how the testcase is judged.
"""


def reference(standards: Standards) -> str:
    """Return the reference as one Markdown document."""
    documents = {document.name: document for document in standards.documents}
    parts = [HEAD]
    by_standard = groupby(standards.testcases.values(), key=lambda testcase: testcase.standard)
    for name, testcases in by_standard:
        parts.append(_heading(documents[name]))
        parts.extend(_testcase(standards, testcase) for testcase in testcases)
    return "\n".join(parts)


def _heading(document: DocumentVersion) -> str:
    return f"## {document.title} ({document.name})\n\n<{document.url}>\n"


def _testcase(standards: Standards, testcase: Testcase) -> str:
    lines = [
        f"### {testcase.id}",
        "",
        testcase.title,
        "",
        f"- **Demanded** ([{testcase.section}]({testcase.url})): {testcase.demand}",
        f"- **Listed by**: {'; '.join(_uses(standards, testcase.id))}",
        f"- **A result counts** until {testcase.lifetime.counts_until}. {_kind(testcase)}",
        *_remarks(testcase),
        "",
        "```text",
        testcase.remedy,
        "```",
        "",
    ]
    return "\n".join(lines)


def _remarks(testcase: Testcase) -> Iterator[str]:
    if testcase.own:
        yield "- **The id is Allmende's own**: the public test suite has no such testcase."
    if testcase.attestation:
        yield "- **To hand in**:"
        yield from (f"    - {item}" for item in testcase.attestation)


def _uses(standards: Standards, testcase: str) -> Iterator[str]:
    """Yield the versions of each scope that list the testcase under the same target."""
    for scope in standards.scopes:
        listing = [(v.target_of(testcase), v.name) for v in scope.versions if testcase in v.testcases()]
        for target, versions in groupby(listing, key=lambda pair: pair[0]):
            yield f"{scope.name} {', '.join(name for _, name in versions)} ({target})"


def _kind(testcase: Testcase) -> str:
    if not testcase.automated:
        return "Judged by an assessor."
    return "Creates something in the cloud." if testcase.active else "Only reads from the cloud."
