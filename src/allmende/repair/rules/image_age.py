"""scs-0102, recency and uniqueness: old images make way for the newest of their name by being hidden.

A hidden image stays usable by its id. Images are never deleted, renamed or uploaded here; where no recent one of the
name is there, a person uploads one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from allmende.checks.image_reading import build_date, is_offered, text_of
from allmende.facts.openstack import Image, Images
from allmende.outcome import Outcome
from allmende.repair.model import Facts, Failing, Open, Wishes
from allmende.repair.rules.image_values import HIDDEN, held, thing, wished, with_value
from allmende.repair.rules.proposal import Proposal, edit, fact, opened, quoted

_UNTIL, _PURPOSE, _GENERIC = "provided_until", "os_purpose", "generic"


def outdated_images(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Hide outdated images that have a recent successor of the same name."""
    images = fact(facts, Images).items
    waiting = []
    for image in images:
        if _is_settled(failing, facts, image, images):
            continue
        until = wished(wishes, image, _UNTIL)
        hidden = with_value(image, HIDDEN, "true")
        if until and _is_settled(failing, facts, with_value(image, _UNTIL, until), images):
            change = edit(_UNTIL, held(image, _UNTIL), until, "--set")
        elif not image.is_hidden and _is_settled(failing, facts, hidden, images):
            change = edit(HIDDEN, "false", "true", "a recent image of that name is there")
        else:
            waiting.append(image)
            continue
        yield Proposal(testcase=failing.id, thing=thing(image), edits=(change,))
    if waiting:
        names = ", ".join(dict.fromkeys(image.name or image.id for image in waiting))
        yield opened(failing, f"No recent image replaces {names}: upload the current build.")


def _is_settled(failing: Failing, facts: Facts, image: Image, images: Sequence[Image]) -> bool:
    """Tell whether the image satisfies the testcase, alone or thanks to one other image."""
    pairs = [(image,), *((image, other) for other in images if other.id != image.id)]
    judged = (failing.check.judge({**facts, Images: Images(items=pair)}).outcome for pair in pairs)
    alone = next(judged)
    return alone is not Outcome.FAIL or any(outcome is Outcome.PASS for outcome in judged)


def several_generic_images(failing: Failing, facts: Facts, wishes: Wishes) -> Iterator[Proposal | Open]:
    """Keep the newest generic image of a system; hide older ones of its name, give others the wished purpose."""
    unclear: list[Image] = []
    for alike in _generic(fact(facts, Images).items):
        repurposed = [image for image in alike if wished(wishes, image, _PURPOSE) not in (None, _GENERIC)]
        if repurposed == alike:
            repurposed.remove(max(alike, key=_age))
        for image in repurposed:
            change = edit(_PURPOSE, _GENERIC, wished(wishes, image, _PURPOSE), "--set")
            yield Proposal(testcase=failing.id, thing=thing(image), edits=(change,))
        *older, newest = sorted((image for image in alike if image not in repurposed), key=_age)
        for image in older:
            if image.name != newest.name:
                unclear.append(image)
                continue
            change = edit(HIDDEN, "false", "true", f"{newest.id} of that name is newer")
            yield Proposal(testcase=failing.id, thing=thing(image), edits=(change,))
    if unclear:
        yield opened(
            failing,
            "What these images are for beside the newest generic one is known to a person only.",
            [f"--set {quoted(f'{image.name}:{_PURPOSE}=PURPOSE')}" for image in unclear],
        )


def _generic(images: Sequence[Image]) -> list[list[Image]]:
    """Return the generic images that everybody finds, where several are of one distribution, version, architecture."""
    systems: dict[tuple[str, ...], list[Image]] = defaultdict(list)
    for image in images:
        if is_offered(image) and text_of(image, _PURPOSE) == _GENERIC:
            systems[tuple(text_of(image, key) for key in ("os_distro", "os_version", "architecture"))].append(image)
    return [alike for key, alike in systems.items() if len(alike) > 1 and key[0] and key[1]]


def _age(image: Image) -> tuple[float, str]:
    """Sort images from the oldest build to the newest."""
    return (build_date(image) or image.created_at).timestamp(), image.id
