"""Which language a page is in: the one that was chosen, else the first that the browser wants and there is.

English is the language of the templates; the others are message catalogues (gettext) beside them. The standards' own
texts, and what reports say, stay in the language they were written in.
"""

import gettext
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

ENGLISH = "en"
NAMES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français", "it": "Italiano"}
COOKIE = "language"

_MOST_ASKED = 20
_YEAR = 365 * 24 * 3600
_INSIDE = re.compile(r"/(?:[\w.~%!$&'()*+,;=:@-]+/?)*")
"""A path of this site: it begins with one slash, and no two follow each other."""


def language_of(request: Request) -> str:
    """Return the language for this request, as in `NAMES`."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in NAMES:
        return chosen
    return next(
        (name for name in _wanted(request.headers.get("Accept-Language", "")) if name in NAMES),
        ENGLISH,
    )


def translations(language: str) -> gettext.NullTranslations:
    """Return the messages of a language; those of English are the templates' own."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with (files("allmende.web") / "catalogues" / f"{language}.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def all_translations() -> Mapping[str, gettext.NullTranslations]:
    """Return the messages of every language."""
    return {language: translations(language) for language in NAMES}


def language_route() -> Route:
    """Return the route that remembers which language a reader chose, and leads back to the page they were on."""

    async def choose(request: Request) -> Response:
        chosen, place = request.path_params["language"], request.query_params.get("to", "/")
        if chosen not in NAMES:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        response = RedirectResponse(place if _INSIDE.fullmatch(place) else "/", HTTPStatus.SEE_OTHER)
        is_secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, secure=is_secure, httponly=True, samesite="lax")
        return response

    return Route("/language/{language}", choose, methods=["GET"], name="language")


def _wanted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header without their regions, the most wanted first (RFC 9110)."""
    wanted = []
    for part in header.split(",")[:_MOST_ASKED]:
        tag, _, parameter = part.strip().partition(";")
        quality = parameter.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if weight > 0:
            wanted.append((weight, tag.partition("-")[0].lower()))
    return [tag for _, tag in sorted(wanted, key=lambda each: -each[0])]
