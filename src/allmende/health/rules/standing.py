"""Decide how a cloud stands now, by what was seen of it last: from several vantage points, by several scenarios."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from allmende.health.model.samples import Iteration, State
from allmende.health.model.standing import Standing

STALE = timedelta(hours=2)
"""What is older says nothing of now."""


def followed(before: Standing | None, iteration: Iteration, state: State) -> Standing:
    """Return what was seen last, once an iteration is known; one that was told of late changes nothing."""
    now = Standing(
        cloud=iteration.cloud,
        scenario=iteration.scenario,
        vantage=iteration.vantage,
        iteration=iteration.id,
        state=state,
        at=iteration.began_at,
        since=iteration.began_at,
    )
    if before is None or (before.state is not state and before.at <= now.at):
        return now
    return replace(now, since=before.since) if before.at <= now.at else before


def state_now(standings: Iterable[Standing], now: datetime) -> State | None:
    """Return how a cloud stands; None when nothing was seen lately.

    A scenario fails when it does from any vantage point; it is blind only where no vantage point sees. The cloud fails
    when any scenario does.
    """
    of_scenario: dict[str, set[State]] = {}
    for standing in standings:
        if now - standing.at <= STALE:
            of_scenario.setdefault(standing.scenario, set()).add(standing.state)
    if not of_scenario:
        return None
    states = {_best_known(seen) for seen in of_scenario.values()}
    return next(state for state in (State.FAILS, State.BLIND, State.WORKS) if state in states)


def failing_since(standings: Iterable[Standing], now: datetime) -> datetime | None:
    """Return since when a cloud fails without a break; None when it does not."""
    failing = (each.since for each in standings if each.state is State.FAILS and now - each.at <= STALE)
    return min(failing, default=None)


def _best_known(seen: set[State]) -> State:
    return next(state for state in (State.FAILS, State.WORKS, State.BLIND) if state in seen)
