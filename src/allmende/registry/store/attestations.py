"""The rows of decisions on attestations. An attestation itself is a result, of a testcase that people judge."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Connection, insert, select

from allmende.registry.model.assessment import Attestation, Decision, Ruling
from allmende.registry.store import reports as reports_store
from allmende.registry.store.tables import reports, results, rulings


def add(connection: Connection, ruling: Ruling) -> None:
    """Store a decision."""
    connection.execute(insert(rulings).values(asdict(ruling)))


def of_report(connection: Connection, report: UUID, testcases: Collection[str]) -> tuple[Attestation, ...]:
    """Return what a report says of these testcases as attestations, with the decisions on them."""
    stored = reports_store.find(connection, report)
    if stored is None:
        return ()
    return tuple(
        Attestation(report=stored, result=result, rulings=_rulings(connection, report, result.testcase))
        for result in reports_store.results_of(connection, report)
        if result.testcase in testcases
    )


def newest(
    connection: Connection, testcases: Collection[str], limit: int, subject: str | None = None
) -> tuple[Attestation, ...]:
    """Return the attestations of these testcases in the newest reports that have any, of one subject or of all."""
    query = (
        select(reports.c.id)
        .where(reports.c.id.in_(select(results.c.report).where(results.c.testcase.in_(testcases))))
        .order_by(reports.c.finished_at.desc(), reports.c.id)
        .limit(limit)
    )
    if subject is not None:
        query = query.where(reports.c.subject == subject)
    found = (of_report(connection, report, testcases) for report in connection.execute(query).scalars().all())
    return tuple(attestation for of_one in found for attestation in of_one)


def _rulings(connection: Connection, report: UUID, testcase: str) -> tuple[Ruling, ...]:
    query = select(rulings).where(rulings.c.report == report, rulings.c.testcase == testcase).order_by(rulings.c.id)
    return tuple(
        Ruling(
            report=row["report"],
            testcase=row["testcase"],
            at=row["at"],
            account=row["account"],
            decision=Decision(row["decision"]),
            reason=row["reason"],
        )
        for row in connection.execute(query).mappings()
    )
