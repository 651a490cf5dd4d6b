"""scs-0104: some images must exist, and images of certain names come from their canonical source.

What the images are for and how they are described is scs-0102's business.
"""

import re

from allmende.checks.catalog import checks
from allmende.checks.evidence import counted, every, none_of, nothing_seen
from allmende.checks.image_reading import NO_IMAGE, is_offered, named, text_of
from allmende.facts.openstack import Image, Images
from allmende.outcome import Evidence, Finding, failed, passed
from allmende.standards.model import Testcase


@checks("scs-0104-image-{}")
def the_standard_image_exists(images: Images, testcase: Testcase) -> Finding:
    """At least one image of that name, or of a name by that scheme, is public and not hidden.

    Hidden and community images do not count: users do not find them in the list of public images.
    """
    matching = _meant(images, testcase)
    evidence = [
        Evidence(
            subject=named(image),
            seen="public" if is_offered(image) else f"{image.visibility}{', hidden' if image.is_hidden else ''}",
            demanded="public, not hidden",
            ok=is_offered(image),
        )
        for image in matching
    ]
    offered = [item for item in evidence if item.ok]
    if offered:
        return passed(f"{counted(len(offered), 'image')} named {_wanted(testcase)} can be found.", offered)
    absent = Evidence(subject=f"image {_wanted(testcase)}", seen="absent", demanded="public, not hidden", ok=False)
    return failed(
        f"{none_of(len(images.items), 'image')} is public, not hidden and named {_wanted(testcase)}.",
        evidence or [absent],
    )


@checks("scs-0104-source-{}")
def the_standard_image_comes_from_its_source(images: Images, testcase: Testcase) -> Finding:
    """Every image of that name, or of a name by that scheme, has an `image_source` that begins with a canonical one.

    This rule is about images that are present. Where none is and the standard makes the image optional, that satisfies
    the standard and the finding says so; where the image is required, nothing can be said about its source.
    """
    if not images.items:
        return nothing_seen(NO_IMAGE)
    wanted = _wanted(testcase)
    matching = _meant(images, testcase)
    if not matching:
        looked_at = f"{none_of(len(images.items), 'image')} is named {wanted}"
        if testcase.parameters.get("presence") == "required":
            return nothing_seen(f"{looked_at}, so there is no source to compare, although this image is required.")
        return passed(
            f"{looked_at}, so there is no source to compare; this image is optional.",
            notes=["No source was seen: the standard speaks only of images that are present."],
        )
    evidence = [_compared(image, testcase) for image in matching]
    return every("matching image", f"the canonical source of {wanted}", evidence)


def _compared(image: Image, testcase: Testcase) -> Evidence:
    sources = testcase.parameters["sources"]
    prefixes = (sources,) if isinstance(sources, str) else sources
    source = text_of(image, "image_source")
    return Evidence(
        subject=named(image),
        seen=f"image_source: {source or 'not set'}",
        demanded=f"beginning with {' or '.join(prefixes)}",
        ok=source.startswith(prefixes),
    )


def _meant(images: Images, testcase: Testcase) -> list[Image]:
    """Return the images of that name; a regular expression matches from the beginning of the name."""
    scheme = testcase.parameters.get("name_scheme")
    if scheme:
        return [image for image in images.items if re.match(str(scheme), image.name)]
    return [image for image in images.items if image.name == testcase.parameters["image"]]


def _wanted(testcase: Testcase) -> str:
    return f"«{testcase.parameters.get('name_scheme') or testcase.parameters['image']}»"
