"""What an image says of itself, read in one way by all checks about images."""

import re
from datetime import UTC, date, datetime

from allmende.facts.openstack import Image

NO_IMAGE = "The cloud shows no public or community image at all, so there is nothing to look at."

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_AND_TIME = re.compile(_DATE.pattern + r"(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")


def text_of(image: Image, key: str) -> str:
    """Return the property `key`, empty where it is not set."""
    return image.properties.get(key, "")


def is_offered(image: Image) -> bool:
    """Tell whether everybody finds the image in the list of public images (scs-0104-w1)."""
    return image.visibility == "public" and not image.is_hidden


def build_date(image: Image) -> datetime | None:
    """Return the `image_build_date` in UTC; None where it is missing or in no form that the standard allows."""
    text = text_of(image, "image_build_date")
    if not _DATE_AND_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Tell whether `text` is a day that exists, as YYYY-MM-DD."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def named(image: Image) -> str:
    """Name an image as the subject of evidence, with what sets it apart from the images everybody sees."""
    marks = [image.visibility] if image.visibility != "public" else []
    marks += ["hidden"] if image.is_hidden else []
    return f"image {image.name or image.id}" + (f" ({', '.join(marks)})" if marks else "")
