"""Decide whether a scenario holds together, and in which order its steps can be done at the earliest."""

from collections.abc import Sequence

from allmende.health.model.scenario import Scenario, Step


def waves(scenario: Scenario) -> tuple[tuple[Step, ...], ...]:
    """Return the steps in waves: what is in one can be done at the same time, once those before it are done.

    ValueError for a step that is named twice, waits for one that there is not, or for itself.
    """
    names = [step.name for step in scenario.steps]
    if len(set(names)) != len(names):
        raise ValueError(f"{scenario.name} has a step twice: {names}")
    done: set[str] = set()
    found: list[tuple[Step, ...]] = []
    left: Sequence[Step] = scenario.steps
    while left:
        ready = tuple(step for step in left if done.issuperset(waits_for(step)))
        if not ready:
            stuck = ", ".join(step.name for step in left)
            raise ValueError(f"{scenario.name} cannot go on to: {stuck}")
        found.append(ready)
        done |= {step.name for step in ready}
        left = [step for step in left if step.name not in done]
    return tuple(found)


def waits_for(step: Step) -> tuple[str, ...]:
    """Return the names of the steps that end before this one begins."""
    return (*step.needs, *step.after)
