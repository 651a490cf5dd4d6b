"""The scenarios that come with Allmende, each with what its steps do."""

from collections.abc import Mapping
from dataclasses import dataclass

from allmende.errors import UnknownNameError
from allmende.health.apply import api, instance
from allmende.health.apply.stage import Deed
from allmende.health.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A scenario with the deeds of its steps, by their names."""

    scenario: Scenario
    deeds: Mapping[str, Deed]


SCENARIOS: Mapping[str, Playable] = {
    module.SCENARIO.name: Playable(scenario=module.SCENARIO, deeds=module.DEEDS) for module in (api, instance)
}


def scenario_called(name: str) -> Playable:
    """Return the scenario with this name; UnknownNameError when there is none."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise UnknownNameError(f"There is no scenario {name}.", hint=f"There are: {', '.join(SCENARIOS)}") from None
