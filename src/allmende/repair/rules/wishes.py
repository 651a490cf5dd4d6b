"""What a person says on the command line about images and volume types, read and compared with what is there."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from allmende.checks.volume_types import ASPECTS
from allmende.errors import UnknownNameError, UsageError
from allmende.facts.openstack import Images, VolumeTypes
from allmende.repair.model import Claim, Facts, PropertyWish, Wishes
from allmende.repair.rules.image_values import is_meant
from allmende.repair.rules.images import READ_ONLY
from allmende.standards.model import Standards

_WISH = re.compile(r"(?P<image>.+?):(?P<key>[a-z_]+)=(?P<value>.+)", re.DOTALL)


def property_wish(text: str, standards: Standards) -> PropertyWish:
    """Read `IMAGE:property=value`; UsageError where it is not that, or the standards know no such property."""
    match = _WISH.fullmatch(text)
    if match is None:
        raise UsageError(f"`--set {text}` is not understood.", hint="--set 'Debian 12:min_ram=512'")
    known = {str(case.parameters["property"]) for case in standards.testcases.values() if "property" in case.parameters}
    if match["key"] not in known - READ_ONLY:
        raise UsageError(
            f"`{match['key']}` is no property that can be set here.",
            hint=f"One of {', '.join(sorted(known - READ_ONLY))}.",
        )
    return PropertyWish(image=match["image"], key=match["key"], value=match["value"])


def claim(text: str) -> Claim:
    """Read `TYPE:aspect`; UsageError where it is not that."""
    type_, _, aspect = text.rpartition(":")
    if not type_ or aspect not in ASPECTS:
        raise UsageError(
            f"`--claim {text}` is not understood.", hint=f"--claim TYPE:ASPECT, where ASPECT is {' or '.join(ASPECTS)}."
        )
    return Claim(type=type_, aspect=aspect)


def refuse_unknown_names(wishes: Wishes, facts: Facts) -> None:
    """Raise UnknownNameError for a wish about an image or a volume type that the cloud does not show."""
    images, types = facts.get(Images), facts.get(VolumeTypes)
    if isinstance(images, Images):
        for wish in wishes.properties:
            if not any(is_meant(wish, image) for image in images.items):
                raise _unknown("image", wish.image, [image.name for image in images.items])
    if isinstance(types, VolumeTypes):
        for said in wishes.claims:
            if not any(said.type in (type_.id, type_.name) for type_ in types.items):
                raise _unknown("volume type", said.type, [type_.name for type_ in types.items])


def _unknown(kind: str, name: str, known: Sequence[str]) -> UnknownNameError:
    close = get_close_matches(name, known, n=3) or list(dict.fromkeys(known))[:10]
    return UnknownNameError(f"The cloud shows no {kind} `{name}`.", hint=f"Known are {', '.join(close) or 'none'}.")
