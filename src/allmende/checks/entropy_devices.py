"""scs-0101 before version 1.1: flavors and images ask for a virtual random number generator.

No version of the scope counts this any more; what a guest really has of entropy is judged elsewhere.
"""

from allmende.checks.catalog import check
from allmende.checks.evidence import every
from allmende.checks.image_reading import text_of
from allmende.facts.openstack import Flavors, Images
from allmende.outcome import Evidence, Finding, undetermined

ALLOWED = "hw_rng:allowed"
MODEL = "hw_rng_model"


@check("scs-0101-flavor-property")
def flavors_allow_a_random_number_generator(flavors: Flavors) -> Finding:
    """Every flavor has the extra spec hw_rng:allowed=True, in any case, because Nova reads it so."""
    if not flavors.items:
        return undetermined("The cloud shows no flavor at all, so there is nothing to look at.")
    evidence = [
        Evidence(
            subject=f"flavor {flavor.name}",
            seen=f"{ALLOWED}={value}" if value else f"no {ALLOWED}",
            demanded=f"{ALLOWED}=True",
            ok=value.lower() == "true",
        )
        for flavor in flavors.items
        for value in (flavor.extra_specs.get(ALLOWED, ""),)
    ]
    return every("flavor", f"the extra spec {ALLOWED}=True", evidence)


@check("scs-0101-image-property")
def images_ask_for_a_random_number_generator(images: Images) -> Finding:
    """Every public image has the property hw_rng_model=virtio; community images are not looked at."""
    public = [image for image in images.items if image.visibility == "public"]
    if not public:
        return undetermined("The cloud shows no public image at all, so there is nothing to look at.")
    evidence = [
        Evidence(
            subject=f"image {image.name}",
            seen=f"{MODEL}={value}" if value else f"no {MODEL}",
            demanded=f"{MODEL}=virtio",
            ok=value == "virtio",
        )
        for image in public
        for value in (text_of(image, MODEL),)
    ]
    return every("public image", f"the property {MODEL}=virtio", evidence)
