"""The Atom feed (RFC 4287) of a subject: each change of a testcase's outcome is an entry."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from allmende.registry.model.record import Subject
from allmende.registry.rules.changes import Change
from allmende.web.words import STATES

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"


def feed(subject: Subject, changes: Sequence[Change], origin: str, now: datetime) -> bytes:
    """Return the feed of a subject's changes, newest first; addresses begin with `origin`."""
    page = f"{origin}/subjects/{quote(subject.id)}"
    root = ET.Element("feed", xmlns=_ATOM)
    updated = changes[0].result.checked_at if changes else now
    _texts(root, id=page, title=f"{subject.name}: changes of testcases", updated=updated.isoformat())
    ET.SubElement(root, "link", rel="self", href=f"{page}/changes.atom")
    ET.SubElement(root, "link", href=page)
    _texts(ET.SubElement(root, "author"), name=subject.operator or subject.name)
    for change in changes:
        result = change.result
        entry = ET.SubElement(root, "entry")
        _texts(
            entry,
            id=f"urn:uuid:{result.report}#{result.testcase}",
            title=f"{result.testcase}: {STATES[result.outcome].word}",
            updated=result.checked_at.isoformat(),
            summary=f"Before: {STATES[change.before].word}. Now: {STATES[result.outcome].word}.",
        )
        ET.SubElement(entry, "link", href=f"{origin}/reports/{result.report}")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root)


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = text
