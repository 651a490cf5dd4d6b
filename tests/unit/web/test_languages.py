"""Every language says everything, with the same places to fill in and the same markup."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po
from starlette.requests import Request

from allmende.testing.messages import Message, messages
from allmende.web.languages import ENGLISH, NAMES, language_of, translations
from allmende.web.words import count, relative

OTHERS = [language for language in NAMES if language != ENGLISH]
PARTS = (r"%\(\w+\)s|\{n\}", r"</?\w+[^>]*>")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def asking(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": pairs})


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_exactly_the_messages_of_the_pages_and_says_them_all(language: str) -> None:
    with (files("allmende.web") / "catalogues" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    said = {message.id: message.string for message in catalogue if message.id}
    wanted: set[Message] = set(messages())
    assert {id_ if isinstance(id_, str) else tuple(id_) for id_ in said} == wanted
    for id_, string in said.items():
        forms = (string,) if isinstance(string, str) else tuple(string or ("",))
        assert all(form.strip() for form in forms), id_


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_and_the_markup_of_the_original(language: str) -> None:
    said = translations(language)
    for message in messages():
        pairs = (
            [(message, said.gettext(message))]
            if isinstance(message, str)
            else [(message[0], said.ngettext(*message, 1)), (message[1], said.ngettext(*message, 2))]
        )
        for original, translated in pairs:
            for part in PARTS:
                assert Counter(re.findall(part, original)) == Counter(re.findall(part, translated)), original


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"),
        ({"Accept_Language": "de-CH,de;q=0.9,en;q=0.8"}, "de"),
        ({"Accept_Language": "rm, it;q=0.7, fr;q=0.8"}, "fr"),
        ({"Accept_Language": "en;q=0.1, it-CH;q=0.2"}, "it"),
        ({"Accept_Language": "de", "Cookie": "language=it"}, "it"),
        ({"Accept_Language": "de;q=0, fr;q=x, ja, *"}, "en"),
        ({"Accept_Language": "," * 5000 + "de"}, "en"),
        ({"Accept_Language": "de", "Cookie": "language=../../etc"}, "de"),
    ],
)
def test_the_chosen_language_comes_before_what_the_browser_wants(headers: dict[str, str], language: str) -> None:
    assert language_of(asking(**headers)) == language


def test_times_and_counts_are_told_in_each_language() -> None:
    german, french = translations("de"), translations("fr")
    assert relative(NOW - timedelta(hours=3), NOW, german) == "vor 3 Stunden"
    assert relative(NOW + timedelta(days=1), NOW, german) == "in 1 Tag"
    assert relative(NOW, NOW, german) == "gerade eben"
    assert count(1, "testcase", messages=german) == "1 Testfall"
    assert count(0, "subject", messages=french) == "0 sujet", "none is one in French"
    assert count(2, "subject", messages=french) == "2 sujets"
    assert count(2, "entry", "entries", german) == "2 Einträge"
