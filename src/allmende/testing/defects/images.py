"""Defects of images: one for each property of scs-0102, and one for each image that scs-0104 names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from types import MappingProxyType
from typing import Any

from allmende.facts.openstack import Image
from allmende.standards.model import Standards, Testcase
from allmende.testing import conformant
from allmende.testing.defects.model import Defect
from allmende.testing.openstack import FakeOpenStack

Choosing = Callable[[Image], bool]

# What the property becomes, None where it goes. Those that an image may leave out must be wrong to be a defect.
_PROPERTIES: Mapping[str, str | None] = MappingProxyType(
    {
        "architecture": "abacus",
        "hw_disk_bus": "ide",
        "hw_rng_model": "lava-lamp",
        "hypervisor_type": "quantum",
        "os_version": None,
        "os_distro": None,
        "os_purpose": "server",
        "image_build_date": "2099-01-01",
        "image_original_user": None,
        "image_source": "a cellar",
        "image_description": None,
        "replace_frequency": "at times",
        "provided_until": None,
        "uuid_validity": "for long",
        "hotfix_hours": "soon",
    }
)
_NOT_OFFERED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("is hidden", "public, hidden", {"is_hidden": True}),
    ("is published by a community", "community", {"visibility": "community"}),
)


def defects(standards: Standards) -> Iterator[Defect]:
    """Yield a defect for every testcase that looks at images."""
    for key, value in _PROPERTIES.items():
        yield _of_a_property(key, value)
    yield _of_one("min_ram", "An image says that it starts without memory.", "min_ram: 0 MiB", min_ram_mib=0)
    yield _of_one("min_disk", "An image is larger than the disk that it asks for.", "min_disk: 0 GiB", min_disk_gib=0)
    yield _of_one("hash_algo", "An image is hashed with md5.", "hash_algo: md5", hash_algo="md5")
    yield _without_random_numbers()
    yield _outdated()
    yield _generic_twice()
    kinds = cycle(_NOT_OFFERED)
    for testcase in standards.testcases.values():
        if testcase.id.startswith("scs-0104-source-"):
            yield _from_elsewhere(testcase)
        if testcase.id.startswith("scs-0104-image-"):
            yield _not_offered(testcase, *next(kinds))


def _change(fake: FakeOpenStack, chosen: Choosing, change: Callable[[Image], Image]) -> None:
    fake.state.images = [change(image) if chosen(image) else image for image in fake.state.images]


def _with(image: Image, key: str, value: str | None) -> Image:
    rest = {name: text for name, text in image.properties.items() if name != key}
    return replace(image, properties=rest if value is None else {**rest, key: value})


def _named(name: str) -> Choosing:
    return lambda image: image.name == name


def _of_a_property(key: str, value: str | None) -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named("Debian 12"), lambda image: _with(image, key, value))

    return Defect(
        testcase=f"scs-0102-prop-{key}",
        sentence=f"An image has no {key}." if value is None else f"An image has the {key} «{value}».",
        strike=strike,
        offender="image Debian 12",
        seen=f"{key}: {value or 'not set'}",
    )


def _of_one(key: str, sentence: str, seen: str, **fields: Any) -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named("Debian 12"), lambda image: replace(image, **fields))

    return Defect(
        testcase=f"scs-0102-prop-{key}", sentence=sentence, strike=strike, offender="image Debian 12", seen=seen
    )


def _without_random_numbers() -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named("Debian 11"), lambda image: _with(image, "hw_rng_model", None))

    return Defect(
        testcase="scs-0101-image-property",
        sentence="An image does not ask for a random number generator.",
        strike=strike,
        offender="image Debian 11",
        seen="no hw_rng_model",
    )


def _outdated() -> Defect:
    def aged(image: Image) -> Image:
        built = image.created_at - timedelta(days=400)
        return _with(_with(image, "provided_until", "2199-12-31"), "image_build_date", f"{built:%Y-%m-%d}")

    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named("Debian 13"), aged)

    return Defect(
        testcase="scs-0102-image-recency",
        sentence="An image that is replaced every month, and provided for long, is over a year old.",
        strike=strike,
        offender="image Debian 13",
        seen="no successor",
    )


def _generic_twice() -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        twins = [
            replace(image, id="twin", name="Debian 11 twin") for image in fake.state.images if "n 11" in image.name
        ]
        fake.state.images += twins

    return Defect(
        testcase="scs-0102-os_purpose-uniqueness",
        sentence="Two images of the same system are both for general purposes.",
        strike=strike,
        offender="system debian 11",
        seen="2 generic images",
    )


def _from_elsewhere(testcase: Testcase) -> Defect:
    name = conformant.image_name(testcase)

    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named(name), lambda image: _with(image, "image_source", "https://elsewhere.example/image"))

    return Defect(
        testcase=testcase.id,
        sentence=f"The image «{name}» does not come from its maker.",
        strike=strike,
        offender=f"image {name}",
        seen="https://elsewhere.example/image",
        run="images of other makers, and out of sight",
    )


def _not_offered(testcase: Testcase, words: str, seen: str, fields: Mapping[str, Any]) -> Defect:
    name = conformant.image_name(testcase)

    def strike(fake: FakeOpenStack) -> None:
        _change(fake, _named(name), lambda image: replace(image, **fields))

    return Defect(
        testcase=testcase.id,
        sentence=f"The image «{name}» {words}.",
        strike=strike,
        offender=f"image {name}",
        seen=seen,
        run="images of other makers, and out of sight",
    )
