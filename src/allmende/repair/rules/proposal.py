"""What a rule answers for one failing testcase: edits of a thing, or a point that stays open."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from allmende.facts.fact import Fact
from allmende.outcome import Outcome
from allmende.repair.model import Edit, Facts, Failing, Open, Thing

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Edits of one thing that a testcase asks for; those of several testcases are joined later."""

    testcase: str
    thing: Thing
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()


def edit(key: str, before: str | None, after: str | None, because: str = "") -> Edit:
    """Return an edit; it overwrites where something was set before."""
    return Edit(key=key, before=before, after=after, because=because, overwrites=bool(before))


def edits(held: Mapping[str, str], wanted: Mapping[str, str | None]) -> tuple[Edit, ...]:
    """Return an edit for each key that does not have its wanted value."""
    return tuple(edit(key, held.get(key), value) for key, value in wanted.items() if held.get(key) != value)


def fact(facts: Facts, kind: type[F]) -> F:
    """Return a fact that a check has judged from, which therefore was observed."""
    value = facts[kind]
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was judged, yet {value!r} observed")
    return value


def outcome(failing: Failing, facts: Facts, replaced: Fact) -> Outcome:
    """Judge the testcase again with one fact replaced."""
    return failing.check.judge({**facts, type(replaced): replaced}).outcome


def opened(failing: Failing, says: str, asks: Iterable[str] = (), steps: str = "") -> Open:
    """Return the testcase as an open point; its remedy are the steps where there are no better ones."""
    return Open(testcase=failing.id, says=says, asks=tuple(asks), steps=steps or failing.check.testcase.remedy)


def quoted(text: str) -> str:
    """Write a word so that a shell takes it as it is."""
    return shlex.quote(text)
