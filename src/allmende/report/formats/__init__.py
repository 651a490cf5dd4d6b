"""The forms a report is written in, and reading each of them strictly.

Allmende's own form is JSON and says everything. The SCS test suite's YAML (or JSON) form says which testcase had which
outcome, but not why; several of its documents may follow each other in one stream.

`junit`, `sarif` and `oscal` beside them are written for others and never read; each takes a `report.reading.Reading`.
"""

import codecs
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from allmende.errors import DocumentError
from allmende.report.document import Report
from allmende.report.formats import own, upstream

MAX_DOCUMENTS = 50
_NEVER_READ = (b'"$schema": "https://docs.oasis-open.org/sarif/', b'"assessment-results":')


class Form(StrEnum):
    """A form, by the media type under which a signed report of that form is sent."""

    OWN = "application/vnd.allmende.report+json"
    UPSTREAM_YAML = "application/x-signed-yaml"
    UPSTREAM_JSON = "application/x-signed-json"


def read(form: Form, content: bytes, *, max_documents: int = MAX_DOCUMENTS) -> tuple[Report, ...]:
    """Return the reports in `content`; DocumentError with the place of the fault when they are not well formed."""
    match form:
        case Form.OWN:
            return (own.read(content),)
        case Form.UPSTREAM_YAML:
            return upstream.read_yaml(content, max_documents=max_documents)
        case Form.UPSTREAM_JSON:
            return (upstream.read_json(content),)
    assert_never(form)


def write(form: Form, reports: Sequence[Report]) -> bytes:
    """Return the bytes of the reports in this form; only the YAML form holds more than one."""
    if form is Form.UPSTREAM_YAML:
        return upstream.write_yaml(reports)
    if len(reports) != 1:
        raise DocumentError("This form holds exactly one report.", hint="Write several reports as YAML.")
    return own.write(reports[0]) if form is Form.OWN else upstream.write_json(reports[0])


def public_document(form: Form, content: bytes, report: UUID) -> Mapping[str, Any]:
    """Return one report of `content` as a document of the SCS test suite, with all that the suite wrote into it.

    DocumentError when `content` has no such report.
    """
    if form is Form.OWN:
        return upstream.as_document(own.read(content))
    return upstream.document_of(report, content, is_yaml=form is Form.UPSTREAM_YAML, max_documents=MAX_DOCUMENTS)


def recognised(content: bytes) -> Form:
    """Return the form of these bytes, judged by how they begin; DocumentError where nobody can read it again."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.lstrip().startswith(b"<") or any(mark in content[:400] for mark in _NEVER_READ):
        raise DocumentError(
            "HTML, JUnit, SARIF and OSCAL are written for others; a report cannot be read from them.",
            hint="Take the report in Allmende's own form (.json) or that of the SCS test suite (.yaml).",
        )
    if not content.lstrip().startswith(b"{"):
        return Form.UPSTREAM_YAML
    return Form.OWN if b'"allmende.report/' in content else Form.UPSTREAM_JSON
