"""The rows of the verdicts that stand: for each subject and version of a scope, the one that the log has last."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from allmende.outcome import Outcome
from allmende.registry.rules.leaves import VerdictLeaf
from allmende.registry.store.tables import standing_verdicts


def standing(connection: Connection, subject: str, scope: UUID) -> Mapping[str, Outcome]:
    """Return the verdicts that stand, by version."""
    place = (standing_verdicts.c.subject == subject, standing_verdicts.c.scope == scope)
    rows = connection.execute(select(standing_verdicts.c.version, standing_verdicts.c.outcome).where(*place))
    return {row.version: Outcome(row.outcome) for row in rows}


def put(connection: Connection, verdict: VerdictLeaf) -> None:
    """Let this verdict stand from now on."""
    place = {"subject": verdict.subject, "scope": verdict.scope, "version": verdict.version}
    value = {"outcome": verdict.outcome, "since": verdict.at}
    if verdict.before is None:
        connection.execute(insert(standing_verdicts).values(**place, **value))
        return
    where = (standing_verdicts.c[name] == known for name, known in place.items())
    connection.execute(update(standing_verdicts).where(*where).values(**value))
