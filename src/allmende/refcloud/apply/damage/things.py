"""Which functions read and write the state of the thing that a step changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.apply.damage import entries, flavors, images
from allmende.refcloud.apply.damage.machine import Machine
from allmende.refcloud.apply.door import OperatorDoor
from allmende.refcloud.model.defects import (
    DefaultRulesChanged,
    EndpointHidden,
    FileChanged,
    FlavorAdded,
    FlavorChanged,
    FlavorDescribed,
    FlavorRemoved,
    ImageAdded,
    ImageChanged,
    QuotaExhausted,
    RoleTaken,
    ServiceHidden,
    State,
    Step,
    UnitStopped,
    VolumeTypeDescribed,
    WorkerDisabled,
)
from allmende.refcloud.model.furniture import Account


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a step can change: `state` reads it, `bring` makes it what a state says."""

    state: Callable[[], Awaitable[State]]
    bring: Callable[[State], Awaitable[None]]


class Things:
    """Everything of one running cloud that a step can change."""

    def __init__(self, operator: OperatorDoor, machine: Machine, account: Account) -> None:
        self._operator = operator
        self._machine = machine
        self._account = account
        self._images = asyncio.Lock()

    def of(self, step: Step) -> Thing:  # noqa: C901 -- one line for each kind of step
        """Return what the step changes."""
        machine = self._machine
        match step:
            case UnitStopped(stop=unit):
                return Thing(lambda: machine.unit(unit), lambda s: machine.bring_unit(unit, s))
            case FileChanged(file=path, restart=unit):
                return Thing(lambda: machine.file(path), lambda s: machine.bring_file(path, unit, s))
            case FlavorRemoved(remove_flavor=name) | FlavorAdded(add_flavor=name) | FlavorChanged(flavor=name):
                return self._asked(lambda c: flavors.flavor(c, name), lambda c, s: flavors.bring_flavor(c, name, s))
            case FlavorDescribed(flavor_properties=name, set=values):
                return self._asked(lambda c: flavors.extra_specs(c, name, values), flavors.bring_extra_specs)
            case ImageChanged(image=name, set=attributes):
                return self._asked(lambda c: images.attributes(c, name, attributes), self._bring_attributes)
            case ImageAdded(add_image=name):
                return self._asked(lambda c: images.added(c, name), lambda c, s: images.bring_added(c, name, s))
            case VolumeTypeDescribed(volume_type=name):
                return self._asked(lambda c: entries.volume_type(c, name), entries.bring_volume_type)
            case DefaultRulesChanged():
                return self._asked(entries.default_rules, entries.bring_default_rules)
            case ServiceHidden(hide_service=type_):
                return self._asked(lambda c: entries.service(c, type_), entries.bring_service)
            case EndpointHidden(hide_endpoint=type_):
                return self._asked(lambda c: entries.public_endpoint(c, type_), entries.bring_endpoint)
            case WorkerDisabled(disable=worker, service=type_):
                return self._asked(
                    lambda c: entries.worker(c, type_, worker), lambda c, s: entries.bring_worker(c, type_, s)
                )
            case QuotaExhausted(quota=key, service=type_):
                quota = entries.Quota(service=type_, key=key, account=self._account)
                return self._asked(quota.state, quota.bring)
            case RoleTaken(take_role=name):
                grant = entries.Grant(role=name, account=self._account)
                return self._asked(grant.state, grant.bring)
            case _:
                assert_never(step)

    async def _bring_attributes(self, cloud: OpenStackCloud, state: State) -> None:
        """Change one property after the other: of two changes to an image at the same time, glance may lose one."""
        async with self._images:
            await images.bring_attributes(cloud, state)

    def _asked(
        self,
        state: Callable[[OpenStackCloud], Awaitable[State]],
        bring: Callable[[OpenStackCloud, State], Awaitable[None]],
    ) -> Thing:
        """Return a thing that is read and written through the operator's door."""

        async def read() -> State:
            return await state(await self._operator())

        async def write(wanted: State) -> None:
            await bring(await self._operator(), wanted)

        return Thing(read, write)
