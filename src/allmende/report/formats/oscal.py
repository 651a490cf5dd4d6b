"""OSCAL assessment results (NIST, JSON): an observation with its evidence and a finding per testcase.

Standards are the controls, testcases their objectives. Only PASS is satisfied; DNF and what was not attempted are
not-satisfied with a reason that says so. Every UUID follows from the report's. Written, never read.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, assert_never
from uuid import uuid5

from allmende.outcome import Outcome
from allmende.report.document import Report, ReportedEvidence
from allmende.report.explanation import COUNTS_FOR
from allmende.report.reading import Line, Reading

OSCAL_VERSION = "1.1.3"

_Json = dict[str, Any]
_NAMESPACE = "urn:allmende:oscal:1"
_TOKEN = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")


def write(reading: Reading) -> bytes:
    """Return the report as an OSCAL document with one set of results."""
    report = reading.report
    plan = _uuid(report, "plan")
    document: _Json = {
        "uuid": _uuid(report, "document"),
        "metadata": {
            "title": _line(f"{report.subject}: {reading.measure}"),
            "last-modified": _time(report.finished_at),
            "version": str(report.id),
            "oscal-version": OSCAL_VERSION,
            "props": [_property("tool", f"{report.tool.name} {report.tool.version}")],
        },
        "import-ap": {"href": f"#{plan}", "remarks": "The plan is the version of the scope."},
        "results": [_results(reading)],
        "back-matter": {"resources": [{"uuid": plan, "title": _line(reading.measure), **_scope(reading)}]},
    }
    return json.dumps({"assessment-results": document}, indent=1, ensure_ascii=False).encode() + b"\n"


def _scope(reading: Reading) -> _Json:
    scope = f"Scope {reading.report.scope}"
    return {"description": f"{scope}, version {reading.version.name}" if reading.version else scope}


def _results(reading: Reading) -> _Json:
    report = reading.report
    verdict = _property("verdict", reading.verdict)
    result: _Json = {
        "uuid": _uuid(report, "result"),
        "title": _line(f"{report.subject}: {reading.measure}"),
        "description": f"What {report.tool.name} {report.tool.version} found; the verdict is {reading.verdict}.",
        "start": _time(report.started_at),
        "end": _time(report.finished_at),
        "props": [verdict, _property("complete", str(report.complete).lower())],
        "local-definitions": {"components": [_component(report)]},
        "reviewed-controls": _reviewed(reading),
    }
    if observations := [_observation(report, line) for line in reading.lines if line.result]:
        result["observations"] = observations
    if findings := [_finding(report, line) for line in reading.lines]:
        result["findings"] = findings
    return result


def _component(report: Report) -> _Json:
    return {
        "uuid": _uuid(report, "subject"),
        "type": "service",
        "title": _line(report.subject),
        "description": f"The subject {report.subject}.",
        "status": {"state": "operational"},
    }


def _reviewed(reading: Reading) -> _Json:
    """Return the standards and testcases that the results are about."""
    standards = dict.fromkeys(line.module.id for line in reading.lines if line.module)
    selection: _Json = {"description": _line(reading.measure)}
    if standards:
        selection["include-controls"] = [{"control-id": standard} for standard in standards]
    else:
        selection["include-all"] = {}
    reviewed: _Json = {"control-selections": [selection]}
    if objectives := [{"objective-id": _token(reading.report, line.id)} for line in reading.lines]:
        reviewed["control-objective-selections"] = [{"include-objectives": objectives}]
    return reviewed


def _observation(report: Report, line: Line) -> _Json:
    checked_at = line.result.checked_at if line.result else report.finished_at
    observation: _Json = {
        "uuid": _uuid(report, f"observation/{line.id}"),
        "title": _line(line.title),
        "description": _text(line.summary),
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [{"subject-uuid": _uuid(report, "subject"), "type": "component", "title": _line(report.subject)}],
        "collected": _time(checked_at),
    }
    if line.evidence:
        observation["relevant-evidence"] = list(_evidence(line.evidence))
    if line.notes:
        observation["remarks"] = _text("\n\n".join(line.notes))
    return observation


def _evidence(evidence: Iterable[ReportedEvidence]) -> Iterator[_Json]:
    for each in evidence:
        agrees = _property("agrees", str(each.ok).lower())
        yield {"description": _text(each.words), "props": [agrees]}


def _finding(report: Report, line: Line) -> _Json:
    finding: _Json = {
        "uuid": _uuid(report, f"finding/{line.id}"),
        "title": _line(line.title),
        "description": _text(line.testcase.demand if line.testcase else line.summary),
        "props": [
            _property("testcase", line.id),
            _property("outcome", line.outcome),
            _property("counts", COUNTS_FOR[line.target]),
        ],
        "target": {"type": "objective-id", "target-id": _token(report, line.id), "status": _status(line)},
    }
    if line.testcase:
        finding["links"] = [{"href": line.testcase.url, "rel": "reference"}]
        if line.outcome is not Outcome.PASS:
            finding["remarks"] = _text(f"How to fix it:\n\n{line.testcase.remedy}")
    if line.result:
        finding["related-observations"] = [{"observation-uuid": _uuid(report, f"observation/{line.id}")}]
    return finding


def _status(line: Line) -> _Json:
    match line.outcome:
        case Outcome.PASS:
            return {"state": "satisfied", "reason": "pass"}
        case Outcome.FAIL:
            return {"state": "not-satisfied", "reason": "fail", "remarks": _text(line.summary)}
        case Outcome.DNF:
            remarks = _text(f"Not determined: {line.summary}")
            return {"state": "not-satisfied", "reason": "not-determined", "remarks": remarks}
        case Outcome.MISS:
            return {"state": "not-satisfied", "reason": "not-attempted", "remarks": _text(line.summary)}
        case _:
            assert_never(line.outcome)


def _property(name: str, value: str) -> _Json:
    return {"name": name, "ns": _NAMESPACE, "value": _line(value)}


def _uuid(report: Report, what: str) -> str:
    return str(uuid5(report.id, f"oscal/{what}"))


def _token(report: Report, testcase: str) -> str:
    """Return the testcase's id where OSCAL takes it as a token, else one that stands for it."""
    return testcase if _TOKEN.fullmatch(testcase) else f"testcase-{_uuid(report, testcase)}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _line(text: str) -> str:
    """Return the text as one line that is not empty."""
    return " ".join(text.split()) or "–"  # noqa: RUF001 -- a dash is meant


def _text(text: str) -> str:
    return text if text.strip() else "–"  # noqa: RUF001 -- a dash is meant
