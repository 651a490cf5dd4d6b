"""SARIF 2.1.0, as code scanning reads it: one rule per testcase, one result per testcase that was attempted.

PASS has the kind `pass`, FAIL the kind `fail` with a level after what it counts for, DNF the kind `open`. What was not
attempted has no result but a notification. Written, never read.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, assert_never
from uuid import uuid5

from allmende.canonical import digest
from allmende.outcome import Outcome
from allmende.report.document import Report
from allmende.report.explanation import COUNTS_FOR, seen
from allmende.report.reading import Line, Reading
from allmende.standards.model import Target, Testcase

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Target.MAIN: "error", Target.RECOMMENDED: "warning", Target.PREVIEW: "note", None: "note"}

_Json = dict[str, Any]
_PLAIN_IN_ADDRESSES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def write(reading: Reading) -> bytes:
    """Return the report as a SARIF log with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(reading)]}
    return json.dumps(log, indent=1, ensure_ascii=False).encode() + b"\n"


def _run(reading: Reading) -> _Json:
    report = reading.report
    return {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": [_rule(line) for line in reading.lines],
            }
        },
        "automationDetails": {
            "id": f"{report.subject}/{reading.measure}/",
            "guid": str(uuid5(report.id, "sarif")),
        },
        "invocations": [_invocation(reading)],
        "results": list(_results(reading)),
        "properties": {
            "report": str(report.id),
            "subject": report.subject,
            "scope": str(report.scope),
            "measure": reading.measure,
            "verdict": reading.verdict,
        },
    }


def _rule(line: Line) -> _Json:
    rule: _Json = {
        "id": line.id,
        "shortDescription": {"text": _message(line.title)},
        "defaultConfiguration": {"level": LEVELS[line.target]},
        "properties": {"tags": [line.module.id] if line.module else [], "counts": COUNTS_FOR[line.target]},
    }
    return rule | _definition(line.testcase) if line.testcase else rule


def _definition(testcase: Testcase) -> _Json:
    return {
        "fullDescription": {"text": _message(testcase.demand)},
        "helpUri": testcase.url,
        "help": {"text": _message(testcase.remedy), "markdown": _message(_markdown(testcase))},
    }


def _markdown(testcase: Testcase) -> str:
    """Return demand and remedy with commands in fences: they are the lines that are indented."""
    blocks = [f"**Demanded** by {testcase.standard}, «{testcase.section}»: {testcase.demand}", "**How to fix it**"]
    for is_command, lines in groupby(testcase.remedy.splitlines(), key=lambda line: line.startswith("  ")):
        text = "\n".join(line.removeprefix("  ") for line in lines)
        blocks.append(f"```\n{text}\n```" if is_command else text)
    return "\n\n".join(blocks)


def _results(reading: Reading) -> Iterator[_Json]:
    for index, line in enumerate(reading.lines):
        if line.outcome is not Outcome.MISS:
            yield _result(reading.report, line, index)


def _result(report: Report, line: Line, index: int) -> _Json:
    # Code scanning shows a result only at a place in a file. There is none, so the subject stands for it.
    place = {"artifactLocation": {"uri": f"subject/{_in_address(report.subject)}"}, "region": {"startLine": 1}}
    name = {"fullyQualifiedName": report.subject, "kind": "resource"}
    return {
        "ruleId": line.id,
        "ruleIndex": index,
        "guid": str(uuid5(report.id, f"sarif/{line.id}")),
        **_kind(line),
        "message": {"text": _message("\n".join((line.summary, *seen(line), *line.notes)))},
        "locations": [{"physicalLocation": place, "logicalLocations": [name]}],
        "partialFingerprints": {
            "primaryLocationLineHash": digest(f"{report.scope}\n{report.subject}\n{line.id}".encode())[:16] + ":1"
        },
        "properties": {"outcome": line.outcome, "counts": COUNTS_FOR[line.target]},
    }


def _kind(line: Line) -> _Json:
    match line.outcome:
        case Outcome.PASS:
            return {"kind": "pass", "level": "none"}
        case Outcome.FAIL:
            return {"kind": "fail", "level": LEVELS[line.target]}
        case Outcome.DNF | Outcome.MISS:
            return {"kind": "open", "level": "none"}
        case _:
            assert_never(line.outcome)


def _invocation(reading: Reading) -> _Json:
    report = reading.report
    invocation: _Json = {
        "executionSuccessful": report.complete,
        "startTimeUtc": _time(report.started_at),
        "endTimeUtc": _time(report.finished_at),
    }
    missing = [(index, line) for index, line in enumerate(reading.lines) if line.outcome is Outcome.MISS]
    if missing:
        invocation["toolExecutionNotifications"] = [
            {
                "associatedRule": {"id": line.id, "index": index},
                "level": "warning" if line.target is Target.MAIN else "note",
                "message": {"text": _message(line.summary)},
            }
            for index, line in missing
        ]
    return invocation


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _message(text: str) -> str:
    """Return the text as a SARIF message: braces are no placeholders, and brackets no links to anywhere."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _in_address(text: str) -> str:
    return "".join(chr(byte) if chr(byte) in _PLAIN_IN_ADDRESSES else f"%{byte:02X}" for byte in text.encode())
