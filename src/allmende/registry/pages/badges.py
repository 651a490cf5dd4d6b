"""What a badge says of a certificate, and drawing it: as SVG, and as a bitmap for places that show none."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from starlette.responses import Response

from allmende.errors import UnknownNameError
from allmende.registry.model.assessment import CertificateRecord, Standing
from allmende.web.languages import ENGLISH
from allmende.web.render import Templates

BADGE_SECONDS = 300
"""How long others may show a badge without asking again."""

_CHARACTER = 6.6
_MARGIN = 10

_HEIGHT, _RADIUS, _FONT, _PAD, _GAP, _SYMBOL, _STROKE = 48, 8, 24, 20, 10, 20, 4
"""Of the bitmap, in pixels."""

_DARK = "#22303c"
_LINES = {
    "✓": (((0, 0.55), (0.38, 0.9), (1, 0.1)),),
    "✕": (((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))),
    "–": (((0, 0.5), (1, 0.5)),),  # noqa: RUF001 -- a dash is meant
    "?": (((0.15, 0.25), (0.35, 0.05), (0.7, 0.05), (0.85, 0.3), (0.5, 0.6), (0.5, 0.7)), ((0.5, 0.9), (0.5, 1.0))),
}
"""The symbols of states as lines in a square, because not every font has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A badge: what it is for, and what that is worth; widths are in pixels."""

    label: str
    word: str
    symbol: str
    colour: str

    @property
    def left(self) -> float:
        """The width of the label."""
        return round(len(self.label) * _CHARACTER + 2 * _MARGIN, 1)

    @property
    def right(self) -> float:
        """The width of the word."""
        return round((len(self.word) + 2) * _CHARACTER + 2 * _MARGIN, 1)


def badge_of(record: CertificateRecord) -> Badge:
    """Return what the badge of a certificate says: green only while it is active and its version passes today."""
    label = f"{record.scope.name} {record.certificate.version}"
    return badge_of_standing(
        label, record.standing, record.certificate.expires_at, is_due_for_review=record.is_due_for_review
    )


def badge_of_standing(label: str, standing: Standing, expires_at: datetime, *, is_due_for_review: bool) -> Badge:
    """Return a badge with this label that says what a certificate is worth."""
    end = expires_at.date().isoformat()
    if is_due_for_review:
        return Badge(label=label, word="under review", symbol="?", colour="#8a5a00")
    match standing:
        case Standing.ACTIVE:
            return Badge(label=label, word=f"certified until {end}", symbol="✓", colour="#1a6b3c")
        case Standing.SUSPENDED:
            return Badge(label=label, word="suspended", symbol="?", colour="#8a5a00")
        case Standing.EXPIRED:
            return Badge(label=label, word=f"expired on {end}", symbol="–", colour="#555e68")  # noqa: RUF001 -- a dash is meant
        case Standing.REVOKED:
            return Badge(label=label, word="revoked", symbol="✕", colour="#a3201d")


def drawn(templates: Templates, form: str, badge: Badge) -> Response:
    """Answer a badge as SVG or PNG; UnknownNameError for another form."""
    headers = {"Cache-Control": f"public, max-age={BADGE_SECONDS}", "Cross-Origin-Resource-Policy": "cross-origin"}
    match form:
        case "svg":
            template = templates.environments[ENGLISH].get_template("registry/badge.svg")
            return Response(template.render(badge=badge), media_type="image/svg+xml", headers=headers)
        case "png":
            return Response(png(badge), media_type="image/png", headers=headers)
        case other:
            raise UnknownNameError(f"A badge is no {other}.", hint="It is drawn as badge.svg and badge.png.")


def png(badge: Badge) -> bytes:
    """Return the badge as a PNG of twice the height of the SVG, for sharp screens; its symbol is drawn as lines."""
    font = ImageFont.load_default(_FONT)
    label, word = font.getlength(badge.label), font.getlength(badge.word)
    left, width = round(label + 2 * _PAD), round(label + word + 4 * _PAD + _SYMBOL + _GAP)
    picture = Image.new("RGBA", (width, _HEIGHT))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, width - 1, _HEIGHT - 1), _RADIUS, fill=badge.colour)
    draw.rounded_rectangle((0, 0, left, _HEIGHT - 1), _RADIUS, fill=_DARK, corners=(True, False, False, True))
    middle = _HEIGHT / 2
    draw.text((_PAD, middle), badge.label, fill="white", font=font, anchor="lm")
    draw.text((left + _PAD + _SYMBOL + _GAP, middle), badge.word, fill="white", font=font, anchor="lm")
    for line in _LINES.get(badge.symbol, ()):
        points = [(left + _PAD + x * _SYMBOL, middle + (y - 0.5) * _SYMBOL) for x, y in line]
        draw.line(points, fill="white", width=_STROKE, joint="curve")
    kept = BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()
