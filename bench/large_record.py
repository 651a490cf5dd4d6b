"""A record of many subjects over many days, written straight into the database, as fast as it takes rows.

    python bench/large_record.py URL [--subjects 1000] [--days 540]

Each subject has one complete report a day (SCS-compatible IaaS v5.1), from noon on, until today. What the reports said
varies by subject and day; the signed bytes are short, since no page reads them. Ids of reports are random, as real
ones are, so that the reports of a subject lie far from each other. The rows are those that the same reports would have
left had they been submitted; the current results are the newest of them.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, text

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult, Subject
from allmende.registry.store import accounts, reports, subjects
from allmende.registry.store.tables import reports as reports_table
from allmende.registry.store.tables import submissions as submissions_table
from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.storage.database import Database, open_database

ACCOUNT = "operator"
BATCH = 20_000
KINDS = 4
"""How many kinds of days there are; a kind says which testcases fail."""


def generate(database: Database, standards: Standards, count: int, days: int, now: datetime) -> None:
    """Fill an empty record; to be called once."""
    randomness = random.Random(1)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    testcases = standards.scope("iaas").version("v5.1").testcases()
    names = [f"subject-{n:04}" for n in range(count)]
    with database.writing() as connection:
        accounts.add(connection, ACCOUNT, now)
        for name in names:
            subjects.put(connection, Subject(id=name, name=name.title(), operator=f"Operator {name[-2:]}"))
            accounts.grant(connection, ACCOUNT, name)
        connection.execute(text("CREATE TABLE kinds (kind INTEGER, testcase TEXT, outcome TEXT)"))
        connection.execute(
            text("INSERT INTO kinds VALUES (:kind, :testcase, :outcome)"),
            [
                {"kind": kind, "testcase": testcase, "outcome": _outcome(kind, place)}
                for kind in range(KINDS)
                for place, testcase in enumerate(testcases)
            ],
        )
    of_subject = [noon - timedelta(days=days - 1 - day) for day in range(days)]
    ids = sorted(randomness.randbytes(16) for _ in range(count * days))
    order = [(name, moment) for moment in of_subject for name in names]
    randomness.shuffle(order)
    for at in range(0, len(ids), BATCH):
        with database.writing() as connection:
            _write(connection, list(_reports(ids[at : at + BATCH], order[at : at + BATCH], at, standards)))
    newest = {name: UUID(bytes=id_) for id_, (name, moment) in zip(ids, order, strict=True) if moment == noon}
    with database.writing() as connection:
        for name, report in newest.items():
            current = [
                CurrentResult(
                    testcase=testcase,
                    outcome=Outcome(_outcome(_kind(report), place)),
                    checked_at=noon,
                    report=report,
                    last_passed=noon,
                )
                for place, testcase in enumerate(testcases)
            ]
            reports.put_current(connection, name, UUID(standards.scope("iaas").uuid), current)
        connection.execute(text("DROP TABLE kinds"))
        if connection.dialect.name == "postgresql":
            numbering = "SELECT setval(pg_get_serial_sequence('submissions', 'id'), max(id)) FROM submissions"
            connection.execute(text(numbering))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--subjects", type=int, default=1000)
    parser.add_argument("--days", type=int, default=540)
    options = parser.parse_args()
    now = datetime.now(UTC)  # noqa: TID251 -- results must still count when the record is served
    database = open_database(options.url)
    began = time.monotonic()
    generate(database, load_standards(), options.subjects, options.days, now)
    with database.reading() as connection:
        written = connection.execute(text("SELECT count(*) FROM results")).scalar_one()
    database.close()
    made = f"{options.subjects} subjects, {options.subjects * options.days} reports, {written} results"
    print(f"{made}: {time.monotonic() - began:.0f} s")


def _outcome(kind: int, place: int) -> str:
    odd = Outcome.FAIL if kind == 1 else Outcome.DNF
    return (odd if kind and place % 17 == kind else Outcome.PASS).value


def _kind(report: UUID) -> int:
    return report.int % KINDS


def _reports(
    ids: list[bytes], order: list[tuple[str, datetime]], first: int, standards: Standards
) -> Iterator[dict[str, object]]:
    scope = standards.scope("iaas")
    for number, (id_, (subject, moment)) in enumerate(zip(ids, order, strict=True), first + 1):
        yield {
            "id": UUID(bytes=id_),
            "submission": number,
            "content_digest": id_.hex() * 2,
            "subject": subject,
            "scope": UUID(scope.uuid),
            "scope_name": scope.name,
            "tool": "allmende 0.1.0",
            "complete": True,
            "requests": 9,
            "started_at": moment,
            "finished_at": moment,
        }


def _write(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(
        insert(submissions_table),
        [
            {
                "id": row["submission"],
                "digest": row["content_digest"],
                "account": ACCOUNT,
                "media_type": "application/x-signed-yaml",
                "signature": b"signature " * 30,
                "content": b"content " * 30,
                "fingerprint": "SHA256:generated",
                "received_at": row["finished_at"],
            }
            for row in rows
        ],
    )
    connection.execute(insert(reports_table), rows)
    first, last = rows[0]["submission"], rows[-1]["submission"]
    kind = "mod(ascii(right(id::text, 1)) - CASE WHEN right(id::text, 1) < 'a' THEN 48 ELSE 87 END, 4)"
    if connection.dialect.name == "sqlite":
        kind = "(instr('0123456789abcdef', substr(id, 32)) - 1) % 4"
    connection.execute(
        text(
            "INSERT INTO results (report, testcase, outcome, checked_at, summary, evidence, notes)"
            " SELECT id, testcase, outcome, finished_at, 'The SCS test suite reported ' || outcome || '.', '[]', '[]'"
            f" FROM reports JOIN kinds ON kind = {kind}"
            " WHERE submission BETWEEN :first AND :last ORDER BY id, testcase"
        ),
        {"first": first, "last": last},
    )


if __name__ == "__main__":
    main()
