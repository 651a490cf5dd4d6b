"""scs-0102 and scs-0104: properties of images that are known, or that a person gives, are set.

Which images offend is found by judging each alone, so that this module knows no rule of the standard of its own.
"""

from collections.abc import Iterator

from allmende.errors import UsageError
from allmende.facts.openstack import Image, Images
from allmende.outcome import Outcome
from allmende.repair.model import Edit, Facts, Failing, Open, Wishes
from allmende.repair.rules.image_values import held, thing, wished, with_value
from allmende.repair.rules.known import known_values
from allmende.repair.rules.proposal import Proposal, edit, fact, opened, quoted

READ_ONLY = frozenset({"hash_algo"})
SOURCE = "image_source"
ENTROPY = "hw_rng_model"


def image_property(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Set the property that the testcase is about."""
    key = str(failing.check.testcase.parameters["property"])
    if key in READ_ONLY:
        yield opened(failing, "The Image API does not let anybody change this value of an image.")
        return
    yield from _mended(failing, facts, wishes, key)


def image_source(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Set where an image came from, which only a person knows."""
    yield from _mended(failing, facts, wishes, SOURCE)


def random_number_generator(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Let images ask for a virtual random number generator."""
    yield from _mended(failing, facts, wishes, ENTROPY)


def _mended(failing: Failing, facts: Facts, wishes: Wishes, key: str) -> Iterator[Proposal | Open]:
    unknown = []
    for image in fact(facts, Images).items:
        if not _fails(failing, facts, image):
            continue
        found = _edit(failing, facts, wishes, image, key)
        if found is None:
            unknown.append(image)
        else:
            yield Proposal(testcase=failing.id, thing=thing(image), edits=(found,))
    if unknown:
        names = list(dict.fromkeys(image.name or image.id for image in unknown))
        yield opened(
            failing,
            f"The right {key} is known to a person only, for {len(unknown)} image{'s' if unknown[1:] else ''}.",
            [f"--set {quoted(f'{name}:{key}=VALUE')}" for name in names],
        )


def _edit(failing: Failing, facts: Facts, wishes: Wishes, image: Image, key: str) -> Edit | None:
    """Return the edit that lets the image pass; None where nobody said and nothing tells the value."""
    before = held(image, key)
    wish = wished(wishes, image, key)
    if wish is not None:
        if not _passes_with(failing, facts, image, key, wish):
            raise UsageError(
                f"`{key}={wish}` would not satisfy {failing.id} for the image {image.name}.",
                hint=failing.check.testcase.demand,
            )
        return edit(key, before, wish, "--set")
    for value, grounds in known_values(image, key):
        if value != before and _passes_with(failing, facts, image, key, value):
            return edit(key, before, value, grounds)
    if before and _passes_with(failing, facts, image, key, None):
        return edit(key, before, None, "the standard lets it be left out")
    return None


def _fails(failing: Failing, facts: Facts, image: Image) -> bool:
    alone = Images(items=(image,))
    return failing.check.judge({**facts, Images: alone}).outcome is Outcome.FAIL


def _passes_with(failing: Failing, facts: Facts, image: Image, key: str, value: str | None) -> bool:
    try:
        return not _fails(failing, facts, with_value(image, key, value))
    except ValueError:
        return False
