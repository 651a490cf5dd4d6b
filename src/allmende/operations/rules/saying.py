"""Note what of an incident is public since when, so that nobody tells the past differently later."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from allmende.errors import KeptError
from allmende.operations.model.status import Impact, Incident, Severity, Statement
from allmende.operations.rules.stated import named

MOST_STATEMENTS = 500


def said(after: Incident, before: Incident | None, severities: Sequence[Severity], now: datetime) -> Incident:
    """Return the incident as it is kept: with the names of its severities, and what is public of it from now on.

    `before` is what was kept; None of a new one. KeptError where it was said differently too often.
    """
    known = {_bare(impact): impact.word for impact in before.affects} if before is not None else {}
    affects = tuple(
        replace(impact, word=known.get(_bare(impact)) or named(impact.severity, severities)) for impact in after.affects
    )
    after = replace(after, affects=affects)
    if after.published_at is None:
        return after
    statement = Statement(
        said_at=now,
        name=after.name,
        description=after.description,
        affects=affects,
        began_at=after.began_at,
        ended_at=after.ended_at,
        phase=after.phase,
        post_mortem=after.post_mortem,
        is_withdrawn=after.withdrawn_at is not None,
    )
    if after.statements and replace(after.statements[-1], said_at=now) == statement:
        return after
    if len(after.statements) >= MOST_STATEMENTS:
        raise KeptError("The incident was said differently too often.", hint="Begin another one.")
    return replace(after, statements=(*after.statements, statement))


def ever_said(incident: Incident) -> Iterator[Impact]:
    """Yield every impact that it has, or that was ever public of it."""
    yield from incident.affects
    for statement in incident.statements:
        yield from statement.affects


def _bare(impact: Impact) -> Impact:
    return replace(impact, word="")
