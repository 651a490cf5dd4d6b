"""The style sheet and the mark, served under addresses that name their content, so that they may be cached for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.canonical import digest

MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file that pages refer to; `address` changes whenever its content does."""

    address: str
    media_type: str
    content: bytes


def load_assets() -> Mapping[str, Asset]:
    """Return the assets of this package by their plain file names, for instance `allmende.css`."""
    found = (entry for entry in files("allmende.web").joinpath("assets").iterdir() if entry.is_file())
    return {entry.name: _asset(entry.name, entry.read_bytes()) for entry in found}


def asset_route(assets: Mapping[str, Asset]) -> Route:
    """Return the route that serves `assets`; an address of another content than today's is not found."""
    by_address = {asset.address: asset for asset in assets.values()}

    async def serve(request: Request) -> Response:
        asset = by_address.get(request.url.path)
        if asset is None:
            raise HTTPException(404)
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOR_EVER})

    return Route("/assets/{name}", serve, methods=["GET"], name="asset")


def _asset(name: str, content: bytes) -> Asset:
    path = PurePosixPath(name)
    return Asset(
        address=f"/assets/{path.stem}.{digest(content)[:16]}{path.suffix}",
        media_type=MEDIA_TYPES[path.suffix],
        content=content,
    )
