"""Which images there are: the tables under `data`, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An image that is built here, from packages of the Debian release `release`.

    `variant` is mmdebstrap's; `properties` are those of scs-0102 that are known before the image is built.
    """

    id: str
    name: str
    release: str
    variant: str
    packages: tuple[str, ...]
    disk_mib: int
    kernel_arguments: str
    min_disk_gib: int
    min_ram_mib: int
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedImage:
    """An image that its maker publishes at `url`, with the address of the list that holds its checksum."""

    name: str
    url: str
    checksums_url: str
    min_disk_gib: int
    min_ram_mib: int
    properties: Mapping[str, str]


def recipes() -> tuple[Recipe, ...]:
    """Return the images that are built here."""
    common = _table("images", "common.yaml")
    return tuple(
        Recipe(
            **{
                **row,
                "id": id_,
                "packages": tuple(row["packages"]),
                "properties": {**common["all"], **common["built"], **row["properties"]},
            }
        )
        for id_, row in _table("images", "built.yaml").items()
    )


def published_images() -> tuple[PublishedImage, ...]:
    """Return the images that scs-0104 names."""
    common = _table("images", "common.yaml")
    return tuple(
        PublishedImage(
            name=row["name"],
            url=row["url"],
            checksums_url=row["url"].rpartition("/")[0] + "/" + row["checksums"],
            min_disk_gib=row["min_disk_gib"],
            min_ram_mib=row["min_ram_mib"],
            properties={**common["all"], "image_source": row["url"], **row["properties"]},
        )
        for row in _table("published-images.yaml")
    )


def _table(*path: str) -> Any:
    return yaml.safe_load(files("allmende.refcloud").joinpath("data", *path).read_text(encoding="utf-8"))
