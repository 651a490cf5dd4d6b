"""The demanded tests, run by one Tempest: which of them it has, in which rounds they go, and what came of each.

Tests that need an account in a second project go alone, after the others: only then is the second account that Tempest
takes surely one of another project.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from allmende.facts.tempest import TempestOutcome, TempestResult
from allmende.programs.subunit import Event, Status
from allmende.programs.tempest.process import Workspace, known_tests, reports
from allmende.programs.tempest.tally import Tally
from allmende.standards.tempest_list import SECOND_PROJECT, DemandedTest

NO_SECOND_PROJECT = "it takes an account in a second project, and none was given"
_ID = re.compile(r"(?P<name>[^\[]+)\[id-(?P<id>[0-9a-f-]{36})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run: `wanted` of the demanded `tests`, with accounts in so many projects, in so much time."""

    tests: tuple[DemandedTest, ...]
    wanted: frozenset[str]
    projects: int = 1
    concurrency: int = 2
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What came of an order. `missing` are tests without result, and `why` says what is known about that."""

    results: tuple[TempestResult, ...]
    missing: tuple[str, ...]
    why: str = ""


async def run_tests(
    space: Workspace,
    order: Order,
    had: Iterable[TempestResult],
    ready: Callable[[Sequence[TempestResult], datetime | None], None],
    say: Callable[[str], None],
) -> Reported:
    """Run what is wanted and has no result yet; `ready` is given results as they come, `say` what is done.

    Raises ProgramError when Tempest does not start.
    """
    tally = Tally(order.tests)
    tally.results.update({result.test: result for result in had})
    why = []
    try:
        async with asyncio.timeout(order.seconds):
            why += await _rounds(space, order, tally, ready, say)
    except TimeoutError:
        why.append(f"The run was limited to {order.seconds:g} s.")
    why += tally.troubles
    missing = tuple(test.name for test in order.tests if test.name not in tally.results)
    if unasked := sum(1 for name in missing if name not in order.wanted):
        why.append(f"Not asked for: {unasked}.")
    if len(missing) > unasked and not why:
        why.append("Tempest ended without reporting them.")
    return Reported(results=tuple(tally.results.values()), missing=missing, why=" ".join(why))


async def _rounds(
    space: Workspace,
    order: Order,
    tally: Tally,
    ready: Callable[[Sequence[TempestResult], datetime | None], None],
    say: Callable[[str], None],
) -> list[str]:
    open_tests = [test for test in order.tests if test.name in order.wanted and test.name not in tally.results]
    if not open_tests:
        return []
    say("asking Tempest for its tests")
    full = _full_ids(await known_tests(space))
    absent = [test.name for test in open_tests if (test.name, test.id) not in full]
    here = [test for test in open_tests if (test.name, test.id) in full]
    alone = [test for test in here if SECOND_PROJECT in test.needs]
    rounds = [([test for test in here if test not in alone], min(order.concurrency, order.projects)), (alone, 1)]
    if order.projects == 1:
        rounds.pop()
        skipped = [
            TempestResult(test=test.name, outcome=TempestOutcome.SKIP, reason=NO_SECOND_PROJECT) for test in alone
        ]
        tally.results.update({result.test: result for result in skipped})
    for tests, concurrency in rounds:
        if tests:
            async with aclosing(reports(space, [full[test.name, test.id] for test in tests], concurrency)) as events:
                async for event in events:
                    if new := tally.take(event):
                        ready(new, event.at)
                    say(_standing(tally, len(order.wanted), event))
    return [f"This release of Tempest does not have {', '.join(absent)}."] if absent else []


def _full_ids(known: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the full id of each test by its name and idempotent id, since tags differ between releases."""
    matches = (match for full in known if (match := _ID.match(full)))
    return {(match["name"], match["id"]): match.string for match in matches}


def _standing(tally: Tally, total: int, event: Event) -> str:
    failed = sum(1 for result in tally.results.values() if result.outcome is TempestOutcome.FAIL)
    words = f"{len(tally.results)} of {total}" + (f", {failed} failed" if failed else "")
    if event.status is Status.IN_PROGRESS:
        words += f", {event.test.partition('[')[0].rsplit('.', 1)[-1]}"
    return words
