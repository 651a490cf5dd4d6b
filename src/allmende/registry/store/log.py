"""The rows of the transparency log: its entries, and the hashes of the complete subtrees above them.

Nothing here is ever changed or deleted. Who appends holds a lock until the end of the transaction, so numbers have no
gaps, and what an entry records is stored with it or not at all.
"""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from allmende.registry.model.record import LogEntry
from allmende.registry.rules.leaves import KeyLeaf, Leaf, ReportLeaf, content_of
from allmende.registry.rules.merkle import Subtree, completed, leaf_hash, node_hash
from allmende.registry.store.tables import log_entries, log_nodes, log_size, reports, submissions

_KEY_KIND = KeyLeaf.model_fields["kind"].default


def size(connection: Connection) -> int:
    """Return how many entries there are."""
    return int(connection.execute(select(log_size.c.size)).scalar_one())


def append(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Append these entries, in this order."""
    if not leaves:
        return
    number = int(connection.execute(select(log_size.c.size).with_for_update()).scalar_one())
    above: dict[tuple[int, int], bytes] = {}
    stored = subtree(connection)
    entries = []

    def known(level: int, place: int) -> bytes:
        return above.get((level, place)) or stored(level, place)

    for offset, leaf in enumerate(leaves):
        content = content_of(leaf)
        above[0, number + offset] = leaf_hash(content)
        for level, place in completed(number + offset):
            above[level, place] = node_hash(known(level - 1, 2 * place), known(level - 1, 2 * place + 1))
        entries.append(
            {
                "number": number + offset,
                "content": content,
                "hash": above[0, number + offset],
                "kind": leaf.kind,
                "report": leaf.report if isinstance(leaf, ReportLeaf) else None,
            }
        )
    connection.execute(insert(log_entries), entries)
    nodes = [{"level": level, "number": place, "hash": hash_} for (level, place), hash_ in above.items() if level]
    if nodes:
        connection.execute(insert(log_nodes), nodes)
    connection.execute(update(log_size).values(size=number + len(leaves)))


def entries(connection: Connection, start: int, count: int) -> tuple[LogEntry, ...]:
    """Return at most `count` entries from the number `start` on."""
    query = select(log_entries.c.number, log_entries.c.content).where(log_entries.c.number >= start)
    rows = connection.execute(query.order_by(log_entries.c.number).limit(count))
    return tuple(LogEntry(number=row.number, content=row.content) for row in rows)


def number_of(connection: Connection, report: UUID) -> int | None:
    """Return the number of the entry of a report; None when it has none yet."""
    return connection.execute(select(log_entries.c.number).where(log_entries.c.report == report)).scalar()


def keys(connection: Connection) -> tuple[LogEntry, ...]:
    """Return the entries that name the keys, oldest first."""
    query = select(log_entries.c.number, log_entries.c.content).where(log_entries.c.kind == _KEY_KIND)
    return tuple(
        LogEntry(number=row.number, content=row.content) for row in connection.execute(query.order_by("number"))
    )


def without_entry(connection: Connection, limit: int) -> tuple[UUID, ...]:
    """Return reports that the log does not have, in the order in which they were received."""
    query = (
        select(reports.c.id)
        .join(submissions, submissions.c.id == reports.c.submission)
        .outerjoin(log_entries, log_entries.c.report == reports.c.id)
        .where(log_entries.c.number.is_(None))
        .order_by(submissions.c.id, reports.c.id)
        .limit(limit)
    )
    return tuple(connection.execute(query).scalars())


def subtree(connection: Connection) -> Subtree:
    """Return the tree as the function that `rules.merkle` reads it by."""

    @cache
    def stored(level: int, number: int) -> bytes:
        if level == 0:
            query = select(log_entries.c.hash).where(log_entries.c.number == number)
        else:
            query = select(log_nodes.c.hash).where(log_nodes.c.level == level, log_nodes.c.number == number)
        return bytes(connection.execute(query).scalar_one())

    return stored
