"""Images from their makers: fetched once, verified against the published checksums, kept on the shelf.

What cannot be fetched is absent with the reason; nothing takes its place. A download that broke off is resumed by the
next attempt.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from allmende.errors import ReferenceCloudError
from allmende.refcloud.fetch.catalogue import PublishedImage
from allmende.refcloud.fetch.shelf import newest, shelved
from allmende.refcloud.model.images import AbsentImage, GuestImage

SHELF = "published-images"
"""Apart from what this machine builds itself, which must never be taken for a maker's image of the same system."""

_ATTEMPTS = 3


class _AbsentError(ReferenceCloudError):
    """An image cannot be had, for the reason that this error's message gives."""


async def published_images(
    wanted: Iterable[PublishedImage], cache: Path, progress: Callable[[str], None], *, connect_seconds: float = 4.0
) -> tuple[tuple[GuestImage, ...], tuple[AbsentImage, ...]]:
    """Return the images that could be fetched or were fetched earlier, and those that are absent.

    A place that does not accept a connection within `connect_seconds` counts as out of reach.
    """
    timeout = httpx.Timeout(30.0, connect=connect_seconds)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client:
        found = await asyncio.gather(*(_image(client, image, cache / SHELF, progress) for image in wanted))
    ready = tuple(item for item in found if isinstance(item, GuestImage))
    return ready, tuple(item for item in found if isinstance(item, AbsentImage))


async def _image(
    client: httpx.AsyncClient, image: PublishedImage, shelf: Path, progress: Callable[[str], None]
) -> GuestImage | AbsentImage:
    name = re.sub(r"[^a-z0-9.]+", "-", image.name.lower())
    try:
        digest = await _published_digest(client, image)
    except _AbsentError as missing:
        earlier = newest(shelf, name)
        if earlier is None:
            return AbsentImage(name=image.name, reason=str(missing))
        progress(f"{image.name}: taken from the shelf ({missing})")
        return _guest_image(image, earlier)

    async def fill(folder: Path) -> None:
        progress(f"fetching {image.name} from {image.url}")
        published = await _download(client, image.url, digest, shelf / f".{name}.partial", folder / "disk.qcow2")
        (folder / "facts.json").write_text(json.dumps({"image_build_date": published}), encoding="utf-8")

    try:
        return _guest_image(image, await shelved(shelf, name, digest[:16], fill))
    except _AbsentError as missing:
        return AbsentImage(name=image.name, reason=str(missing))


def _guest_image(image: PublishedImage, folder: Path) -> GuestImage:
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return GuestImage(
        name=image.name,
        edition=folder.name.rpartition("-")[2],
        path=folder / "disk.qcow2",
        min_disk_gib=image.min_disk_gib,
        min_ram_mib=image.min_ram_mib,
        properties={**image.properties, **facts},
    )


async def _published_digest(client: httpx.AsyncClient, image: PublishedImage) -> str:
    """Return the SHA-256 or SHA-512 that the maker publishes for the image, in lower-case hexadecimal."""
    try:
        answer = await client.get(image.checksums_url)
    except httpx.TransportError as error:
        raise _AbsentError(f"{_place(image.checksums_url)} is out of reach ({_words(error)})") from error
    if answer.status_code != httpx.codes.OK:
        raise _AbsentError(f"{image.checksums_url} answered {answer.status_code}")
    file = image.url.rpartition("/")[2]
    pattern = rf"^([0-9a-f]{{64}}|[0-9a-f]{{128}})\s+\*?(?:\./)?{re.escape(file)}$"
    if match := re.search(pattern, answer.text, re.MULTILINE | re.IGNORECASE):
        return match[1].lower()
    raise _AbsentError(f"{image.checksums_url} holds no checksum of {file}")


async def _download(client: httpx.AsyncClient, url: str, digest: str, partial: Path, target: Path) -> str:
    """Fetch `url` to `target` by way of `partial`, verify it, and return the day on which it was published."""
    published = await _fetched(client, url, partial)
    seen = await asyncio.to_thread(_digest, partial, digest)
    if seen != digest:
        partial.unlink()
        raise _AbsentError(f"{url} does not have the published checksum: {seen[:16]}… instead of {digest[:16]}…")
    partial.rename(target)
    return published


async def _fetched(client: httpx.AsyncClient, url: str, partial: Path) -> str:
    """Complete `partial`, again from where it broke off, and return the day on which `url` was published."""
    broken: httpx.TransportError | None = None
    for _ in range(_ATTEMPTS):
        try:
            return await _append(client, url, partial)
        except httpx.TransportError as error:
            broken = error
    raise _AbsentError(f"{url} broke off {_ATTEMPTS} times ({_words(broken)})") from broken


async def _append(client: httpx.AsyncClient, url: str, partial: Path) -> str:
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    async with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return _published_on(url, answer)
        if answer.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise _AbsentError(f"{url} answered {answer.status_code}")
        mode = "ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb"
        with partial.open(mode) as file:
            async for chunk in answer.aiter_raw():
                file.write(chunk)
        return _published_on(url, answer)


def _published_on(url: str, answer: httpx.Response) -> str:
    try:
        return parsedate_to_datetime(answer.headers["Last-Modified"]).date().isoformat()
    except (KeyError, ValueError):
        raise _AbsentError(f"{url} does not say when it was published") from None


def _digest(path: Path, like: str) -> str:
    algorithm = "sha256" if len(like) == hashlib.sha256().digest_size * 2 else "sha512"
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _place(url: str) -> str:
    return httpx.URL(url).host


def _words(error: Exception | None) -> str:
    return str(error) or type(error).__name__
