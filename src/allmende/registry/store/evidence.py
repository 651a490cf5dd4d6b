"""The rows of files that attestations name. A file once handed in is never changed."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from allmende.registry.model.assessment import EvidenceFile
from allmende.registry.store.tables import evidence_files, reports


def add(connection: Connection, file: EvidenceFile, content: bytes) -> None:
    """Store a file."""
    connection.execute(insert(evidence_files).values(**asdict(file), content=content))


def of_reports(connection: Connection, ids: Collection[UUID]) -> tuple[EvidenceFile, ...]:
    """Return the files that were handed in for these reports, without their content, by name."""
    columns = [column for column in evidence_files.c if column.name != "content"]
    query = select(*columns).where(evidence_files.c.report.in_(ids)).order_by(evidence_files.c.name)
    return tuple(EvidenceFile(**row) for row in connection.execute(query).mappings())


def content_of(connection: Connection, report: UUID, sha256: str) -> bytes | None:
    """Return the content of a file; None when it was not handed in."""
    where = (evidence_files.c.report == report, evidence_files.c.sha256 == sha256)
    found = connection.execute(select(evidence_files.c.content).where(*where)).scalar_one_or_none()
    return None if found is None else bytes(found)


def bytes_of_subject(connection: Connection, subject: str) -> int:
    """Return how many bytes of files are kept for a subject."""
    query = select(func.coalesce(func.sum(evidence_files.c.size), 0)).join(
        reports, reports.c.id == evidence_files.c.report
    )
    return int(connection.execute(query.where(reports.c.subject == subject)).scalar_one())
