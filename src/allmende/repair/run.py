"""Carrying out a plan: one change after the other, with an account of every one, whatever happens."""

import asyncio
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import UsageError
from allmende.facts.openstack import Catalog
from allmende.repair.apply.send import carried_out
from allmende.repair.model import Change, Deed, Fate

_COMPARED = ("compute", "identity", "image", "network")


async def carry_out(
    changes: Sequence[Change], operator: OpenStackCloud, tell: Callable[[Deed], None]
) -> tuple[Deed, ...]:
    """Make the changes in their order and return what became of each; `tell` is told of each as it ends.

    One that fails does not keep the others from being made. When the task is cancelled, the change that is under way is
    brought to its end, so that it is known what was done, and the others are «not reached».
    """
    deeds: list[Deed] = []
    interrupted = False
    for change in changes:
        if interrupted:
            deed = Deed(change=change, fate=Fate.NOT_REACHED)
        else:
            work = asyncio.ensure_future(carried_out(operator, change))
            try:
                deed = await asyncio.shield(work)
            except asyncio.CancelledError:
                interrupted = True
                if task := asyncio.current_task():
                    task.uncancel()
                deed = await work
        deeds.append(deed)
        tell(deed)
    return tuple(deeds)


async def refuse_another_cloud(member: OpenStackCloud, operator: OpenStackCloud) -> None:
    """Raise UsageError where the operator's credential is for another cloud or region than the member's."""
    ours, theirs = _hosts(await member.catalog()), _hosts(await operator.catalog())
    shared = ours.keys() & theirs.keys()
    if shared and all(ours[type_] == theirs[type_] for type_ in shared):
        return
    raise UsageError(
        f"`{operator.name}` is not the cloud of `{member.name}`: their catalogs name other addresses.",
        hint="Give --cloud-admin an entry with the same `auth_url:` and `region_name:`.",
    )


def _hosts(catalog: Catalog) -> dict[str, str]:
    return {
        entry.type: urlsplit(entry.public_url).netloc
        for entry in catalog.items
        if entry.public_url and entry.type in _COMPARED
    }
