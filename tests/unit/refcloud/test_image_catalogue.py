"""What the images of the reference cloud say of themselves."""

import pytest

from allmende.refcloud.fetch.catalogue import PublishedImage, Recipe, published_images, recipes

MANDATORY = {
    "architecture",
    "hw_disk_bus",
    "os_version",
    "os_distro",
    "os_purpose",
    "replace_frequency",
    "uuid_validity",
    "provided_until",
    "image_source",
    "image_description",
    "image_original_user",
}
MAKERS = ("https://cloud-images.ubuntu.com/", "https://cloud.debian.org/", "https://nbg1.your-objectstorage.com/osism/")


@pytest.mark.parametrize("image", [*recipes(), *published_images()], ids=lambda image: image.name)
def test_every_image_has_the_metadata_of_scs_0102(image: Recipe | PublishedImage) -> None:
    assert set(image.properties) >= MANDATORY
    assert all(isinstance(value, str) for value in image.properties.values())


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_a_built_image_does_not_pretend_to_be_its_makers(recipe: Recipe) -> None:
    assert recipe.properties["image_source"] == "private"
    assert recipe.properties["os_purpose"] != "generic"
    assert recipe.name.startswith("Allmende ")


@pytest.mark.parametrize("image", published_images(), ids=lambda image: image.name)
def test_a_published_image_comes_from_its_maker_with_a_checksum(image: PublishedImage) -> None:
    assert image.url.startswith(MAKERS)
    assert image.checksums_url.startswith(MAKERS)
    assert image.properties["image_source"] == image.url
