"""Decide whether a project has room for what a scenario creates."""

from collections.abc import Mapping

from allmende.health.model.scenario import Scenario


def lacking(scenario: Scenario, free: Mapping[str, int]) -> tuple[str, ...]:
    """Return what the quota lacks, in words: `compute.instances (1 needed, 0 free)`; of what is not known, nothing."""
    return tuple(
        f"{name} ({needed} needed, {free[name]} free)"
        for name, needed in scenario.quota.items()
        if name in free and free[name] < needed
    )
