"""The style sheet keeps what design/pages.md promises: contrast, size, one scale, nothing from elsewhere."""

import re

import pytest

from allmende.web.assets import load_assets

SHEET = load_assets()["allmende.css"].content.decode()
LIGHT, DARK = (
    dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{\n(.*?)\n\s*\}", SHEET, flags=re.DOTALL)[:2]
)
PAIRS = [
    *[("--text", field) for field in ("--page", "--raised")],
    *[("--quiet", field) for field in ("--page", "--raised")],
    *[("--accent", field) for field in ("--page", "--raised")],
    *[(f"--{state}", f"--{state}-field") for state in ("pass", "fail", "dnf", "miss", "soon")],
    *[(f"--{state}", field) for state in ("pass", "fail", "dnf", "miss") for field in ("--page", "--raised")],
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "field"), PAIRS)
def test_every_pair_of_colours_can_be_read(palette: dict[str, str], ink: str, field: str) -> None:
    assert contrast(palette[ink], palette[field]) >= 4.5


def test_both_palettes_define_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_colours_stand_in_the_palettes_only() -> None:
    rules = re.sub(r":root \{.*?\}", "", SHEET, flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


def test_the_sheet_is_light_and_loads_nothing() -> None:
    assert len(SHEET.encode()) < 30_000
    assert re.findall(r"url\(|@import|@font-face|https?:", SHEET) == []


def test_type_sizes_are_steps_of_one_scale() -> None:
    sizes = [float(size) for size in re.findall(r"(?:--\w+|font-size): ([\d.]+)rem", SHEET)]
    steps = [1.2**step for step in range(-1, 5)]

    assert sizes
    assert all(min(abs(size - step) for step in steps) < 0.001 for size in sizes)


@pytest.mark.parametrize("feature", ["prefers-color-scheme: dark", "prefers-reduced-motion", "@media print"])
def test_the_sheet_follows_what_the_reader_prefers(feature: str) -> None:
    assert feature in SHEET
