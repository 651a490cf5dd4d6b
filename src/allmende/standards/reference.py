"""Writes the reference of the testcases as Markdown: an index, and a runbook page per testcase or family of them.

Near-identical testcases (one definition with rows, such as the standard flavors) share a page, because how they are
judged is said once for all; each has its own section there.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from allmende.standards.model import DocumentVersion, Standards, Testcase
from allmende.standards.runbook import Runbook, listing

INDEX = "testcases.md"

HEAD = """# Testcases

Every testcase that a version of a scope lists, by the standard that demands it, with its runbook: what is demanded,
how it is judged, how to fix it. `allmende explain TESTCASE` shows the same. This page and those it links to are written
by `allmende standards docs docs/reference` from `src/allmende/standards/data` and the checks; edit them there.
"""


def reference(standards: Standards, runbooks: Mapping[str, Runbook]) -> dict[str, str]:
    """Return the pages of the reference by their paths in `docs/reference`, the index first."""
    pages: dict[str, list[Runbook]] = {}
    for runbook in runbooks.values():
        pages.setdefault(_page(runbook.testcase), []).append(runbook)
    return {INDEX: _index(standards), **{path: _written(standards, of_page) for path, of_page in pages.items()}}


def _page(testcase: Testcase) -> str:
    return str(PurePosixPath(testcase.runbook.split("#")[0]).relative_to("docs/reference"))


def _index(standards: Standards) -> str:
    documents = {document.name: document for document in standards.documents}
    parts = [HEAD]
    for name, testcases in groupby(standards.testcases.values(), key=lambda testcase: testcase.standard):
        parts.append(_heading(documents[name]))
        parts.append("".join(f"- [{each.id}]({_link(each)}): {each.title}\n" for each in testcases))
    return "\n".join(parts)


def _link(testcase: Testcase) -> str:
    return testcase.runbook.removeprefix("docs/reference/")


def _heading(document: DocumentVersion) -> str:
    return f"## {document.title} ({document.name})\n\n<{document.url}>\n"


def _written(standards: Standards, runbooks: Sequence[Runbook]) -> str:
    first = runbooks[0].testcase
    lines = [f"# {first.family or first.id}", "", f"[All testcases](../{INDEX})", ""]
    if not first.family:
        return "\n".join([*lines, *_sections(standards, runbooks[0], "##"), *_judging("##", runbooks[0])])
    lines += [f"{len(runbooks)} testcases of {first.standard}, one after the other.", ""]
    alike = {(runbook.how, runbook.observes, runbook.traces) for runbook in runbooks}
    if len(alike) == 1:
        lines += _judging("##", runbooks[0])
    for runbook in runbooks:
        lines += [f"## {runbook.testcase.id}", "", *_sections(standards, runbook, "###")]
        if len(alike) > 1:
            lines += _judging("###", runbook)
    return "\n".join(lines)


def _sections(standards: Standards, runbook: Runbook, level: str) -> Iterator[str]:
    testcase = runbook.testcase
    yield from (testcase.title, "")
    yield from (f"{level} What is demanded", "", testcase.demand, "")
    yield from (f"Source: [{testcase.standard}, «{testcase.section}»]({testcase.url})", "")
    if testcase.attestation:
        yield from (f"{level} What to hand in", "", *(f"- {item}" for item in testcase.attestation), "")
    yield from (f"{level} How to fix it", "", "```text", testcase.remedy, "```", "")
    yield from (f"{level} Where it counts", "")
    yield from (f"- {use}" for use in listing(standards, testcase.id))
    if testcase.own:
        yield "- The id is Allmende's own: the public test suite has no such testcase."
    yield from (f"- A result counts until {testcase.lifetime.counts_until} (UTC).", "")


def _judging(level: str, runbook: Runbook) -> Iterator[str]:
    yield from (f"{level} How it is judged", "", runbook.how, "")
    if runbook.observes:
        yield from ("What is looked at:", "")
        yield from (f"- {sentence}" for sentence in runbook.observes)
        yield ""
    if runbook.traces:
        yield from (runbook.traces, "")
