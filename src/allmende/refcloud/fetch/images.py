"""The guest images that this machine builds, once a month, and finds on its shelf afterwards."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from allmende.refcloud.fetch.catalogue import Recipe, recipes
from allmende.refcloud.fetch.guests import build
from allmende.refcloud.fetch.shelf import fingerprint, shelved
from allmende.refcloud.model.images import GuestImage, Payload


async def built_images(cache: Path, today: date, progress: Callable[[str], None]) -> tuple[GuestImage, ...]:
    """Return the images that are built here, after building those that are missing, at the same time.

    They are kept under `cache` per recipe and month, as their property `replace_frequency` says.

    Raises:
        ReferenceCloudError: a package could not be had, or a program failed.
    """
    return tuple(await asyncio.gather(*(_built(recipe, cache, today, progress) for recipe in recipes())))


async def small_payload(cache: Path, today: date, progress: Callable[[str], None]) -> Payload:
    """Return what the small guest starts from, after building it when it is missing."""
    recipe = next(recipe for recipe in recipes() if recipe.id == "small-guest")
    image = await _built(recipe, cache, today, progress)
    return Payload(kernel=image.path.with_name("kernel"), initramfs=image.path.with_name("initramfs"))


async def _built(recipe: Recipe, cache: Path, today: date, progress: Callable[[str], None]) -> GuestImage:
    async def fill(folder: Path) -> None:
        progress(f"building the image «{recipe.name}»")
        kernel = await build(recipe, folder)
        facts = {"image_build_date": today.isoformat(), "patchlevel": f"kernel {kernel}"}
        (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        progress(f"built the image «{recipe.name}»")

    edition = fingerprint([f"{today:%Y-%m}".encode(), *_ingredients()])
    folder = await shelved(cache / "images", recipe.id, edition, fill)
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return GuestImage(
        name=recipe.name,
        edition=edition,
        path=folder / "disk.qcow2",
        min_disk_gib=recipe.min_disk_gib,
        min_ram_mib=recipe.min_ram_mib,
        properties={**recipe.properties, **facts},
    )


def _ingredients() -> list[bytes]:
    """Return the recipes' text and the code that follows them: what an image is made of besides Debian's packages."""
    package = files("allmende.refcloud")
    code = ("catalogue.py", "debian.py", "disk.py", "guests.py")
    return [file.read_bytes() for name in code for file in [package.joinpath("fetch", name)]] + _texts(
        package.joinpath("data", "images")
    )


def _texts(folder: Traversable) -> list[bytes]:
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        found += _texts(entry) if entry.is_dir() else [entry.name.encode(), entry.read_bytes()]
    return found
