"""What the registry keeps in memory of what it worked out before, so that the same is not worked out again.

Nothing here decides anything: what is kept holds for one state of the record (`store.revision`) and one day, and what
holds no longer is made anew from the record. Safe between threads: the first who asks works it out, and the others
wait for that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from allmende.registry.model.record import CurrentResult, Subject
from allmende.registry.model.scores import TableCell
from allmende.registry.rules.public_monitor import ScopeStanding
from allmende.registry.store import reports, revision, subjects
from allmende.web.answers import Answers

FEW = 100
"""From how many changed subjects on all current results are read at once."""

Worked = TypeVar("Worked")
Work = Callable[[Subject, Mapping[UUID, Sequence[CurrentResult]]], Worked]
"""What makes something of a subject and its current results by scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[Worked]):
    """A subject and what was worked out for it from its current results; `revision` is its own."""

    subject: Subject
    revision: int
    worked: Worked


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Generic[Worked]):
    """What was worked out for every subject, by id and in the order of ids, in one state on one day (UTC)."""

    number: int
    day: date
    entries: Mapping[str, Entry[Worked]]


@dataclass(slots=True)
class PerSubject(Generic[Worked]):
    """Something worked out for each subject, again only for those that changed since, or all when the day has ended.

    Results expire with the day, so within one day the same follows from the same results.
    """

    held: State[Worked] | None = None
    _turn: Lock = field(default_factory=Lock, repr=False)

    def state(self, connection: Connection, now: datetime, work: Work[Worked]) -> State[Worked]:
        """Return what `work` makes, for every subject, of the state that this connection sees, or of a newer one."""
        number, day = revision.number(connection), now.astimezone(UTC).date()
        with self._turn:
            held = self.held
            if held is None or held.day != day or held.number < number:
                held = self.held = self._next(connection, number, day, work)
            return held

    def _next(self, connection: Connection, number: int, day: date, work: Work[Worked]) -> State[Worked]:
        held = self.held
        known = held.entries if held is not None and held.day == day else {}
        revisions = revision.of_subjects(connection)
        changed = {id_ for id_, at in revisions.items() if id_ not in known or known[id_].revision != at}
        fresh = _worked(connection, changed, revisions, work)
        entries = {id_: fresh[id_] if id_ in fresh else known[id_] for id_ in sorted(revisions)}
        return State(number=number, day=day, entries=entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that one registry keeps: cells of the table, standings without and with drafts, and answers."""

    cells: PerSubject[tuple[TableCell, ...]] = field(default_factory=PerSubject)
    standings: PerSubject[Mapping[str, ScopeStanding]] = field(default_factory=PerSubject)
    with_drafts: PerSubject[Mapping[str, ScopeStanding]] = field(default_factory=PerSubject)
    answers: Answers = field(default_factory=Answers)


def _worked(
    connection: Connection, changed: set[str], revisions: Mapping[str, int], work: Work[Worked]
) -> Mapping[str, Entry[Worked]]:
    if not changed:
        return {}
    current: dict[str, dict[UUID, Sequence[CurrentResult]]] = {}
    for (subject, scope), results in reports.current(connection, *(changed if len(changed) < FEW else ())).items():
        current.setdefault(subject, {})[scope] = results
    return {
        subject.id: Entry(
            subject=subject, revision=revisions[subject.id], worked=work(subject, current.get(subject.id, {}))
        )
        for subject in subjects.everyone(connection)
        if subject.id in changed
    }
