"""scs-0114: lists of aspects are put into the standard's form; an aspect is claimed only on a person's word."""

import re
from collections.abc import Collection, Iterator

from allmende.checks.volume_types import ASPECTS, listed_aspects
from allmende.facts.openstack import VolumeType, VolumeTypes
from allmende.outcome import Outcome
from allmende.repair.model import Edit, Facts, Failing, Kind, Open, Thing, Wishes
from allmende.repair.rules.proposal import Proposal, fact, opened

_LIST = re.compile(r"\[scs:[^\[\]]*\]\s*")


def malformed_lists(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Sort the aspects of each list, drop those that are there twice and those that are not standardized."""
    for type_ in fact(facts, VolumeTypes).items:
        alone = VolumeTypes(items=(type_,))
        if failing.check.judge({**facts, VolumeTypes: alone}).outcome is Outcome.FAIL:
            yield _rewritten(failing, type_, wishes)


def unclaimed_aspect(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Say in the descriptions of the types that a person names that they have the aspect."""
    aspect = str(failing.check.testcase.parameters["aspect"])
    types = fact(facts, VolumeTypes).items
    claimed = [type_ for type_ in types if aspect in _claims(type_, wishes)]
    for type_ in claimed:
        yield _rewritten(failing, type_, wishes)
    if not claimed:
        yield opened(
            failing,
            f"Whether volumes of a type are {aspect} is known to a person only: {', '.join(t.name for t in types)}.",
            [f"--claim TYPE:{aspect}"],
        )


def _rewritten(failing: Failing, type_: VolumeType, wishes: Wishes) -> Proposal:
    """Return the description with everything that is wished, so that two testcases propose the same."""
    said = listed_aspects(type_) or []
    kept = {aspect.lower() for aspect in said} & set(ASPECTS)
    after = description(type_, sorted(kept | _claims(type_, wishes)))
    change = Edit(
        key="description",
        before=type_.description or None,
        after=after,
        because="--claim" if _claims(type_, wishes) else "the standard's form",
        overwrites=said != sorted(kept),
    )
    thing = Thing(kind=Kind.VOLUME_TYPE, id=type_.id, name=type_.name)
    return Proposal(testcase=failing.id, thing=thing, edits=(change,))


def description(type_: VolumeType, aspects: Collection[str]) -> str:
    """Return the type's description with this list of aspects at the beginning, or with none."""
    text = _LIST.sub("", type_.description, count=1) if _LIST.match(type_.description) else type_.description
    return f"[scs:{', '.join(aspects)}] {text}".rstrip() if aspects else text


def _claims(type_: VolumeType, wishes: Wishes) -> set[str]:
    return {claim.aspect for claim in wishes.claims if claim.type in (type_.id, type_.name)}
