"""The scenarios that come with Allmende, each with what its steps do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from allmende.errors import UnknownNameError
from allmende.health.apply import api, instance, loadbalancer, secrets, storage, zones
from allmende.health.apply.stage import Deed, MissingError, Stage
from allmende.health.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A scenario with the deeds of its steps, by their names."""

    scenario: Scenario
    deeds: Mapping[str, Deed]


_SHIPPED = (api, instance, secrets, storage, loadbalancer, zones)
SCENARIOS: Mapping[str, Playable] = {
    module.SCENARIO.name: Playable(scenario=module.SCENARIO, deeds=module.DEEDS) for module in _SHIPPED
}


def left_out(playable: Playable, steps: Iterable[str]) -> Playable:
    """Return the scenario with these steps skipped, and what needs them; names that it does not have change nothing."""

    async def skip(stage: Stage) -> None:  # noqa: ARG001 -- the same for every deed
        raise MissingError("It is left out, as asked.")

    deeds = {name: skip for name in steps if name in playable.deeds}
    return replace(playable, deeds={**playable.deeds, **deeds})


def step_called(name: str) -> str:
    """Return the name of this step; UnknownNameError when no scenario has it."""
    known = [step.name for playable in SCENARIOS.values() for step in playable.scenario.steps]
    if name not in known:
        raise UnknownNameError(f"There is no step «{name}».", hint="They are listed by: allmende monitor scenarios")
    return name


def scenario_called(name: str) -> Playable:
    """Return the scenario with this name; UnknownNameError when there is none."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise UnknownNameError(f"There is no scenario {name}.", hint=f"There are: {', '.join(SCENARIOS)}") from None
