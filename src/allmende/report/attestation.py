"""A report in which an operator states, of a testcase that people judge, how it stands.

Decides how a statement and its evidence are written down. Whether it counts is decided by an assessor of the registry
(scs-0004-v1, «Regulations» 3 and 5).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allmende import __version__
from allmende.canonical import digest
from allmende.errors import UsageError
from allmende.outcome import Evidence, Outcome
from allmende.printable import printable
from allmende.report.document import Report, ReportedEvidence, Result, Tool
from allmende.standards.model import Scope, Testcase

MOST_TEXT = 5000
MOST_FILES = 20
MOST_BYTES = 10 * 1024 * 1024
FILE_TYPES = (".csv", ".docx", ".jpeg", ".jpg", ".json", ".md", ".odt", ".pdf", ".png", ".txt", ".yaml")
"""How the name of a file may end: what people read, and nothing that a browser would run."""

_FILE = re.compile(r"sha256:(?P<sha256>[0-9a-f]{64}), (?P<size>[0-9]{1,12}) bytes")
_FILE_SUBJECT = "file "


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is stated, in words, of a testcase of a scope for a subject."""

    subject: str
    scope: Scope
    testcase: Testcase
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file of evidence that a statement names; `size` is in bytes, `sha256` in hexadecimal digits."""

    name: str
    sha256: str
    size: int


def named_files(evidence: Iterable[Evidence | ReportedEvidence]) -> tuple[NamedFile, ...]:
    """Return the files that the evidence of a statement names."""
    found = ((row.subject, _FILE.fullmatch(row.seen)) for row in evidence if row.subject.startswith(_FILE_SUBJECT))
    return tuple(
        NamedFile(name=subject.removeprefix(_FILE_SUBJECT), sha256=match["sha256"], size=int(match["size"]))
        for subject, match in found
        if match
    )


def attestation(stated: Statement, files: Iterable[tuple[str, bytes]], id_: UUID, now: datetime) -> Report:
    """Return the report that states this. Of each file (name and content), it has size and SHA-256.

    UsageError for a testcase that a program judges, an empty or endless text, and files that are too many or too large.
    """
    kept = tuple(files)
    _in_order(stated, kept)
    evidence = tuple(
        ReportedEvidence(
            subject=f"{_FILE_SUBJECT}{printable(name)}",
            seen=f"sha256:{digest(content)}, {len(content)} bytes",
            demanded="handed to the assessor",
        )
        for name, content in kept
    )
    result = Result(
        testcase=stated.testcase.id, outcome=Outcome.PASS, summary=stated.text, checked_at=now, evidence=evidence
    )
    return Report(
        id=id_,
        subject=stated.subject,
        scope=UUID(stated.scope.uuid),
        scope_name=stated.scope.name,
        started_at=now,
        finished_at=now,
        complete=False,
        requests=0,
        tool=Tool(name="allmende", version=__version__),
        results=(result,),
    )


def _in_order(stated: Statement, files: tuple[tuple[str, bytes], ...]) -> None:
    testcase = stated.testcase
    if testcase.automated:
        raise UsageError(
            f"{testcase.id} is judged by a program, so nobody attests it.", hint=f"allmende check --only {testcase.id}"
        )
    if testcase.id not in {id_ for version in stated.scope.versions for id_ in version.testcases()}:
        raise UsageError(
            f"{stated.scope.name} has no testcase {testcase.id}.", hint="Name the scope that it is for with --scope."
        )
    if not stated.text.strip() or len(stated.text) > MOST_TEXT:
        raise UsageError(
            f"A statement has a text of {MOST_TEXT} characters at most.", hint=f"allmende explain {testcase.id}"
        )
    odd = next((name for name, _ in files if not name.lower().endswith(FILE_TYPES)), None)
    if odd is not None:
        raise UsageError(
            f"{printable(odd)} is of no type that evidence may have.", hint=f"These are taken: {' '.join(FILE_TYPES)}"
        )
    if len(files) > MOST_FILES or any(len(content) > MOST_BYTES for _, content in files):
        raise UsageError(
            f"A statement has {MOST_FILES} files at most, of {MOST_BYTES // 2**20} MiB each.",
            hint="Name the address where the rest can be read in the text.",
        )
