"""JUnit XML, as CI systems read it: one suite per target and standard, one case per testcase.

FAIL is a failure; DNF, which could not be determined, an error; what was not attempted is skipped. Written, never read.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from typing import assert_never
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from allmende.outcome import Outcome
from allmende.report.explanation import COUNTS_FOR, explanation
from allmende.report.reading import Group, Line, Reading

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(reading: Reading) -> bytes:
    """Return the report as an XML document."""
    report = reading.report
    seconds = (report.finished_at - report.started_at).total_seconds()
    name = _text(f"{report.subject}: {reading.measure}")
    root = Element("testsuites", {"name": name, **_counts(reading.lines), "time": f"{max(seconds, 0):.3f}"})
    for group in reading.groups:
        root.append(_suite(reading, group))
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(reading: Reading, group: Group) -> Element:
    report = reading.report
    standard = f"{group.module.id} {group.module.name}" if group.module else "Other testcases"
    suite = Element(
        "testsuite",
        {
            "name": _text(f"{reading.measure}: {standard} ({COUNTS_FOR[group.target]})"),
            **_counts(group.lines),
            "timestamp": report.started_at.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )
    properties = SubElement(suite, "properties")
    for key, value in (("report", str(report.id)), ("subject", report.subject), ("scope", str(report.scope))):
        SubElement(properties, "property", {"name": key, "value": _text(value)})
    for line in group.lines:
        suite.append(_case(line))
    return suite


def _case(line: Line) -> Element:
    of = line.module.id if line.module else "other"
    case = Element("testcase", {"classname": _text(of), "name": _text(line.id)})
    message, details = _text(f"{line.title} {line.summary}"), _text(explanation(line))
    match line.outcome:
        case Outcome.PASS:
            SubElement(case, "system-out").text = details
        case Outcome.FAIL:
            SubElement(case, "failure", {"message": message, "type": line.outcome}).text = details
        case Outcome.DNF:
            SubElement(case, "error", {"message": message, "type": line.outcome}).text = details
        case Outcome.MISS:
            SubElement(case, "skipped", {"message": message})
        case _:
            assert_never(line.outcome)
    return case


def _counts(lines: Iterable[Line]) -> dict[str, str]:
    found: Counter[Outcome] = Counter(line.outcome for line in lines)
    return {
        "tests": str(found.total()),
        "failures": str(found[Outcome.FAIL]),
        "errors": str(found[Outcome.DNF]),
        "skipped": str(found[Outcome.MISS]),
    }


def _text(text: str) -> str:
    """Return the text without the characters that XML cannot hold at all."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
