"""The bitmap of a badge says what its state is by colour, symbol and word, in a size that fits them."""

from io import BytesIO

import pytest
from PIL import Image, ImageColor

from allmende.registry.pages.badges import Badge, png

BADGES = [
    Badge(label="SCS-compatible IaaS v5.1", word="certified until 2027-11-23", symbol="✓", colour="#1a6b3c"),
    Badge(label="SCS-compatible IaaS v5.1", word="under review", symbol="?", colour="#8a5a00"),
    Badge(label="SCS-compatible IaaS v5.1", word="expired on 2027-11-23", symbol="–", colour="#555e68"),  # noqa: RUF001 -- a dash is meant
    Badge(label="SCS-compatible IaaS v5.1", word="revoked", symbol="✕", colour="#a3201d"),
]


def opened(badge: Badge) -> Image.Image:
    return Image.open(BytesIO(png(badge))).convert("RGBA")


@pytest.mark.parametrize("badge", BADGES, ids=[badge.word for badge in BADGES])
def test_the_right_side_has_the_colour_of_the_state_with_white_on_it(badge: Badge) -> None:
    picture = opened(badge)
    width, height = picture.size
    colours = {
        colour for _, colour in picture.crop((width // 2, 4, width, height - 4)).getcolors(maxcolors=10_000) or ()
    }
    assert height == 48
    assert (*ImageColor.getrgb(badge.colour), 255) in colours
    assert (255, 255, 255, 255) in colours
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0), "the corner is round"


def test_the_words_fit_and_longer_ones_make_it_wider() -> None:
    widths = {badge.word: opened(badge).width for badge in BADGES}
    assert widths["revoked"] < widths["under review"] < widths["certified until 2027-11-23"]
    picture = opened(BADGES[0])
    edge = picture.crop((picture.width - 12, 8, picture.width - 8, 40))
    assert len(edge.getcolors() or ()) == 1, "nothing is cut off at the right"


def test_each_state_has_a_symbol_of_its_own() -> None:
    shapes = set()
    for badge in BADGES:
        same = Badge(label="a", word="b", symbol=badge.symbol, colour="#000000")
        shapes.add(png(same))
    assert len(shapes) == len(BADGES)
