"""Breaking and mending one running cloud: what is needed to mend is remembered before the cloud is changed."""

import asyncio
from collections.abc import Iterable, Mapping

from allmende.errors import CloudError, ReferenceCloudError
from allmende.refcloud.apply.damage.memory import DamageMemory
from allmende.refcloud.apply.damage.things import Things
from allmende.refcloud.apply.door import OperatorDoor
from allmende.refcloud.apply.progress import Progress, all_of, shown
from allmende.refcloud.model.defects import Damage, Defect, State
from allmende.refcloud.rules.damage import renewed, thing, wanted
from allmende.refcloud.rules.defects import mend_order


class Workshop:
    """The place where one cloud is broken and mended."""

    def __init__(self, things: Things, memory: DamageMemory, operator: OperatorDoor, progress: Progress) -> None:
        self._things = things
        self._memory = memory
        self._operator = operator
        self._progress = progress

    async def break_all(self, defects: Iterable[Defect]) -> None:
        """Give the cloud these defects, which do not stand in each other's way, at the same time.

        Raises ReferenceCloudError, with nothing changed, when the cloud is not as a defect expects it.
        """
        defects = tuple(defects)
        damages = await asyncio.gather(*(self._looked_at(defect) for defect in defects))
        work = [(defect, damage, _targets(defect, damage)) for defect, damage in zip(defects, damages, strict=True)]
        self._memory.remember((*self._memory.damages(), *damages))
        await all_of(self._bring(f"broke {defect.id}", defect, targets) for defect, _, targets in work)

    async def mend_all(self, defects: Iterable[Defect], planned: Mapping[str, str] | None = None) -> None:
        """Bring back the states from before these defects: first what others need.

        `planned` are the files of a cloud that was started anew since then: they are right as they are.
        """
        former = {damage.defect: damage.former for damage in self._memory.damages()}
        for turn in mend_order(defects):
            await all_of(self._mend(defect, former[defect.id], planned or {}) for defect in turn)
            await self._operator.close()  # the next token comes with the catalog as it is then

    async def _looked_at(self, defect: Defect) -> Damage:
        states = [await self._things.of(step).state() for step in defect.steps]
        return Damage(defect=defect.id, former=tuple(states))

    async def _mend(self, defect: Defect, former: tuple[State, ...], planned: Mapping[str, str]) -> None:
        pairs = zip(defect.steps, former, strict=True)
        states = tuple(renewed(step, state, planned) for step, state in pairs)
        await self._bring(f"mended {defect.id}", defect, states)
        await self._assert_mended(defect, states)
        self._memory.remember(tuple(each for each in self._memory.damages() if each.defect != defect.id))

    async def _assert_mended(self, defect: Defect, states: tuple[State, ...]) -> None:
        for step, state in zip(defect.steps, states, strict=True):
            if await self._things.of(step).state() != state:
                raise ReferenceCloudError(
                    f"{thing(step)} is not as it was before {defect.id}.",
                    hint=f"allmende cloud mend {defect.id} tries again; who else changes this cloud?",
                )

    async def _bring(self, title: str, defect: Defect, states: tuple[State, ...]) -> None:
        async def work() -> None:
            for step, state in zip(defect.steps, states, strict=True):
                await self._things.of(step).bring(state)

        try:
            await shown(self._progress, title, work())
        except CloudError as error:
            raise ReferenceCloudError(
                f"{defect.id}: {error}", hint=f"allmende cloud mend {defect.id} brings the former state back."
            ) from None


def _targets(defect: Defect, damage: Damage) -> tuple[State, ...]:
    return tuple(wanted(step, former) for step, former in zip(defect.steps, damage.former, strict=True))
