"""The form in which the SCS test suite writes reports and the SCS compliance monitor reads them.

Outcomes are numbers there: 1 for PASS, 0 for DNF («abort»), -1 for FAIL. A report has one time for all results; a time
without an offset is taken as UTC. Results stand under the program run («invocation») that printed them; reports from
before 2025 list them per version of the scope instead.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from allmende.errors import DocumentError
from allmende.outcome import Outcome
from allmende.report.document import Name, Report, Result, Tool
from allmende.report.formats.strict import faults, json_value, yaml_values

_Number = Literal[-1, 0, 1]
_Reported = Literal[Outcome.PASS, Outcome.FAIL, Outcome.DNF]
_OUTCOMES: Mapping[_Number, _Reported] = {1: Outcome.PASS, 0: Outcome.DNF, -1: Outcome.FAIL}
_NUMBERS: Mapping[Outcome, _Number] = {outcome: number for number, outcome in _OUTCOMES.items()}
_VERDICTS: Mapping[Outcome, str] = {Outcome.PASS: "PASS", Outcome.FAIL: "FAIL", Outcome.DNF: "ABORT"}
_SHOWN_LINES = 20


class _Part(BaseModel):
    """A part of the form; what else stands there is the test suite's own business."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=200_000)


class _Spec(_Part):
    uuid: UUID
    name: Name


class _Invocation(_Part):
    results: dict[Name, _Number]
    stderr: tuple[str, ...] = ()


class _Run(_Part):
    uuid: UUID
    sections: tuple[str, ...] | None = None
    forced_tests: str | None = None
    invocations: dict[str, _Invocation]


class _VersionResult(_Part):
    result: _Number


class _Document(_Part):
    spec: _Spec
    checked_at: datetime
    subject: Name
    run: _Run
    versions: dict[str, dict[Name, _VersionResult]] = Field(default_factory=dict)


def read_yaml(content: bytes, *, max_documents: int) -> tuple[Report, ...]:
    """Return the reports of a YAML stream; empty documents between separators are passed over."""
    values = yaml_values(content, max_documents=max_documents)
    return tuple(_report(value) for value in values if value is not None)


def read_json(content: bytes) -> Report:
    """Return the report of a JSON text."""
    return _report(json_value(content))


def write_yaml(reports: Sequence[Report]) -> bytes:
    """Return a YAML stream with one document per report."""
    documents = [_document(report) for report in reports]
    text: str = yaml.dump_all(
        documents, Dumper=yaml.CSafeDumper, explicit_start=True, sort_keys=False, allow_unicode=True
    )
    return text.encode()


def write_json(report: Report) -> bytes:
    """Return the report as a JSON text."""
    return json.dumps(_document(report), default=str, ensure_ascii=False, indent=1).encode() + b"\n"


def document_of(report: UUID, content: bytes, *, is_yaml: bool, max_documents: int) -> Mapping[str, Any]:
    """Return the document with this id as it stands in a YAML stream or JSON text that was read before."""
    values = yaml_values(content, max_documents=max_documents) if is_yaml else (json_value(content),)
    for value in values:
        if isinstance(value, dict) and UUID(str(value["run"]["uuid"])) == report:
            return value
    raise DocumentError(f"No document here has the id {report}.")


def as_document(report: Report) -> Mapping[str, Any]:
    """Return the report as a document of this form."""
    return _document(report)


def _report(value: object) -> Report:
    try:
        document = _Document.model_validate(value)
        return _translated(document)
    except ValidationError as error:
        raise DocumentError(
            f"The report does not have the form of the SCS test suite: {faults(error)}.",
            hint="It is what scs-compliance-check.py writes with --output.",
        ) from error


def _translated(document: _Document) -> Report:
    checked_at = document.checked_at
    if checked_at.tzinfo is None:
        checked_at = checked_at.replace(tzinfo=UTC)
    return Report(
        id=document.run.uuid,
        subject=document.subject,
        scope=document.spec.uuid,
        scope_name=document.spec.name,
        started_at=checked_at,
        finished_at=checked_at,
        complete=not document.run.sections and document.run.forced_tests is None,
        tool=Tool(name="SCS test suite", version="unstated"),
        results=tuple(_results(document, checked_at)),
    )


def _results(document: _Document, checked_at: datetime) -> Iterator[Result]:
    if document.versions:
        for testcase, number in _per_version(document.versions).items():
            yield _result(testcase, number, checked_at, ())
        return
    for invocation in document.run.invocations.values():
        for testcase, number in invocation.results.items():
            yield _result(testcase, number, checked_at, invocation.stderr)


def _per_version(versions: Mapping[str, Mapping[str, _VersionResult]]) -> dict[str, _Number]:
    """Return the one result per testcase; DocumentError when two versions disagree, for then it is none."""
    found: dict[str, _Number] = {}
    for results in versions.values():
        for testcase, entry in results.items():
            if found.setdefault(testcase, entry.result) != entry.result:
                raise DocumentError(f"The report has two different results for {testcase}.")
    return found


def _result(testcase: str, number: _Number, checked_at: datetime, stderr: Sequence[str]) -> Result:
    outcome = _OUTCOMES[number]
    complaints = [line for line in stderr if line.startswith(("ERROR", "CRITICAL"))]
    return Result(
        testcase=testcase,
        outcome=outcome,
        summary=f"The SCS test suite reported {_VERDICTS[outcome]}.",
        checked_at=checked_at,
        notes=() if outcome is Outcome.PASS else tuple(line[:1000] for line in complaints[:_SHOWN_LINES]),
    )


def _document(report: Report) -> dict[str, Any]:
    invocation = _invocation(report)
    return {
        "spec": {"uuid": str(report.scope), "name": report.scope_name, "url": ""},
        # One time stands for all results: the oldest, so that none seems fresher than it is.
        "checked_at": min((result.checked_at for result in report.results), default=report.finished_at),
        "reference_date": report.finished_at.date(),
        "subject": report.subject,
        "run": {
            "uuid": str(report.id),
            "argv": [report.tool.name, report.tool.version],
            "assignment": {},
            "sections": None,
            "forced_version": None,
            "forced_tests": None if report.complete else ".*",
            "invocations": {invocation["id"]: invocation},
        },
    }


def _invocation(report: Report) -> dict[str, Any]:
    complaints = [
        f"ERROR: {result.testcase}: {result.summary}" for result in report.results if result.outcome is Outcome.FAIL
    ]
    exclusions = [
        f"WARNING: {each.testcase}: excluded until {each.expires} by {each.owner}: {each.reason}"
        for each in report.exclusions
    ]
    return {
        "id": str(uuid5(report.id, "invocation")),
        "cmd": report.tool.name,
        "results": {result.testcase: _NUMBERS[result.outcome] for result in report.results},
        "rc": 0,
        "stdout": [f"{result.testcase}: {_VERDICTS[result.outcome]}" for result in report.results],
        "stderr": complaints + exclusions,
        "info": 0,
        "warning": len(exclusions),
        "error": len(complaints),
        "critical": 0,
    }
