"""The plan for all failing testcases: one change per thing, what would overwrite is left alone unless allowed.

Which rule proposes what for which testcase stands in `RULES`; testcases without a rule are open, with their remedy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType

from allmende.outcome import Outcome
from allmende.repair.model import Change, Edit, Facts, Failing, Open, Plan, Thing, Wishes
from allmende.repair.rules import flavors, images
from allmende.repair.rules.foresee import foreseen
from allmende.repair.rules.image_age import outdated_images, several_generic_images
from allmende.repair.rules.proposal import Proposal, opened
from allmende.repair.rules.security_groups import default_rules
from allmende.repair.rules.volume_types import malformed_lists, unclaimed_aspect
from allmende.repair.rules.writing import commands, requests, undo

Rule = Callable[[Failing, Facts, Wishes], Iterator[Proposal | Open]]
Edited = tuple[Thing, tuple[Edit, ...]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "scs-0101-flavor-property": flavors.random_number_generator,
        "scs-0101-image-property": images.random_number_generator,
        "scs-0102-prop-*": images.image_property,
        "scs-0102-image-recency": outdated_images,
        "scs-0102-os_purpose-uniqueness": several_generic_images,
        "scs-0103-flavor-*": flavors.standard_flavor,
        "scs-0104-source-*": images.image_source,
        "scs-0114-syntax-check": malformed_lists,
        "scs-0114-*-type": unclaimed_aspect,
        "scs-0115-default-rules": default_rules,
    }
)


def plan(facts: Facts, failing: Sequence[Failing], wishes: Wishes) -> Plan:
    """Return what to change so that the failing testcases pass; UsageError for a wish that would not help."""
    answers = [answer for one in failing for answer in _answers(one, facts, wishes)]
    proposals = [answer for answer in answers if isinstance(answer, Proposal)]
    changes, left_alone = [], []
    for thing, edits in _joined(proposals):
        made = [edit for edit in edits if wishes.overwrite or not edit.overwrites]
        kept = [edit for edit in edits if edit not in made]
        changes += [_change(thing, made, proposals)] if made else []
        left_alone += [_change(thing, kept, proposals)] if kept else []
    changes.sort(
        key=lambda change: change.thing.is_new
    )  # a default rule is refused while one that resembles it is there
    after = foreseen(facts, changes)
    return Plan(
        changes=tuple(changes),
        left_alone=tuple(left_alone),
        open=tuple(answer for answer in answers if isinstance(answer, Open)),
        foreseen=frozenset(one.id for one in failing if one.check.judge(after).outcome is Outcome.PASS),
    )


def _answers(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    rule = next((rule for pattern, rule in RULES.items() if fnmatchcase(failing.id, pattern)), _by_a_person)
    return rule(failing, facts, wishes)


def _by_a_person(failing: Failing, _facts: Facts, _wishes: Wishes) -> Iterator[Proposal | Open]:
    yield opened(failing, "No request to an API settles this.")


def _joined(proposals: Iterable[Proposal]) -> Iterator[Edited]:
    """Yield each thing once with all its edits; of two edits of one value the first counts."""
    things: dict[Thing, dict[str, Edit]] = {}
    for proposal in proposals:
        edits = things.setdefault(proposal.thing, {})
        for edit in proposal.edits:
            edits.setdefault(edit.key, edit)
    for thing, by_key in things.items():
        yield thing, tuple(by_key.values())


def _change(thing: Thing, edits: Sequence[Edit], proposals: Sequence[Proposal]) -> Change:
    keys = {edit.key for edit in edits}
    mine = [p for p in proposals if p.thing == thing and keys & {edit.key for edit in p.edits}]
    return Change(
        thing=thing,
        edits=tuple(edits),
        testcases=tuple(dict.fromkeys(proposal.testcase for proposal in mine)),
        requests=requests(thing, edits),
        commands=commands(thing, edits),
        undo=undo(thing, edits),
        notes=tuple(dict.fromkeys(note for proposal in mine for note in proposal.notes)),
    )
