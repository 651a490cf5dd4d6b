"""What one version of a scope demands that another does not: for somebody who holds the one and wants the other."""

from dataclasses import dataclass

from allmende.standards.model import Module, Target, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A testcase that two versions list differently: its module, its target in each, None where not listed."""

    testcase: str
    module: Module
    old: Target | None
    new: Target | None


def difference(old: Version, new: Version) -> tuple[Change, ...]:
    """Return what changes from `old` to `new`: first what `new` lists, in its order, then what it has dropped."""
    before, after = _listed(old), _listed(new)
    changes = [
        Change(testcase=id_, module=module, old=before[id_][1] if id_ in before else None, new=target)
        for id_, (module, target) in after.items()
    ]
    dropped = [
        Change(testcase=id_, module=module, old=target, new=None)
        for id_, (module, target) in before.items()
        if id_ not in after
    ]
    return tuple(change for change in changes + dropped if change.old is not change.new)


def _listed(version: Version) -> dict[str, tuple[Module, Target]]:
    return {
        id_: (module, target)
        for module in version.modules
        for target in Target
        for id_ in module.targets.get(target, ())
    }
