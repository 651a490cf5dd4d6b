"""Fetching images from their makers, with a local stand-in for the maker's web server."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allmende.refcloud.fetch.catalogue import PublishedImage
from allmende.refcloud.fetch.published import published_images
from allmende.refcloud.model.images import AbsentImage, GuestImage

DATA = bytes(range(256)) * 20_000
LISTED = f"{hashlib.sha256(DATA).hexdigest()} *disk.img\n{'0' * 64} *other.img\n"


@dataclass
class Maker:
    """What the stand-in answers; `breaks_after` cuts the connection of that many downloads short."""

    data: bytes = DATA
    checksums: str = LISTED
    image_status: int = 200
    checksums_status: int = 200
    breaks: int = 0
    ranges: list[str | None] = field(default_factory=list)
    address: str = ""

    def image(self) -> PublishedImage:
        return PublishedImage(
            name="Distro 1.0",
            url=f"{self.address}/disk.img",
            checksums_url=f"{self.address}/SHA256SUMS",
            min_disk_gib=2,
            min_ram_mib=256,
            properties={"os_distro": "distro"},
        )


@pytest.fixture
def maker() -> Iterator[Maker]:
    state = Maker()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/SHA256SUMS":
                self._answer(state.checksums_status, state.checksums.encode())
            else:
                self._image()

        def _image(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            body = state.data[start:]
            if asked and not body:
                self._answer(416, b"")
            elif state.breaks:
                state.breaks -= 1
                self._answer(206 if asked else 200, body, send=len(body) // 2)
            else:
                self._answer(206 if asked else state.image_status, body)

        def _answer(self, status: int, body: bytes, send: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT")
            self.end_headers()
            self.wfile.write(body[:send])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


async def _fetch(maker: Maker, cache: Path) -> GuestImage | AbsentImage:
    ready, absent = await published_images([maker.image()], cache, lambda _: None, connect_seconds=0.5)
    return ready[0] if ready else absent[0]


def _reason(found: GuestImage | AbsentImage) -> str:
    assert isinstance(found, AbsentImage)
    return found.reason


async def test_an_image_is_fetched_verified_and_kept(maker: Maker, tmp_path: Path) -> None:
    first = await _fetch(maker, tmp_path)
    second = await _fetch(maker, tmp_path)
    assert isinstance(first, GuestImage)
    assert first.path.read_bytes() == DATA
    assert first.properties == {"os_distro": "distro", "image_build_date": "2026-11-02"}
    assert second == first
    assert len(maker.ranges) == 1


async def test_a_broken_download_is_resumed(maker: Maker, tmp_path: Path) -> None:
    maker.breaks = 2
    found = await _fetch(maker, tmp_path)
    assert isinstance(found, GuestImage)
    assert found.path.read_bytes() == DATA
    assert maker.ranges == [None, f"bytes={len(DATA) // 2}-", f"bytes={len(DATA) * 3 // 4}-"]


async def test_a_download_that_keeps_breaking_is_resumed_next_time(maker: Maker, tmp_path: Path) -> None:
    maker.breaks = 3
    assert "broke off 3 times" in _reason(await _fetch(maker, tmp_path))
    assert isinstance(await _fetch(maker, tmp_path), GuestImage)
    assert maker.ranges[-1] == f"bytes={len(DATA) * 7 // 8}-"


async def test_a_wrong_checksum_is_refused_and_forgotten(maker: Maker, tmp_path: Path) -> None:
    maker.data = DATA[:-1] + b"!"
    assert "does not have the published checksum" in _reason(await _fetch(maker, tmp_path))
    maker.data = DATA
    assert isinstance(await _fetch(maker, tmp_path), GuestImage)


async def test_an_image_without_a_checksum_is_absent(maker: Maker, tmp_path: Path) -> None:
    maker.checksums = f"{hashlib.sha256(DATA).hexdigest()} *old-disk.img\n"
    assert "holds no checksum of disk.img" in _reason(await _fetch(maker, tmp_path))
    assert maker.ranges == []


async def test_a_missing_image_is_absent(maker: Maker, tmp_path: Path) -> None:
    maker.image_status = 404
    assert "disk.img answered 404" in _reason(await _fetch(maker, tmp_path))


async def test_missing_checksums_make_the_image_absent(maker: Maker, tmp_path: Path) -> None:
    maker.checksums_status = 404
    assert "SHA256SUMS answered 404" in _reason(await _fetch(maker, tmp_path))


async def test_a_place_out_of_reach_is_named(tmp_path: Path) -> None:
    nowhere = Maker(address="http://127.0.0.1:1")
    assert "127.0.0.1 is out of reach" in _reason(await _fetch(nowhere, tmp_path))


async def test_what_was_fetched_earlier_serves_while_the_maker_is_out_of_reach(maker: Maker, tmp_path: Path) -> None:
    first = await _fetch(maker, tmp_path)
    again = await _fetch(Maker(address="http://127.0.0.1:1"), tmp_path)
    assert isinstance(first, GuestImage)
    assert isinstance(again, GuestImage)
    assert again.path == first.path
    assert again.properties["image_build_date"] == "2026-11-02"


async def test_an_image_that_this_machine_built_never_stands_in_for_the_makers(maker: Maker, tmp_path: Path) -> None:
    built = tmp_path / "images" / "distro-1.0-0123456789abcdef"
    built.mkdir(parents=True)
    (built / "disk.qcow2").write_bytes(b"built here")
    (built / "facts.json").write_text('{"image_build_date": "2026-11-01"}')
    maker.checksums_status = 503
    found = await _fetch(maker, tmp_path)
    assert isinstance(found, AbsentImage)
