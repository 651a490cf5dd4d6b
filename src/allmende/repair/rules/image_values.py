"""Values of an image by the keys of the Image API, as text; and an image with other values."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from allmende.facts.openstack import Image
from allmende.repair.model import Edit, Kind, PropertyWish, Thing, Wishes

HIDDEN = "os_hidden"
MIN_DISK, MIN_RAM = "min_disk", "min_ram"
OF_THE_API = frozenset({HIDDEN, MIN_DISK, MIN_RAM, "name"})
"""What every image has; other keys are properties, which may be absent."""


def held(image: Image, key: str) -> str | None:
    """Return what the image says under `key`; None where it says nothing, which a size of 0 means as well."""
    match key:
        case "os_hidden":
            return str(image.is_hidden).lower()
        case "min_disk":
            return str(image.min_disk_gib) if image.min_disk_gib else None
        case "min_ram":
            return str(image.min_ram_mib) if image.min_ram_mib else None
        case "hash_algo":
            return image.hash_algo
        case _:
            return image.properties.get(key)


def with_value(image: Image, key: str, value: str | None) -> Image:
    """Return the image with another value under `key`; ValueError where a number is needed and not given."""
    match key:
        case "os_hidden":
            return replace(image, is_hidden=value == "true")
        case "min_disk":
            return replace(image, min_disk_gib=int(value or 0))
        case "min_ram":
            return replace(image, min_ram_mib=int(value or 0))
        case _:
            others = {name: text for name, text in image.properties.items() if name != key}
            return replace(image, properties=others if value is None else {**others, key: value})


def edited(image: Image, edits: Iterable[Edit]) -> Image:
    """Return the image after these edits."""
    for edit in edits:
        image = with_value(image, edit.key, edit.after)
    return image


def thing(image: Image) -> Thing:
    """Return the image as what is changed."""
    return Thing(kind=Kind.IMAGE, id=image.id, name=image.name or image.id)


def is_meant(wish: PropertyWish, image: Image) -> bool:
    """Tell whether a wish is about the image: by its id, its name, or a pattern of names."""
    return wish.image in (image.id, image.name) or fnmatchcase(image.name, wish.image)


def wished(wishes: Wishes, image: Image, key: str) -> str | None:
    """Return the value that a person gave for `key` of the image; of several the last."""
    values = [wish.value for wish in wishes.properties if wish.key == key and is_meant(wish, image)]
    return values[-1] if values else None
